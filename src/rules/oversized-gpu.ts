import type { Phase } from '../usage/usage.ts';
import { below } from './evidence.ts';
import { coreThresholds, feedThresholds, hostLoad, pressureThresholds } from './host-evidence.ts';
import {
  longPhases,
  memoryTotalMib,
  steadyPart,
  tooShort,
  total,
  withoutExplained,
} from './phases.ts';
import { clear, defineRule, type Evidence, notJudged } from './rule.ts';
import { severityOf, underfilledMs } from './severity.ts';
import { waitingPhases, waitThresholds } from './waits.ts';

export const oversizedGpu = defineRule({
  meta: {
    id: 'oversized-gpu',
    title: 'A smaller GPU would carry this work',
    rationale:
      'Memory, compute and bandwidth of a large GPU are paid for by the hour whether they are used or not.',
    decision:
      'In every phase of at least workFor the 95th percentile of memory in use is below memoryBelow of the card, and either the 95th percentile of utilization is below utilizationBelow or the mean load below loadBelow. Phases in which the GPU waits (mean utilization from lightBelow to waitBelow) count only where host signals are there and quiet: a starved GPU says nothing of the size that it needs. Held memory alone proves nothing, because frameworks pre-allocate it.',
    confirm:
      'Run the job for some minutes on a smaller GPU (or a MIG slice) of the same generation and compare samples per second with the price per hour.',
    wrongWhen:
      'A peak that was not recorded needs the memory or the speed (long prompts, evaluation, the next model), latency matters more than throughput, or TensorFlow `allow_growth` and the like are off so that memory in use says little.',
    remediation: [
      {
        action: 'Give the GPU more to do: a larger batch, or a second job beside this one.',
        detail:
          'Larger batches need a matching learning rate. Jobs share a GPU by MPS, MIG slices or time-slicing; a server can hold several models.',
      },
      {
        action: 'Take a smaller GPU of the rate card.',
        detail:
          '`gpucost whatif` lists those of the rate cards that carry it: memory peak with a fifth in reserve, how much longer it takes, what it costs.',
      },
      {
        action: 'For rare requests, take a service that is billed by request or scales to zero.',
        detail: 'A GPU at a few per cent of utilization is mostly a reserve.',
      },
    ],
    requires: ['utilization', 'memory'],
    claims: ['underfilled', 'waiting'],
    yieldsTo: [
      'io-bound',
      'cpu-bound-input',
      'host-bound',
      'transfer-bound',
      'memory-oversubscribed',
    ],
    thresholds: {
      ...waitThresholds,
      ...pressureThresholds,
      ...coreThresholds,
      reading: feedThresholds.reading,
      lightBelow: {
        value: 10,
        unit: '%',
        why: 'below a tenth the GPU has little to do rather than being kept from it',
      },
      memoryBelow: {
        value: 40,
        unit: '%',
        why: 'untested start: a card of half the memory still has a fifth in reserve',
      },
      utilizationBelow: {
        value: 50,
        unit: '%',
        why: 'untested start: even in its busy windows a kernel ran less than half of the time',
      },
      loadBelow: {
        value: 0.3,
        unit: 'share',
        why: 'untested start: under a third of the power between idle and limit; well-run training draws 78 to 98 % of the limit',
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const all = longPhases(usage, limits.workFor);
    if (all.length === 0) return clear;
    // A wrapped command that only holds the GPU has phases, too.
    if (usage.total.busyMs === 0)
      return notJudged('no kernel ran: what the work needs is not known');
    // A phase that another rule explains leaves the need unknown for the GPU as a whole: it must fit them all.
    if (withoutExplained(all, context.explained).length < all.length) {
      return notJudged('the GPU was held up for another reason: what it needs is not known');
    }
    const memoryTotal = memoryTotalMib(usage, context);
    if (memoryTotal === null) return notJudged("the size of the GPU's memory is not known");

    const judged = all.map((phase) => ({ phase, light: lightness(phase, limits) }));
    if (judged.some(({ light }) => light === 'no')) return clear;
    const peakPct = (Math.max(...all.map(memoryP95)) / memoryTotal) * 100;
    if (judged.some(({ light }) => light === 'unknown')) {
      return peakPct < limits.memoryBelow
        ? notJudged('little memory is used, but without power nobody knows how full the GPU was')
        : clear;
    }
    if (peakPct >= limits.memoryBelow) {
      return notJudged(
        `the GPU is lightly loaded, but ${Math.round(peakPct)} % of its memory is held: needed or only pre-allocated can't be told`,
      );
    }
    const starved = waitingPhases(usage, limits, context).some(
      (phase) =>
        phase.utilizationPct.mean >= limits.lightBelow && hostLoad(phase, limits).is !== 'quiet',
    );
    if (starved) {
      return notJudged('the GPU waits: what size it needs is known only once it is fed');
    }
    const recoverable = total(all, (phase) => phase.waitingMs + underfilledMs(phase));
    const heaviest = all.reduce((a, b) => (b.utilizationPct.p95 > a.utilizationPct.p95 ? b : a));
    return {
      outcome: 'detected',
      severity: severityOf(recoverable, usage),
      confidence: usage.basis === 'utilization' ? 0.4 : 0.55,
      summary: `The work used at most ${Math.round(peakPct)} % of the GPU's memory and left most of the rest idle too.`,
      evidence: [
        below(
          'memory in use, 95th percentile of the largest phase',
          peakPct,
          limits.memoryBelow,
          '%',
        ),
        ...lightEvidence(heaviest, limits),
      ],
      intervals: all.map(steadyPart),
      recoverableMs: recoverable,
    };
  },
});

interface LightLimits {
  readonly utilizationBelow: number;
  readonly loadBelow: number;
}

function lightness(phase: Phase, limits: LightLimits): 'yes' | 'no' | 'unknown' {
  if (phase.utilizationPct.p95 < limits.utilizationBelow) return 'yes';
  if (phase.load === null) return 'unknown';
  return phase.load.mean < limits.loadBelow ? 'yes' : 'no';
}

function lightEvidence(phase: Phase, limits: LightLimits): readonly Evidence[] {
  const { utilizationPct, load } = phase;
  return [
    ...(utilizationPct.p95 < limits.utilizationBelow
      ? [below('utilization, 95th percentile', utilizationPct.p95, limits.utilizationBelow, '%')]
      : []),
    ...(load !== null && load.mean < limits.loadBelow
      ? [below('load, from power', load.mean, limits.loadBelow, 'share')]
      : []),
  ];
}

function memoryP95(phase: Phase): number {
  return phase.memoryUsedMib?.p95 ?? Number.POSITIVE_INFINITY;
}
