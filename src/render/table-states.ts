import type { Report } from '../report/report.ts';
import { accounts, type StateRow } from './accounts.ts';
import type { Canvas, Paint } from './canvas.ts';
import { gpuTime } from './format.ts';
import { width, wrap } from './text.ts';

const title = 'Where it went';
const shortestBar = 8;

/** Where the billed time went: every state in hours, money and share, as shown adding up to the bill. */
export function stateLines(report: Report, canvas: Canvas): string[] {
  const totals = accounts(report);
  const { paint, unicode } = canvas;
  const withMoney = totals.money !== null;
  const gap = 2;
  const widest = (cells: readonly string[]): number => Math.max(...cells.map(width)) + gap;
  const labels =
    widest([title]) +
    widest([totals.unit.name, totals.billed.hours]) +
    (totals.billed.money === null ? 0 : widest([totals.billed.money])) +
    widest(['100.0 %']);
  const meanings = widest(totals.rows.map(({ meaning }) => meaning));
  const withMeanings = canvas.width - labels - meanings >= shortestBar;
  const room = canvas.width - labels - (withMeanings ? meanings : gap);
  const barWidth = Math.max(shortestBar, Math.min(48, room));
  let before = 0;
  const steps = totals.rows.map(({ fraction }) => {
    const step = stepBar(before, before + fraction, barWidth, unicode);
    before += fraction;
    return step;
  });

  const header = [
    'Where it went',
    totals.unit.name,
    ...(withMoney ? ['cost'] : []),
    'share',
    '',
    '',
  ];
  const rows = totals.rows.map((row, i) => [
    row.label,
    row.hours,
    ...(row.money === null ? [] : [row.money]),
    row.share,
    strokeOf(row, paint)(steps[i] ?? ''),
    withMeanings ? paint.dim(row.meaning) : '',
  ]);
  const sum = [
    'billed',
    totals.billed.hours,
    ...(totals.billed.money === null ? [] : [totals.billed.money]),
    '100.0 %',
    '',
    '',
  ];
  const lines = canvas.columns(
    [header.map((cell) => paint.bold(cell)), ...rows, sum.map((cell) => paint.bold(cell))],
    ['left', 'right', ...(withMoney ? (['right'] as const) : []), 'right', 'left', 'left'],
  );
  return [...lines, ...causeLines(report, canvas)];
}

/**
 * One step of the waterfall from the bill down: each begins where the one above it ends. What is there shows, however
 * small it is.
 */
function stepBar(from: number, to: number, columns: number, unicode: boolean): string {
  if (to <= from) return '';
  const first = Math.min(columns - 1, Math.round(from * columns));
  const last = Math.min(columns, Math.round(to * columns));
  const thin = unicode ? '▏' : '|';
  const full = (unicode ? '█' : '#').repeat(Math.max(0, last - first));
  return ' '.repeat(first) + (full === '' ? thin : full);
}

const causeText = {
  beforeFirstSample: 'before the first sample',
  gap: 'gaps between samples',
  hiddenGpus: 'GPUs that were not watched',
  driver: 'the driver did not answer',
  notReported: 'the driver does not report it (MIG)',
  machineOff: 'the machine was off, but is charged',
} as const;

function causeLines(report: Report, canvas: Canvas): string[] {
  const { unit } = accounts(report);
  const by = report.gpuHours.unobservedBy;
  const named: [string, number][] = [
    [causeText.beforeFirstSample, by.beforeFirstSample],
    [causeText.gap, by.gap],
    [causeText.hiddenGpus, by.hiddenGpus],
    [causeText.driver, by.driver],
    [causeText.notReported, by.notReported],
    [causeText.machineOff, by.machineOff],
  ];
  const causes = named.filter(([, hours]) => Number(gpuTime(hours, unit).replaceAll(',', '')) > 0);
  if (causes.length === 0) return [];
  const text = causes.map(([name, hours]) => `${name} ${gpuTime(hours, unit)} ${unit.name}`);
  return wrap(`unobserved: ${text.join('; ')}`, canvas.width).map(canvas.paint.dim);
}

function strokeOf(row: StateRow, paint: Paint): (text: string) => string {
  switch (row.state) {
    case 'effective':
      return paint.green;
    case 'underfilled':
    case 'waiting':
      return paint.yellow;
    case 'throttled':
      return paint.magenta;
    case 'heldIdle':
    case 'emptyIdle':
      return paint.red;
    case 'unobserved':
    case 'rounding':
      return paint.dim;
  }
}
