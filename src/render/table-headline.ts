import type { Report } from '../report/report.ts';
import { accounts } from './accounts.ts';
import type { Canvas } from './canvas.ts';
import { coverageText, lengthText } from './coverage.ts';
import { duration, moneyFormat, timeSpan } from './format.ts';
import { gpuModels, machineName, placeName } from './labels.ts';
import { effectiveSentence, priceSentence, rateSentence, wastedSentence } from './sentences.ts';
import { padEnd, padStart, truncate, wrap } from './text.ts';

const labelWidth = 11;

/** What was billed, at which rate, and how much of it worked. */
export function headlineLines(report: Report, canvas: Canvas): string[] {
  const totals = accounts(report);
  const { paint } = canvas;
  const hoursWidth = Math.max(totals.billed.hours.length, totals.wasted.hours.length);
  const moneyWidth = totals.billed.money?.length ?? 0;
  const indent = labelWidth + hoursWidth + 1 + totals.unit.name.length + 2;
  const textColumn = indent + (moneyWidth === 0 ? 0 : moneyWidth + 2);

  const row = (
    label: string,
    amount: { readonly hours: string; readonly money: string | null },
    text: readonly string[],
  ): string[] => {
    const left = [
      paint.bold(padEnd(label, labelWidth)),
      `${padStart(amount.hours, hoursWidth)} ${totals.unit.name}  `,
      amount.money === null ? '' : `${padStart(amount.money, moneyWidth)}  `,
    ].join('');
    const lines = text.flatMap((line) => wrap(line, canvas.width - textColumn));
    return [
      left + (lines[0] ?? ''),
      ...lines.slice(1).map((line) => ' '.repeat(textColumn) + line),
    ];
  };

  return [
    ...titleLines(report, canvas),
    '',
    ...row('Billed', totals.billed, billedText(report)),
    ...priceLines(report, canvas),
    ...row('Effective', totals.effective, [effectiveSentence(report, canvas.dash)]),
    ...row('Wasted', totals.wasted, [wastedSentence(report)]),
  ];
}

function titleLines(report: Report, canvas: Canvas): string[] {
  const { paint, dot, dash, times } = canvas;
  const { window, machines } = report;
  const where = machines.length === 1 ? placeName(report) : `${machines.length} machines`;
  const models = gpuModels(report.gpus, times);
  const title = `${where} ${dot} ${models === '' ? 'no GPUs' : models}`;
  const when = [
    `${timeSpan(window.start, window.end, dash)} (${lengthText(report)})`,
    `${duration(window.intervalMs)} samples`,
    coverageText(window),
  ].join(` ${dot} `);
  return [
    paint.bold(truncate(title, canvas.width, canvas.ellipsis)),
    ...wrap(when, canvas.width).map((line) => paint.dim(line)),
  ];
}

function billedText(report: Report): string[] {
  const { machines } = report;
  return machines.map((machine) => {
    if (machines.length === 1) return rateSentence(machine);
    const { cost } = machine;
    const amount =
      cost === null ? '' : `${moneyFormat(cost.currency, cost.billed).text(cost.billed)}, `;
    return `${machineName(machine)}: ${amount}${rateSentence(machine)}`;
  });
}

function priceLines(report: Report, canvas: Canvas): string[] {
  const sentences = new Set(report.machines.map((machine) => priceSentence(machine, report)));
  return [...sentences].flatMap((sentence) =>
    wrap(sentence, canvas.width - labelWidth).map(
      (line) => ' '.repeat(labelWidth) + canvas.paint.dim(line),
    ),
  );
}
