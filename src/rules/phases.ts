import type { GpuUsage, Phase } from '../usage/usage.ts';
import { below } from './evidence.ts';
import { type Evidence, type Interval, notJudged, type RuleContext, type Verdict } from './rule.ts';

/** The steady part of a phase: what rules judge and claim. */
export function steadyPart(phase: Phase): Interval {
  return { startMs: phase.steadyStartMs, endMs: phase.steadyEndMs };
}

/** Phases whose steady part was observed for at least `minMs`. */
export function longPhases(usage: GpuUsage, minMs: number): readonly Phase[] {
  return usage.phases.filter((phase) => phase.observedMs >= minMs);
}

/** Leaves out phases of which at least half of the steady part is in the given intervals. */
export function withoutExplained(
  phases: readonly Phase[],
  explained: readonly Interval[],
): readonly Phase[] {
  return phases.filter((phase) => {
    const part = steadyPart(phase);
    const covered = explained.reduce((sum, interval) => sum + overlapMs(part, interval), 0);
    return covered < (part.endMs - part.startMs) / 2;
  });
}

export function overlapMs(a: Interval, b: Interval): number {
  return Math.max(0, Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs));
}

/** Why nothing can be said of a GPU that worked, but never long enough; null where a phase is long enough. */
export function tooShort(usage: GpuUsage, minMs: number): Verdict | null {
  if (usage.phases.length === 0 || longPhases(usage, minMs).length > 0) return null;
  return notJudged(
    `no stretch of work was observed for ${minMs / 1000} s beyond its warm-up and tear-down`,
  );
}

/** Why load can't be judged although power was reported; null where some phase has it, or there is none. */
export function withoutLoad(phases: readonly Phase[]): Verdict | null {
  return phases.length > 0 && phases.every((phase) => phase.load === null) ? loadUnknown : null;
}

export const loadUnknown = notJudged(
  "power could not be related to the GPU's limit and to its power at rest: record ten seconds with memory held and nothing running, too",
);

/** Load of a phase, or what it can't exceed. */
export interface LoadBound {
  readonly value: number;
  readonly evidence: (limit: number) => Evidence;
}

/**
 * Load from power; where the GPU was never seen at rest, the share of the limit that it drew: (P − rest) / (limit − rest)
 * is never more than P / limit. Null where the limit is not known either.
 */
export function loadAtMost(phase: Phase, { powerReferenceW }: GpuUsage): LoadBound | null {
  const { load, powerW } = phase;
  if (load !== null) {
    return {
      value: load.mean,
      evidence: (limit) => below('load, from power', load.mean, limit, 'share'),
    };
  }
  if (powerW === null || powerReferenceW === null || powerReferenceW <= 0) return null;
  const value = powerW / powerReferenceW;
  return {
    value,
    evidence: (limit) => below('power, of its limit (load is not more)', value, limit, 'share'),
  };
}

export function total(phases: readonly Phase[], read: (phase: Phase) => number): number {
  return phases.reduce((sum, phase) => sum + read(phase), 0);
}

/** Size of the GPU's memory as the driver prints it, else from the GPU table. */
export function memoryTotalMib(usage: GpuUsage, context: RuleContext): number | null {
  const gib = context.spec?.memoryGib ?? null;
  return usage.identity.memoryTotalMib ?? (gib === null ? null : gib * 1024);
}
