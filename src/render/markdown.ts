import type { Report, ReportFinding } from '../report/report.ts';
import { accounts } from './accounts.ts';
import { gpuTime, timeSpan } from './format.ts';
import { groupMoney, splitText } from './groups.ts';
import { timeoutRows } from './idle-timeouts.ts';
import { gpuList, gpuModels, machineName, placeName } from './labels.ts';
import { invoiceSentence, leftOutSentence, reconciliationRows } from './reconciliation.ts';
import type { Renderer } from './renderer.ts';
import { kindsSentence, timelineOf } from './segments.ts';
import {
  alternativesSentence,
  effectiveSentence,
  evidenceText,
  gateText,
  priceSentence,
  rateSentence,
  suppressedSentence,
  togetherSentence,
  wastedSentence,
  worth,
  worthPerDay,
} from './sentences.ts';
import { plain } from './text.ts';
import { workRows } from './work.ts';

/** Hidden first line by which a bot finds its earlier comment. */
export const markdownMarker = '<!-- gpucost:report -->';

const dash = '–';

/** A summary stays short: more different GPUs are in the other formats. */
const mostTimelines = 3;

/** A short, stable summary for pull requests and job summaries. */
export const renderMarkdown: Renderer = (report) => {
  const totals = accounts(report);
  const { money } = totals;
  const machines = escape(
    report.machines.length === 1 ? placeName(report) : report.machines.map(machineName).join(', '),
  );
  return `${[
    markdownMarker,
    `### gpucost: ${machines}, ${escape(gpuModels(report.gpus, '×'))}`,
    '',
    timeSpan(report.window.start, report.window.end, dash),
    '',
    ...gateItems(report),
    `| | ${totals.unit.name} |${money === null ? '' : ' cost |'} |`,
    `|:--|--:|${money === null ? '' : '--:|'}:--|`,
    headRow(
      'Billed',
      totals.billed,
      report.machines.flatMap((m) => [rateSentence(m), priceSentence(m, report)]).join('; '),
    ),
    headRow('Effective', totals.effective, effectiveSentence(report, dash)),
    headRow('Wasted', totals.wasted, wastedSentence(report)),
    '',
    `| Where it went | ${totals.unit.name} |${money === null ? '' : ' cost |'} share |`,
    `|:--|--:|${money === null ? '' : '--:|'}--:|`,
    ...totals.rows.map(
      (row) =>
        `| ${row.label} (${row.meaning}) | ${row.hours} |${row.money === null ? '' : ` ${row.money} |`} ${row.share} |`,
    ),
    '',
    ...groupTable(report),
    ...workTable(report),
    ...invoiceTable(report),
    ...timelineItems(report),
    ...report.findings.slice(0, 3).map((finding) => findingItem(finding, report)),
    ...together(report),
    ...suppressedItems(report),
    ...idleItems(report),
    ...report.warnings.map(({ message }) => `- warning: ${escape(plain(message))}`),
  ]
    .join('\n')
    .trimEnd()}\n`;
};

const gateMarks = { pass: '✅', warn: '⚠️', fail: '❌', 'not-judged': '❔' } as const;

function gateItems(report: Report): string[] {
  if (report.gates.length === 0) return [];
  return [
    ...report.gates.map((gate) => `- ${gateMarks[gate.result]} ${escape(gateText(gate, report))}`),
    '',
  ];
}

function headRow(
  label: string,
  amount: { readonly hours: string; readonly money: string | null },
  text: string,
): string {
  const money = amount.money === null ? '' : ` ${amount.money} |`;
  return `| **${label}** | ${amount.hours} |${money} ${escape(text)} |`;
}

/** Equal GPUs on one line. */
function timelineItems(report: Report): string[] {
  const gpusByText = new Map<string, string[]>();
  for (const gpu of report.gpus) {
    const timeline = timelineOf(report, gpu);
    if (timeline === undefined || timeline.segments.length < 2) continue;
    const text = kindsSentence(timeline);
    gpusByText.set(text, [...(gpusByText.get(text) ?? []), gpu.id]);
  }
  return [...gpusByText]
    .slice(0, mostTimelines)
    .map(([text, gpus]) => `- ${escape(gpuList(report, gpus, dash))}: ${escape(text)}`);
}

/** Rows that a summary has room for; the rest is in the other formats. */
const mostGroups = 20;

function groupTable(report: Report): string[] {
  const { groups } = report;
  if (groups === null) return [];
  const { unit } = accounts(report);
  const money = groupMoney(groups.rows, dash);
  const owners = groups.rows.filter(({ kind }) => kind !== 'unowned');
  const rest = groups.rows.filter(({ kind }) => kind === 'unowned');
  return [
    `| By ${groups.by} | ${unit.name} |${money === null ? '' : ' cost |'} wasted | split by |`,
    `|:--|--:|${money === null ? '' : '--:|'}--:|:--|`,
    ...[...owners.slice(0, mostGroups), ...rest].map(
      (row) =>
        `| ${escape(plain(row.name))} | ${gpuTime(row.gpuHours.billed, unit)} |${money === null ? '' : ` ${money(row.cost, ({ billed }) => billed)} |`} ${gpuTime(row.gpuHours.wasted.estimate, unit)} | ${splitText(row) ?? ''} |`,
    ),
    ...(owners.length > mostGroups
      ? [`| and ${owners.length - mostGroups} more | |${money === null ? '' : ' |'} | |`]
      : []),
    '',
  ];
}

function workTable(report: Report): string[] {
  const rows = workRows(report, dash);
  if (rows.length === 0) return [];
  return [
    '| Work | |',
    '|:--|:--|',
    ...rows.map(({ label, text }) => `| ${label} | ${escape(text)} |`),
    '',
  ];
}

function invoiceTable({ reconciliation }: Report): string[] {
  if (reconciliation === undefined) return [];
  const leftOut = leftOutSentence(reconciliation);
  return [
    `Invoice ${escape(invoiceSentence(reconciliation, dash))}`,
    '',
    '| Invoice | cost | |',
    '|:--|--:|:--|',
    ...reconciliationRows(reconciliation).map(({ kind, label, money, text }) =>
      kind === 'total'
        ? `| **${label}** | ${money} | ${escape(text)} |`
        : `| ${label} | ${money} | ${escape(text)} |`,
    ),
    '',
    ...(leftOut === null ? [] : [escape(leftOut), '']),
  ];
}

function together(report: Report): string[] {
  const sentence = togetherSentence(report);
  return sentence === null ? [] : [`- ${escape(sentence)}.`];
}

/** The shortest time-out that would have ended least work, one line a machine. */
function idleItems(report: Report): string[] {
  return (report.idleTimeouts ?? []).flatMap((tried) => {
    const knee = timeoutRows(tried, report).find(({ isKnee }) => isKnee);
    if (knee === undefined) return [];
    const saved = knee.money === null ? knee.hours : `${knee.hours}, ${knee.money}`;
    return [
      `- Stopped after ${knee.after} of idleness, it would have saved at most ${saved}, and ${knee.work} (on this recording).`,
    ];
  });
}

function findingItem(finding: ReportFinding, report: Report): string {
  const remedy = finding.remediation[0]?.action ?? '';
  const aDay = worthPerDay(finding, report);
  const perDay = aDay === null ? '' : ` ${aDay}`;
  const other = alternativesSentence(finding);
  const deciding = other === null ? '' : ` ${other}`;
  return [
    `- **${finding.severity}** \`${plain(finding.rule)}\` on ${escape(gpuList(report, finding.gpus, dash))}, ${worth(finding, report)}: ${prose(finding.summary)}`,
    `  - ${escape(finding.evidence.map((item) => evidenceText(item, true)).join('; '))}`,
    `  - → ${prose(`${remedy}${perDay}${deciding}`)}`,
  ].join('\n');
}

/** Our own sentences, with `commands` between backticks as code, which shows whatever it holds as it is. */
function prose(text: string): string {
  // Backticks side by side would open a span of another length, and end ours.
  return plain(text)
    .split(/((?<!`)`[^`]+`(?!`))/)
    .map((piece, i) => (i % 2 === 0 ? escape(piece) : piece))
    .join('');
}

/** Markdown and HTML in names stay what they are: names. */
export function escape(text: string): string {
  return text
    .replace(/[\\`*_{}[\]|~#]/g, (character) => `\\${character}`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;');
}

function suppressedItems(report: Report): string[] {
  const sentence = suppressedSentence(report);
  return sentence === null ? [] : [`- ${escape(sentence)}`];
}
