import type { ReportFinding } from '../report/report.ts';

const rank = { critical: 0, warning: 1, info: 2 } as const;

/** By what fixing could win back in money, else in GPU-hours; then the more severe, then by name. */
export function byWorth(findings: readonly ReportFinding[]): ReportFinding[] {
  return findings.toSorted(
    (a, b) =>
      (b.recoverable.cost ?? 0) - (a.recoverable.cost ?? 0) ||
      b.recoverable.gpuHours - a.recoverable.gpuHours ||
      rank[a.severity] - rank[b.severity] ||
      (a.rule < b.rule ? -1 : 1),
  );
}
