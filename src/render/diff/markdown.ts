import type { Diff } from '../../diff/verdict.ts';
import { escape } from '../markdown.ts';
import { plain } from '../text.ts';
import {
  billedAmounts,
  type DiffRow,
  type FindingRow,
  findingRows,
  sideText,
  stateRows,
  unitRows,
} from './rows.ts';
import { answerSentence, diffGateText, noiseSentence } from './sentences.ts';

/** Hidden first line by which a bot finds its earlier comment of a comparison, beside that of a report. */
export const diffMarker = '<!-- gpucost:diff -->';

const gateMarks = { pass: '✅', fail: '❌', 'not-judged': '❔' } as const;

/** A comparison for a pull request. */
export function renderDiffMarkdown(diff: Diff): string {
  const billed = billedAmounts(diff);
  const gate = diffGateText(diff);
  const findings = findingRows(diff);
  const said = findings.filter(({ status }) => status !== 'unclear');
  return `${[
    diffMarker,
    `### gpucost diff: ${escape(answerSentence(diff))}`,
    '',
    ...(gate === null || diff.gate === null
      ? []
      : [`${gateMarks[diff.gate.result]} ${escape(gate)}`, '']),
    `- before: ${side(diff.before, billed.hoursBefore, billed.costBefore)}`,
    `- after: ${side(diff.after, billed.hoursAfter, billed.costAfter)}`,
    '',
    ...rowTable('One unit', unitRows(diff), []),
    ...rowTable(
      'Where the time went',
      stateRows(diff),
      stateRows(diff).map(({ amounts }) =>
        amounts.costBefore === '' || amounts.costAfter === ''
          ? `${amounts.hoursBefore} → ${amounts.hoursAfter}`
          : `${amounts.costBefore} → ${amounts.costAfter}`,
      ),
    ),
    ...said.map(findingItem),
    ...(findings.length > said.length
      ? [`- ${findings.length - said.length} more on one side only, which chance can explain`]
      : []),
    ...(findings.length > 0 ? [''] : []),
    ...diff.notCompared.map((text) => `- can't be compared: ${escape(plain(text))}`),
    ...(diff.notCompared.length > 0 ? [''] : []),
    `<sub>${escape(noiseSentence)}</sub>`,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function side(one: Diff['before'], hours: string, cost: string): string {
  const billed = cost === '' ? hours : `${hours}, ${cost}`;
  return `${escape(plain(one.name))}: ${escape(sideText(one))}; billed ${billed}`;
}

function rowTable(title: string, rows: readonly DiffRow[], amounts: readonly string[]): string[] {
  if (rows.length === 0) return [];
  const more = amounts.length > 0;
  return [
    `| ${title} | before | after | change | noise | |${more ? ' |' : ''}`,
    `|:--|--:|--:|--:|--:|:--|${more ? '--:|' : ''}`,
    ...rows.map(
      (row, i) =>
        `| ${escape(row.label)} | ${row.before} | ${row.after} | ${row.change} | ${row.noise} | ${verdictText(row)} |${more ? ` ${amounts[i] ?? ''} |` : ''}`,
    ),
    '',
  ];
}

function verdictText({ verdict }: DiffRow): string {
  return verdict === 'worse' || verdict === 'better' ? `**${verdict}**` : verdict;
}

function findingItem(row: FindingRow): string {
  const amount = (hours: string, cost: string): string =>
    hours === '' ? 'none' : cost === '' ? hours : cost;
  return `- **${row.status}** \`${row.rule}\`: ${amount(row.hoursBefore, row.costBefore)} → ${amount(row.hoursAfter, row.costAfter)}, ${escape(row.title)}`;
}
