import type { GpuUsage, IdleStretch } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { overlapMs } from './phases.ts';
import {
  clear,
  type Evidence,
  type Interval,
  notJudged,
  type Severity,
  type Threshold,
  type Verdict,
} from './rule.ts';
import { observedMs } from './severity.ts';

/** Thresholds of the idle rules; a real forgotten tail lasted 883 s, so a 15 min rule would have missed it. */
export const idleThresholds = {
  idleFor: {
    value: 300_000,
    unit: 'ms',
    why: 'longer than the validation and checkpoint pauses of training logs; what is shorter counts as waiting',
  },
  mostlyIdle: {
    value: 0.5,
    unit: 'share',
    why: 'a model that is loaded without requests shows blips of some seconds, which cut its idle time into stretches below idleFor',
  },
  warningFor: {
    value: 840_000,
    unit: 'ms',
    why: 'the forgotten tail of a real training log lasted 883 s: 15 min would miss it',
  },
  warningShare: {
    value: 0.25,
    unit: 'share',
    why: 'a quarter of what was watched is worth a warning however short the session',
  },
  criticalFor: {
    value: 3_600_000,
    unit: 'ms',
    why: 'a full hour: the smallest unit that several providers bill',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

interface IdleLimits {
  readonly idleFor: number;
  readonly mostlyIdle: number;
  readonly warningFor: number;
  readonly warningShare: number;
  readonly criticalFor: number;
}

/** One kind of idle time, held or empty: what it is called and how much of a stretch is of it. */
export interface IdleKind {
  readonly signal: string;
  readonly ofStretch: (stretch: IdleStretch) => number;
  readonly summary: (longestMs: number, stretches: number) => string;
}

/**
 * Idle is called where a stretch is long enough, or where idle time of this kind is most of what was observed. A stretch
 * counts if all of its idle time reaches the threshold, and if this kind reaches it too or is the larger part: a stretch that turns from held to empty half way is not lost between the two rules.
 */
export function judgeIdle(
  usage: GpuUsage,
  limits: IdleLimits,
  kind: IdleKind,
  explained: readonly Interval[],
): Verdict {
  const observed = observedMs(usage.total);
  if (observed < limits.idleFor) {
    return notJudged(`watched for less than the ${limits.idleFor / 60_000} min that make it idle`);
  }
  const unexplained = usage.idleStretches.filter((stretch) =>
    // A long stretch is not forgotten because a start-up ends it.
    explained.every(
      (interval) => overlapMs(interval, stretch) * 2 < stretch.endMs - stretch.startMs,
    ),
  );
  const long = unexplained.filter((stretch) => {
    const idle = stretch.heldMs + stretch.emptyMs;
    const part = kind.ofStretch(stretch);
    return idle >= limits.idleFor && (part >= limits.idleFor || part * 2 >= idle);
  });
  const pieces = unexplained.filter((stretch) => kind.ofStretch(stretch) > 0);
  const isMostlyIdle = sumOf(pieces, kind) >= limits.mostlyIdle * observed;
  const found = isMostlyIdle ? pieces : long;
  if (found.length === 0) return clear;

  const longest = Math.max(...found.map((stretch) => stretch.heldMs + stretch.emptyMs));
  const sum = sumOf(found, kind);
  const share = sum / observed;
  return {
    outcome: 'detected',
    severity: severity(longest, share, limits),
    confidence: 0.95,
    summary: kind.summary(longest, found.length),
    evidence: [
      longest >= limits.idleFor
        ? atLeast('longest idle stretch', longest, limits.idleFor, 'ms')
        : seen('longest idle stretch', longest, 'ms'),
      seen(kind.signal, sum, 'ms'),
      isMostlyIdle
        ? atLeast('share of the observed time', share, limits.mostlyIdle, 'share')
        : seen('share of the observed time', share, 'share'),
      ...memory(found),
    ],
    intervals: found.map(({ startMs, endMs }) => ({ startMs, endMs })),
    recoverableMs: sum,
  };
}

function sumOf(stretches: readonly IdleStretch[], kind: IdleKind): number {
  return stretches.reduce((sum, stretch) => sum + kind.ofStretch(stretch), 0);
}

function severity(longestMs: number, share: number, limits: IdleLimits): Severity {
  if (longestMs >= limits.criticalFor) return 'critical';
  return longestMs >= limits.warningFor || share >= limits.warningShare ? 'warning' : 'info';
}

function memory(stretches: readonly IdleStretch[]): readonly Evidence[] {
  const known = stretches.flatMap(({ memoryUsedMib }) =>
    memoryUsedMib === null ? [] : [memoryUsedMib],
  );
  return known.length === 0 ? [] : [seen('memory in use while idle', Math.max(...known), 'MiB')];
}

/** "14 min in one stretch", "2.5 h in the longest of 3 stretches". */
export function longestOf(longestMs: number, stretches: number): string {
  const where = stretches === 1 ? 'one stretch' : `the longest of ${stretches} stretches`;
  return `${inWords(longestMs)} in ${where}`;
}

/** "14 min", "2.5 h": for sentences, exact values are in the evidence. */
export function inWords(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
