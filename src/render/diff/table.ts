import type { Diff } from '../../diff/verdict.ts';
import type { Canvas } from '../canvas.ts';
import type { RenderOptions } from '../renderer.ts';
import { createCanvas } from '../table.ts';
import { plain, wrap } from '../text.ts';
import {
  billedAmounts,
  type DiffAmounts,
  type DiffRow,
  findingRows,
  sideText,
  stateRows,
  unitRows,
} from './rows.ts';
import { answerSentence, diffGateText, noiseSentence } from './sentences.ts';

/** A comparison for a terminal: the answer, what a unit cost, where the time went, the findings. */
export function renderDiffTable(diff: Diff, options: RenderOptions): string {
  const canvas = createCanvas(options);
  const blocks = [
    headLines(diff, canvas),
    gateLines(diff, canvas),
    rowLines('One unit', unitRows(diff), canvas),
    stateLines(diff, canvas),
    findingLines(diff, canvas),
    noteLines(diff, canvas),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function headLines(diff: Diff, canvas: Canvas): string[] {
  const { width } = canvas;
  const billed = billedAmounts(diff);
  const side = (name: string, one: Diff['before'], amounts: string): string[] =>
    wrap(`${plain(one.name)}: ${sideText(one)}; billed ${amounts}`, width - 8).map(
      (line, i) => `${(i === 0 ? name : '').padEnd(8)}${line}`,
    );
  return [
    ...wrap(answerSentence(diff), width).map((line) => verdictPaint(diff.verdict, canvas)(line)),
    '',
    ...side('before', diff.before, pair(billed.hoursBefore, billed.costBefore)),
    ...side('after', diff.after, pair(billed.hoursAfter, billed.costAfter)),
  ];
}

function pair(hours: string, cost: string): string {
  return cost === '' ? hours : `${hours}, ${cost}`;
}

function gateLines(diff: Diff, canvas: Canvas): string[] {
  const text = diffGateText(diff);
  if (text === null || diff.gate === null) return [];
  const { paint } = canvas;
  const paints = { pass: paint.green, fail: paint.red, 'not-judged': paint.yellow } as const;
  return wrap(text, canvas.width - 2)
    .map((line, i) => (i === 0 ? line : `  ${line}`))
    .map(paints[diff.gate.result]);
}

function rowLines(title: string, rows: readonly DiffRow[], canvas: Canvas): string[] {
  if (rows.length === 0) return [];
  const { paint } = canvas;
  return canvas.columns(
    [
      [title, 'before', 'after', 'change', 'noise', ''].map(paint.bold),
      ...rows.map((row) => [...cells(row), verdictPaint(row.verdict, canvas)(row.verdict)]),
    ],
    ['left', 'right', 'right', 'right', 'right', 'left'],
  );
}

/** Money and hours stand beside the shares where there is room, else below one another. */
function stateLines(diff: Diff, canvas: Canvas): string[] {
  const rows = stateRows(diff);
  const shares = rowLines('Where the time went', rows, canvas);
  const { paint } = canvas;
  const hasCost = rows.some(({ amounts }) => amounts.costBefore !== '' || amounts.costAfter !== '');
  const amounts = canvas.columns(
    [
      ['GPU time and money', 'before', 'after', ...(hasCost ? ['before', 'after'] : [])].map(
        paint.bold,
      ),
      ...[
        ...rows.map((row) => ({ label: row.label, ...row.amounts })),
        { label: 'billed', ...billedAmounts(diff) },
      ].map((row) => amountCells(row, hasCost)),
    ],
    ['left', 'right', 'right', 'right', 'right'],
  );
  return [...shares, '', ...amounts];
}

function amountCells(
  row: DiffAmounts & { readonly label: string },
  hasCost: boolean,
): readonly string[] {
  return [
    row.label,
    row.hoursBefore,
    row.hoursAfter,
    ...(hasCost ? [row.costBefore, row.costAfter] : []),
  ];
}

function cells({ label, before, after, change, noise }: DiffRow): string[] {
  return [label, before, after, change, noise];
}

function findingLines(diff: Diff, canvas: Canvas): string[] {
  const { paint, dot, arrow, width } = canvas;
  const rows = findingRows(diff);
  if (rows.length === 0) return [paint.bold('No findings on either side')];
  const paints: Readonly<Record<(typeof rows)[number]['status'], (text: string) => string>> = {
    new: paint.red,
    worse: paint.red,
    fixed: paint.green,
    better: paint.green,
    same: (text) => text,
    unclear: paint.dim,
  };
  const statusWidth = 9;
  return [
    paint.bold('Findings') + paint.dim(' (recoverable at most; they overlap: never add them up)'),
    ...rows.flatMap((row) => {
      const amount = [pair(row.hoursBefore, row.costBefore), pair(row.hoursAfter, row.costAfter)]
        .map((text) => (text === '' ? 'none' : text))
        .join(` ${arrow} `);
      const text = [row.rule, amount, ...(row.reason === '' ? [] : [row.reason])].join(` ${dot} `);
      return wrap(text, width - statusWidth).map((line, i) =>
        i === 0
          ? paints[row.status](row.status.padEnd(statusWidth)) + line
          : ' '.repeat(statusWidth) + line,
      );
    }),
  ];
}

function noteLines(diff: Diff, canvas: Canvas): string[] {
  const { paint, width } = canvas;
  const notes = diff.notCompared.flatMap((text) =>
    wrap(plain(text), width - 2).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`),
  );
  return [
    ...(notes.length === 0 ? [] : [paint.bold("Can't be compared"), ...notes, '']),
    ...wrap(noiseSentence, width).map(paint.dim),
  ];
}

function verdictPaint(verdict: DiffRow['verdict'], { paint }: Canvas): (text: string) => string {
  switch (verdict) {
    case 'worse':
      return paint.red;
    case 'better':
      return paint.green;
    case 'unknown':
      return paint.yellow;
    case 'same':
    case '':
      return (text) => text;
  }
}
