import type { Report, ReportFinding } from '../report/report.ts';
import { type AnnotationLevel, annotation } from './annotation.ts';
import { gpuList } from './labels.ts';
import type { Renderer } from './renderer.ts';
import { gateText, suppressedSentence, worth } from './sentences.ts';
import { plain } from './text.ts';

const gateLevels: Readonly<Record<Report['gates'][number]['result'], AnnotationLevel | null>> = {
  pass: null,
  warn: 'warning',
  fail: 'error',
  'not-judged': 'notice',
};

/** GitHub shows ten annotations of a level and step (docs.github.com, Actions limits); gates come before findings. */
const mostFindings = 10;

/**
 * Workflow commands that GitHub Actions shows as annotations. Gates: failed is an error, warned a warning, not judged a
 * notice, passed nothing. Findings: critical and warning are warnings, info is a notice, suppressed ones share one; only a gate breaks the step.
 */
export const renderGithub: Renderer = (report) => {
  const gates = report.gates.flatMap((gate) => {
    const level = gateLevels[gate.result];
    return level === null
      ? []
      : [annotation(level, `gpucost ${plain(gate.name)}`, gateText(gate, report))];
  });
  const findings = report.findings
    .slice(0, mostFindings)
    .map((finding) => findingCommand(finding, report));
  const suppressed = suppressedSentence(report);
  const lines = [
    ...gates,
    ...findings,
    ...(suppressed === null
      ? []
      : [annotation('notice', 'gpucost: suppressed findings', suppressed)]),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
};

function findingCommand(finding: ReportFinding, report: Report): string {
  const level = finding.severity === 'info' ? 'notice' : 'warning';
  const where = gpuList(report, finding.gpus, '-');
  const action = plain(finding.remediation[0]?.action ?? '');
  const text =
    `${plain(finding.summary)}\n${where}: ${worth(finding, report)}. ${action}`.trimEnd();
  return annotation(level, `gpucost ${plain(finding.rule)}: ${plain(finding.title)}`, text);
}
