import { type GateEvidence, lackingEvidence, noiseOf } from './gate-evidence.ts';
import type { Report } from './report.ts';
import { isSuppressed } from './suppress.ts';

/** What a broken limit does: `warn` is shown, `error` ends with exit code 1. */
export type GateLevel = 'warn' | 'error';

export interface GateLimit<T> {
  readonly limit: T;
  readonly level: GateLevel;
}

/** What a pipeline does not accept; null or an empty list is no gate. */
export interface GateLimits {
  /** Share of observed time and money, 0–1. */
  readonly maxWaste: GateLimit<number> | null;
  /** Share of observed time and money, 0–1. */
  readonly minEffective: GateLimit<number> | null;
  /** Billed, in the report's currency. */
  readonly maxCost: GateLimit<number> | null;
  /** Severities (that and worse) and rule ids. */
  readonly failOn: readonly GateLimit<string>[];
  /** A gate that can't be judged counts as broken. */
  readonly strict: boolean;
  readonly evidence: GateEvidence;
}

type Gate = Report['gates'][number];

/** A verdict before level and strictness turn it into the result. */
interface Verdict {
  readonly actual: number | string | null;
  readonly holds: boolean | null;
  readonly reason: string | null;
}

export const severities = ['info', 'warning', 'critical'] as const;

/**
 * Judges a report against limits. Shares count at the end that is beyond doubt: waste at its least, effective time at
 * its most. Without enough evidence a gate is `not-judged`, with the reason; what is billed needs none, it goes by
 * the clock. A cost gate needs a cost: check that before.
 */
export function judgeGates(report: Report, limits: GateLimits): Gate[] {
  const { maxWaste, minEffective, maxCost, failOn, strict } = limits;
  const gate = <T extends number | string>(
    name: string,
    limit: GateLimit<T> | null,
    judge: (limit: T) => Verdict,
  ): Gate[] => (limit === null ? [] : [toGate(name, limit, judge(limit.limit), strict)]);
  return [
    ...gate('max-waste', maxWaste, (limit) => {
      const wasted = wastedAtLeast(report);
      return shareVerdict(wasted, limit, wasted !== null && wasted <= limit, report, limits);
    }),
    ...gate('min-effective', minEffective, (limit) => {
      const wasted = wastedAtLeast(report);
      const effective = wasted === null ? null : 1 - wasted;
      return shareVerdict(
        effective,
        limit,
        effective !== null && effective >= limit,
        report,
        limits,
      );
    }),
    ...gate('max-cost', maxCost, (limit) => costVerdict(report, limit)),
    ...failOn.flatMap((wanted) =>
      gate('fail-on', wanted, (limit) => findingVerdict(report, limit, limits)),
    ),
  ];
}

function toGate(
  name: string,
  { limit, level }: GateLimit<number | string>,
  { actual, holds, reason }: Verdict,
  strict: boolean,
): Gate {
  const broken = level === 'warn' ? 'warn' : 'fail';
  if (holds === null) {
    return strict
      ? { name, limit, actual, result: broken, level, reason: `not judged, and strict: ${reason}` }
      : { name, limit, actual, result: 'not-judged', level, reason };
  }
  return { name, limit, actual, result: holds ? 'pass' : broken, level, reason };
}

/** The share that was wasted beyond doubt: of money, or of time where there is no money; null where nothing was observed. */
function wastedAtLeast({ gpuHours, cost }: Report): number | null {
  if (cost !== null) return cost.wastedShare.low;
  const judged = gpuHours.billed - gpuHours.byState.unobserved - gpuHours.byState.rounding;
  return judged > 0 ? gpuHours.wasted.low / judged : null;
}

function shareVerdict(
  actual: number | null,
  limit: number,
  holds: boolean,
  report: Report,
  { evidence }: GateLimits,
): Verdict {
  const lacking = lackingEvidence(report, evidence);
  if (actual === null || lacking !== null) {
    return { actual, holds: null, reason: lacking ?? 'nothing was observed' };
  }
  const noise = noiseOf(actual, report, evidence.standardErrors);
  if (Math.abs(actual - limit) > noise || actual === limit) return { actual, holds, reason: null };
  const points = Math.ceil(noise * 1000) / 10;
  return {
    actual,
    holds: null,
    reason: `the limit lies within what the sampling can tell (± ${points} points): watch longer, or sample more often`,
  };
}

function costVerdict(report: Report, limit: number): Verdict {
  const actual = report.cost?.billed ?? null;
  return actual === null
    ? { actual, holds: null, reason: 'there is no cost' }
    : { actual, holds: actual <= limit, reason: null };
}

function findingVerdict(report: Report, wanted: string, { evidence }: GateLimits): Verdict {
  const level = severities.findIndex((severity) => severity === wanted);
  const hit = report.findings.find(({ rule, severity }) =>
    level < 0 ? rule === wanted : severities.indexOf(severity) >= level,
  );
  if (hit !== undefined) return { actual: hit.rule, holds: false, reason: null };
  const lacking = lackingEvidence(report, evidence);
  if (lacking !== null) return { actual: null, holds: null, reason: lacking };
  const skipped = report.notJudged.filter(({ rule }) => rule === wanted);
  const open = skipped.find(({ reason }) => !isSuppressed(reason));
  if (open !== undefined) return { actual: null, holds: null, reason: open.reason };
  return { actual: null, holds: true, reason: skipped[0]?.reason ?? null };
}
