import type { GpuUsage, Phase } from '../usage/usage.ts';
import { atMost, seen } from './evidence.ts';
import { longPhases, overlapMs, steadyPart, tooShort, total, withoutExplained } from './phases.ts';
import {
  clear,
  type Evidence,
  notJudged,
  type Remedy,
  type RuleContext,
  type Threshold,
  type Verdict,
} from './rule.ts';
import { severityOf } from './severity.ts';

/** When a GPU counts as waiting for its job; shared by the rules that name a cause and the one that can't. */
export const waitThresholds = {
  workFor: {
    value: 60_000,
    unit: 'ms',
    why: 'shorter stretches are start-up, a test or a few steps, not a job',
  },
  waitBelow: {
    value: 80,
    unit: '%',
    why: 'mean utilization at or below this for a whole phase: well-fed training reads 84 % and more',
  },
  waitUntil: {
    value: 88,
    unit: '%',
    why: 'hysteresis: eight equal ranks of one job read 83.8 to 85.2 %, and one job must get one verdict',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

export interface WaitLimits {
  readonly workFor: number;
  readonly waitBelow: number;
  readonly waitUntil: number;
}

/**
 * Phases in which the GPU waits: mean utilization at or below waitBelow; or at or below waitUntil right
 * after such a phase, or beside one at the same time on another GPU of the machine.
 */
export function waitingPhases(
  usage: GpuUsage,
  limits: WaitLimits,
  context: RuleContext,
): readonly Phase[] {
  const clearlyWaiting = context.machineGpus
    .filter((gpu) => gpu !== usage)
    .flatMap((gpu) => longPhases(gpu, limits.workFor))
    .filter((phase) => phase.utilizationPct.mean <= limits.waitBelow);
  const waiting: Phase[] = [];
  let previousWaits = false;
  for (const phase of longPhases(usage, limits.workFor)) {
    const mean = phase.utilizationPct.mean;
    const waits: boolean =
      mean <= limits.waitBelow ||
      (mean <= limits.waitUntil &&
        (previousWaits || clearlyWaiting.some((other) => isSameTime(phase, other))));
    if (waits) waiting.push(phase);
    previousWaits = waits;
  }
  return waiting;
}

function isSameTime(a: Phase, b: Phase): boolean {
  const part = steadyPart(a);
  return overlapMs(part, steadyPart(b)) * 2 >= part.endMs - part.startMs;
}

/** What proves a cause on one phase; null where the signals are there and speak against it. */
interface Proof {
  readonly evidence: readonly Evidence[];
  readonly confidence: number;
  readonly remediation?: readonly Remedy[];
  /** What was seen in this phase, in place of the cause's own words. */
  readonly summary?: string;
}

export interface Cause {
  readonly summary: string;
  /** What is missing where prove answers 'unknown'. */
  readonly needs: string;
  readonly prove: (phase: Phase) => Proof | 'unknown' | null;
}

/** Judges one cause of waiting: each waiting phase by itself, the one that lost most gives the evidence. */
export function judgeCause(
  usage: GpuUsage,
  limits: WaitLimits,
  context: RuleContext,
  cause: Cause,
): Verdict {
  const short = tooShort(usage, limits.workFor);
  if (short !== null) return short;
  const waiting = withoutExplained(waitingPhases(usage, limits, context), context.explained);
  if (waiting.length === 0) return clear;

  const judged = waiting.map((phase) => ({ phase, proof: cause.prove(phase) }));
  const proven = judged.flatMap(({ phase, proof }) =>
    proof === null || proof === 'unknown' ? [] : [{ phase, proof }],
  );
  const [first, ...rest] = proven;
  if (first === undefined) {
    return judged.some(({ proof }) => proof === 'unknown') ? notJudged(cause.needs) : clear;
  }
  const worst = rest.reduce((a, b) => (b.phase.waitingMs > a.phase.waitingMs ? b : a), first);
  const phases = proven.map(({ phase }) => phase);
  const waitingMs = total(phases, (phase) => phase.waitingMs);
  return {
    outcome: 'detected',
    severity: severityOf(waitingMs, usage),
    confidence: worst.proof.confidence,
    summary: worst.proof.summary ?? cause.summary,
    evidence: [...waitEvidence(worst.phase, limits), ...worst.proof.evidence],
    intervals: phases.map(steadyPart),
    recoverableMs: waitingMs,
    ...(worst.proof.remediation === undefined ? {} : { remediation: worst.proof.remediation }),
  };
}

export function waitEvidence(phase: Phase, limits: WaitLimits): readonly Evidence[] {
  const mean = phase.utilizationPct.mean;
  const limit = mean <= limits.waitBelow ? limits.waitBelow : limits.waitUntil;
  return [
    atMost('mean utilization of the phase', mean, limit, '%'),
    seen('no kernel was resident', phase.waitingMs, 'ms'),
  ];
}
