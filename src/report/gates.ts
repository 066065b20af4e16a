import type { Report } from './report.ts';

/** What a pipeline does not accept; null or an empty list is no gate. */
export interface GateLimits {
  /** Share of observed time and money, 0–1. */
  readonly maxWaste: number | null;
  /** Billed, in the report's currency. */
  readonly maxCost: number | null;
  /** Severities (that and worse) and rule ids. */
  readonly failOn: readonly string[];
}

type Gate = Report['gates'][number];

export const severities = ['info', 'warning', 'critical'] as const;

/**
 * Judges a report against limits. Waste counts at its low end, the part that is beyond doubt; where nothing was
 * observed, or a rule could not judge, the gate is not judged. A cost gate needs a cost: check that before.
 */
export function judgeGates(report: Report, limits: GateLimits): Gate[] {
  return [
    ...(limits.maxWaste === null ? [] : [wasteGate(report, limits.maxWaste)]),
    ...(limits.maxCost === null ? [] : [costGate(report, limits.maxCost)]),
    ...limits.failOn.map((wanted) => findingGate(report, wanted)),
  ];
}

function wasteGate(report: Report, limit: number): Gate {
  const { gpuHours, cost } = report;
  const judged = gpuHours.billed - gpuHours.byState.unobserved - gpuHours.byState.rounding;
  const byTime = judged > 0 ? gpuHours.wasted.low / judged : null;
  const actual = cost === null ? byTime : cost.wastedShare.low;
  return { name: 'max-waste', limit, actual, result: verdict(actual, limit) };
}

function costGate(report: Report, limit: number): Gate {
  const actual = report.cost?.billed ?? null;
  return { name: 'max-cost', limit, actual, result: verdict(actual, limit) };
}

function verdict(actual: number | null, limit: number): Gate['result'] {
  if (actual === null) return 'not-judged';
  return actual > limit ? 'fail' : 'pass';
}

function findingGate(report: Report, wanted: string): Gate {
  const name = 'fail-on';
  const level = severities.findIndex((severity) => severity === wanted);
  const hit = report.findings.find(({ rule, severity }) =>
    level < 0 ? rule === wanted : severities.indexOf(severity) >= level,
  );
  if (hit !== undefined) return { name, limit: wanted, actual: hit.rule, result: 'fail' };
  const judged =
    level >= 0
      ? report.gpuHours.observed > 0
      : !report.notJudged.some(({ rule }) => rule === wanted);
  return { name, limit: wanted, actual: null, result: judged ? 'pass' : 'not-judged' };
}
