import type { Report } from './report.ts';

/** A finding that the project accepts for now. */
export interface Suppression {
  readonly rule: string;
  readonly reason: string;
  /** Last day on which it holds, YYYY-MM-DD, UTC. */
  readonly until: string;
}

const accepted = 'suppressed until ';

/** True for the reason that a finding of an accepted rule gets. */
export function isSuppressed(reason: string): boolean {
  return reason.startsWith(accepted);
}

/** Moves accepted findings to what was not judged, with the reason; an expired suppression is a warning and has no effect. */
export function suppress(report: Report, suppressions: readonly Suppression[]): Report {
  const today = report.generatedAt.slice(0, 10);
  const active = suppressions.filter(({ until }) => today <= until);
  const expired = suppressions.filter(({ until }) => today > until);
  const suppressionOf = (rule: string): Suppression | undefined =>
    active.find((suppression) => suppression.rule === rule);
  return {
    ...report,
    findings: report.findings.filter(({ rule }) => suppressionOf(rule) === undefined),
    notJudged: [
      ...report.notJudged,
      ...report.findings.flatMap(({ rule, gpus }) => {
        const suppression = suppressionOf(rule);
        if (suppression === undefined) return [];
        const reason = `${accepted}${suppression.until}: ${suppression.reason}`;
        return [{ rule, gpus, reason }];
      }),
    ],
    warnings: [
      ...report.warnings,
      ...expired.map(({ rule, until }) => ({
        code: 'suppression-expired',
        message: `The suppression of ${rule} ended on ${until}: remove it from the project file, or renew it.`,
      })),
    ],
  };
}
