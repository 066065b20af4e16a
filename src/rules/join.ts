import { unionOf } from '../usage/span-union.ts';
import type { GpuUsage } from '../usage/usage.ts';
import type { Finding, RuleMeta, Severity, Verdict } from './rule.ts';

/** One rule's detection on one GPU. */
export interface Detection {
  readonly usage: GpuUsage;
  readonly verdict: Extract<Verdict, { readonly outcome: 'detected' }>;
}

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * Joins a rule's detections on the GPUs of one machine, given in the machine's order, into one finding:
 * the highest severity, the lowest confidence (the finding claims all of its GPUs), the union of the
 * intervals, and summary, evidence and remedies of the GPU that could win back most.
 */
export function join(
  meta: RuleMeta,
  machine: string,
  detections: readonly Detection[],
  machineGpuCount: number,
): Omit<Finding, 'alternatives' | 'decidingTest'> {
  const worst = detections.reduce((a, b) =>
    b.verdict.recoverableMs > a.verdict.recoverableMs ? b : a,
  );
  const verdicts = detections.map((detection) => detection.verdict);
  return {
    rule: meta.id,
    machine,
    gpus: detections.map((detection) => detection.usage.identity.id),
    title: meta.title,
    severity: verdicts.reduce<Severity>(
      (highest, { severity }) => (rank[severity] > rank[highest] ? severity : highest),
      'info',
    ),
    confidence: Math.min(...verdicts.map((verdict) => verdict.confidence)),
    summary:
      detections.length === 1
        ? worst.verdict.summary
        : `${worst.verdict.summary} ${detections.length} of ${machineGpuCount} GPUs; the evidence is that of GPU ${nameOf(worst.usage)}.`,
    evidence: worst.verdict.evidence,
    intervals: unionOf(verdicts.flatMap((verdict) => verdict.intervals)),
    remediation: worst.verdict.remediation ?? meta.remediation,
    recoverableMs: verdicts.reduce((sum, verdict) => sum + verdict.recoverableMs, 0),
    claims: new Map(
      detections.map(({ usage, verdict }) => [
        usage.identity.id,
        { states: meta.claims, intervals: verdict.intervals, ms: verdict.recoverableMs },
      ]),
    ),
  };
}

function nameOf(usage: GpuUsage): string {
  return usage.identity.index === null ? usage.identity.id : String(usage.identity.index);
}
