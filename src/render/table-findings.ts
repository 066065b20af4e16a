import type { Report, ReportFinding } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { gpuList } from './labels.ts';
import {
  alternativesSentence,
  evidenceText,
  togetherSentence,
  worth,
  worthPerDay,
} from './sentences.ts';
import { plain, wrap } from './text.ts';

const firstShown = 3;

/** The most expensive findings with their evidence and first remedy; with `verbose` all of them. */
export function findingLines(report: Report, canvas: Canvas): string[] {
  const { paint } = canvas;
  const findings = report.findings;
  const [first] = findings;
  if (first === undefined) {
    const judged =
      report.notJudged.length === 0 ? '' : ' (not everything could be judged, see below)';
    return [`${paint.bold('No findings')}${judged}`];
  }
  const shown = canvas.verbose ? findings : findings.slice(0, firstShown);
  const count = shown.length < findings.length ? `${shown.length} of ${findings.length}` : '';
  const note = findings.length > 1 ? 'they overlap: never add them up' : '';
  const heading = findings.length > 1 ? 'Most expensive findings' : 'Finding';
  const rest = [count, note].filter((text) => text !== '').join('; ');
  return [
    paint.bold(heading) + (rest === '' ? '' : paint.dim(` (${rest})`)),
    ...shown.flatMap((finding, index) => oneFinding(finding, index + 1, report, canvas)),
    ...moreLines(findings.slice(shown.length), report, canvas),
    ...togetherLines(report, canvas),
    '',
    `Next: ${paint.cyan(`gpucost explain ${plain(first.rule)}`)} (what it means)`,
  ];
}

function oneFinding(
  finding: ReportFinding,
  position: number,
  report: Report,
  canvas: Canvas,
): string[] {
  const { paint, dot, dash, arrow } = canvas;
  const head = [
    severityText(finding, canvas),
    paint.bold(plain(finding.rule)),
    gpuList(report, finding.gpus, dash),
    worth(finding, report),
  ].join(` ${dot} `);
  const evidence = finding.evidence.map((item) => evidenceText(item, canvas.unicode)).join('; ');
  const [remedy] = finding.remediation;
  const other = alternativesSentence(finding);
  const aDay = worthPerDay(finding, report);
  const perDay = aDay === null ? '' : ` ${aDay}`;
  const hanging = (mark: string, text: string): string[] =>
    wrap(text, canvas.width - 3 - mark.length).map(
      (line, index) => `   ${index === 0 ? mark : ' '.repeat(mark.length)}${line}`,
    );
  return [
    ...wrap(head, canvas.width - 3).map(
      (line, index) => `${index === 0 ? `${position}. ` : '   '}${line}`,
    ),
    ...hanging('', plain(finding.summary)),
    ...hanging('', evidence).map((line) => paint.dim(line)),
    ...(other === null ? [] : hanging('', other)),
    ...(remedy === undefined ? [] : hanging(`${arrow} `, `${plain(remedy.action)}${perDay}`)),
  ];
}

function togetherLines(report: Report, canvas: Canvas): string[] {
  const sentence = togetherSentence(report);
  return sentence === null ? [] : wrap(sentence, canvas.width);
}

function moreLines(findings: readonly ReportFinding[], report: Report, canvas: Canvas): string[] {
  if (findings.length === 0) return [];
  const text = findings.map((finding) => `${plain(finding.rule)} (${worth(finding, report)})`);
  return wrap(`and ${text.join(', ')}`, canvas.width - 3).map((line) => `   ${line}`);
}

function severityText(finding: ReportFinding, canvas: Canvas): string {
  const { paint } = canvas;
  switch (finding.severity) {
    case 'critical':
      return paint.red(finding.severity);
    case 'warning':
      return paint.yellow(finding.severity);
    case 'info':
      return finding.severity;
  }
}
