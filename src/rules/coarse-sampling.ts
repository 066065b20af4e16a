import { atLeast, seen } from './evidence.ts';
import { clear, defineRule } from './rule.ts';
import { observedMs } from './severity.ts';

/** Utilization looks back over 1/6 s to 1 s, by product (NVML, nvmlUtilization_t). */
const shortestLookMs = 1000 / 6;
const longestLookMs = 1000;

export const coarseSampling = defineRule({
  meta: {
    id: 'coarse-sampling',
    title: 'Samples are so far apart that most of the time was never looked at',
    rationale:
      "nvidia-smi's utilization covers only the last 1/6 to 1 s before each sample. What happened between is an extrapolation, and short waits or bursts fall through.",
    decision:
      'The median time between samples is at least interval. Nothing is recoverable: it limits how far the other numbers can be trusted.',
    confirm:
      'Compare the timestamps of neighbouring rows; record ten minutes at `--interval 1s` and compare the two utilizations.',
    wrongWhen: 'The load is even over the whole time: then few samples give the same mean as many.',
    remediation: [
      {
        action: 'Record at 1 s: `gpucost watch --interval 1s`, or `nvidia-smi … -l 1`.',
        detail:
          'One nvidia-smi kept running costs little; starting one for each sample is what is dear.',
      },
    ],
    requires: ['utilization'],
    claims: [],
    yieldsTo: [],
    thresholds: {
      interval: {
        value: 10_000,
        unit: 'ms',
        why: 'at 10 s utilization looks at 1.7 to 10 % of the time (NVML: the last 1/6 to 1 s, by product)',
      },
    },
  },
  evaluate(usage, limits) {
    if (usage.samples < 2 || usage.nominalMs < limits.interval) return clear;
    const low = shortestLookMs / usage.nominalMs;
    const high = longestLookMs / usage.nominalMs;
    const first = usage.cells[0];
    const last = usage.cells.at(-1);
    return {
      outcome: 'detected',
      severity: 'info',
      confidence: 1,
      summary: `One sample every ${Math.round(usage.nominalMs / 1000)} s: utilization looked at ${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)} % of the time.`,
      evidence: [
        atLeast('median time between samples', usage.nominalMs, limits.interval, 'ms'),
        seen('share of the time looked at, at least', low, 'share'),
        seen('share of the time looked at, at most', high, 'share'),
        seen('observed', observedMs(usage.total), 'ms'),
      ],
      intervals:
        first === undefined || last === undefined
          ? []
          : [{ startMs: first.startMs, endMs: last.endMs }],
      recoverableMs: 0,
    };
  },
});
