import type { Report } from '../../src/report/report.ts';
import { aReport } from './a-report.ts';
import { withTimeline } from './a-timeline.ts';

/** Ends a script, opens one, and tries each quote and handler; whatever runs sets `pwned`. */
export const hostile =
  '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">\'" onmouseover="window.pwned=1" <!--<script> ${window.pwned=1} `</style><b>';

/** A report whose every text is hostile. */
export function hostileReport(): Report {
  const base = withTimeline(aReport(), 60);
  const [group] = base.gpus;
  return {
    ...base,
    sources: base.sources.map((source) => ({ ...source, name: hostile })),
    machines: base.machines.map((machine) => ({
      ...machine,
      host: hostile,
      provider: hostile,
      type: hostile,
      region: hostile,
      purchase: hostile,
      gpuShare: hostile,
      rate: machine.rate && {
        ...machine.rate,
        parts: machine.rate.parts.map((part) => ({ ...part, name: hostile, source: hostile })),
      },
    })),
    gpus: base.gpus.map((gpu) => ({ ...gpu, index: null, uuid: hostile, name: hostile })),
    groups:
      group === undefined
        ? null
        : { by: 'process', rows: [{ name: hostile, gpuHours: group.gpuHours, cost: group.cost }] },
    findings: base.findings.map((finding) => ({
      ...finding,
      rule: hostile,
      title: hostile,
      summary: hostile,
      evidence: finding.evidence.map((one) => ({ ...one, signal: hostile, unit: hostile })),
      remediation: [
        { action: hostile, detail: hostile },
        { action: hostile, detail: '' },
      ],
    })),
    notJudged: base.notJudged.map((one) => ({ ...one, rule: hostile, reason: hostile })),
    gates: [{ name: hostile, limit: hostile, actual: hostile, result: 'fail' }],
    warnings: [{ code: hostile, message: hostile }],
  };
}
