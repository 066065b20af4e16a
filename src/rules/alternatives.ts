import { causeRules, decidingTest } from './deciding-test.ts';
import type { join } from './join.ts';
import { overlapMs } from './phases.ts';
import type { Finding, Interval } from './rule.ts';

/** From this share of a finding's time on, another cause explains the same wait. */
const sameTimeShare = 0.5;

/** Rules without a cause of their own, that leave open which of all causes it is. */
const openRules: readonly string[] = ['undetermined-wait'];

/** Ranks the causes that explain the same wait, and names the run that decides between them. */
export function withAlternatives(findings: readonly ReturnType<typeof join>[]): readonly Finding[] {
  return findings.map((finding) => {
    const alternatives = findings
      .filter(
        (other) =>
          other !== finding &&
          causeRules.includes(finding.rule) &&
          causeRules.includes(other.rule) &&
          other.gpus.some((gpu) => finding.gpus.includes(gpu)) &&
          coveredMs(finding.intervals, other.intervals) >=
            sameTimeShare * length(finding.intervals),
      )
      .map(({ rule, confidence }) => ({ rule, confidence }))
      .sort((a, b) => b.confidence - a.confidence || (a.rule < b.rule ? -1 : 1));
    const causes = openRules.includes(finding.rule)
      ? causeRules
      : [finding.rule, ...alternatives.map(({ rule }) => rule)];
    return { ...finding, alternatives, decidingTest: decidingTest(causes) };
  });
}

function length(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** Intervals of a finding do not overlap each other. */
function coveredMs(intervals: readonly Interval[], by: readonly Interval[]): number {
  return intervals.reduce(
    (sum, interval) => sum + by.reduce((so, other) => so + overlapMs(interval, other), 0),
    0,
  );
}
