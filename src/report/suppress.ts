import type { Report } from './report.ts';

/** A finding that the project accepts for now. */
export interface Suppression {
  readonly rule: string;
  /** Of the one finding that is accepted; left out, it is the rule on every GPU and machine. */
  readonly fingerprint?: string | undefined;
  readonly reason: string;
  /** Last day on which it holds, YYYY-MM-DD, UTC. */
  readonly until: string;
}

const accepted = 'suppressed until ';

/** True for the reason that a finding of an accepted rule gets. */
export function isSuppressed(reason: string): boolean {
  return reason.startsWith(accepted);
}

function accepts({ rule, fingerprint }: Suppression, finding: Report['findings'][number]): boolean {
  return rule === finding.rule && (fingerprint ?? finding.fingerprint) === finding.fingerprint;
}

/**
 * Moves accepted findings to `suppressed`, whole and with the reason, and names their rules in what was not judged; an
 * expired suppression is a warning and has no effect.
 */
export function suppress(report: Report, suppressions: readonly Suppression[]): Report {
  const today = report.generatedAt.slice(0, 10);
  const active = suppressions.filter(({ until }) => today <= until);
  const expired = suppressions.filter(({ until }) => today > until);
  const suppressed = report.findings.flatMap((finding) => {
    const suppression = active.find((one) => accepts(one, finding));
    if (suppression === undefined) return [];
    const { reason, until } = suppression;
    return [{ ...finding, suppression: { reason, until } }];
  });
  return {
    ...report,
    findings: report.findings.filter((finding) => !active.some((one) => accepts(one, finding))),
    ...(suppressed.length === 0 ? {} : { suppressed }),
    notJudged: [
      ...report.notJudged,
      ...suppressed.map(({ rule, gpus, suppression: { reason, until } }) => ({
        rule,
        gpus,
        reason: `${accepted}${until}: ${reason}`,
      })),
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
