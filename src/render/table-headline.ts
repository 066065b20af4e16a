import type { Report, ReportMachine } from '../report/report.ts';
import { type Accounts, accounts, ratio } from './accounts.ts';
import type { Canvas } from './canvas.ts';
import { daysBetween, duration, gpuTime, moneyFormat, percent, price, timeSpan } from './format.ts';
import { gpuModels, machineName, machineType } from './labels.ts';
import { padEnd, padStart, plain, truncate, wrap } from './text.ts';

const labelWidth = 11;

/** What was billed, at which rate, and how much of it worked. */
export function headlineLines(report: Report, canvas: Canvas): string[] {
  const totals = accounts(report);
  const { paint } = canvas;
  const hoursWidth = Math.max(totals.billed.hours.length, totals.wasted.hours.length);
  const moneyWidth = totals.billed.money?.length ?? 0;
  const indent = labelWidth + hoursWidth + 1 + totals.unit.name.length + 2;
  const textColumn = indent + (moneyWidth === 0 ? 0 : moneyWidth + 3);

  const row = (
    label: string,
    amount: { readonly hours: string; readonly money: string | null },
    text: readonly string[],
  ): string[] => {
    const left = [
      paint.bold(padEnd(label, labelWidth)),
      `${padStart(amount.hours, hoursWidth)} ${totals.unit.name}  `,
      amount.money === null ? '' : `${padStart(amount.money, moneyWidth)}   `,
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
    ...row('Billed', totals.billed, billedText(report, canvas)),
    ...row('Effective', totals.effective, [effectiveText(report, totals, canvas)]),
    ...row('Wasted', totals.wasted, [wastedText(report, totals)]),
  ];
}

function titleLines(report: Report, canvas: Canvas): string[] {
  const { paint, dot, dash, times } = canvas;
  const { window, machines } = report;
  const where =
    machines.length === 1 ? machines.map(machineName)[0] : `${machines.length} machines`;
  const models = gpuModels(report.gpus, times);
  const span = Date.parse(window.end) - Date.parse(window.start);
  const title = `${where} ${dot} ${models === '' ? 'no GPUs' : models}`;
  const when = [
    `${timeSpan(window.start, window.end, dash)} (${duration(span)})`,
    `a sample every ${duration(window.intervalMs)}`,
    `${percent(window.observedShare)} observed`,
  ].join(`${canvas.unicode ? ' ' : ' '}${dot} `);
  return [
    paint.bold(truncate(title, canvas.width)),
    ...wrap(when, canvas.width).map((line) => paint.dim(line)),
  ];
}

function billedText(report: Report, canvas: Canvas): string[] {
  const { machines } = report;
  const [only] = machines;
  if (only !== undefined && machines.length === 1) return rateText(only, report, canvas);
  return machines.flatMap((machine) => {
    const money =
      machine.cost === null
        ? ''
        : `, ${moneyFormat(machine.cost.currency, machine.cost.billed).text(machine.cost.billed)}`;
    return [`${machineName(machine)}${money}`, ...rateText(machine, report, canvas)];
  });
}

function rateText(machine: ReportMachine, report: Report, canvas: Canvas): string[] {
  const type = machineType(machine);
  const { rate } = machine;
  if (rate === null) {
    return type === null
      ? [
          'no price: the machine type is not known',
          'Pass --machine provider/type, such as --machine aws/p5.48xlarge, or --rates FILE.',
        ]
      : [`no price for ${type}`, 'Pass --rates FILE with a price for it, or another --machine.'];
  }
  const perGpu =
    rate.perGpuHour === null || machine.gpuCount < 2
      ? ''
      : ` (${price(rate.currency, rate.perGpuHour)} a GPU)`;
  const dates = [...new Set(rate.parts.map((part) => part.asOf))];
  const sources = [...new Set(rate.parts.map((part) => plain(part.source)))].join(', ');
  const ages = dates.map((date) =>
    date === null
      ? 'of unknown date'
      : `of ${date} (${ageText(daysBetween(date, report.generatedAt))})`,
  );
  return [
    `${type ?? 'machine'} ${canvas.dot} ${price(rate.currency, rate.perHour)}/h${perGpu}`,
    `price ${ages.join(' and ')}, source ${sources}`,
  ];
}

function ageText(days: number): string {
  if (days <= 0) return 'today';
  return days === 1 ? '1 day old' : `${days} days old`;
}

const basisText = {
  gpm: 'judged by SM and memory activity',
  power: 'judged by power',
  utilization: 'no power readings: only an upper bound is known',
  mixed: 'judged by different signals per GPU',
} as const;

function effectiveText(report: Report, totals: Accounts, canvas: Canvas): string {
  const { effective } = report.gpuHours;
  if (totals.judgedHours <= 0) return 'nothing was observed';
  const share = (hours: number): string => percent(ratio(hours, totals.judgedHours));
  if (effective.basis === 'utilization') {
    return `at most ${share(effective.high)} of observed time; ${basisText.utilization}`;
  }
  const low = share(effective.low).replace(' %', '');
  const between = `${low}${canvas.dash}${share(effective.high)}`;
  return `${share(effective.estimate)} of observed time, ${between} possible; ${basisText[effective.basis]}`;
}

function wastedText(report: Report, totals: Accounts): string {
  const { wasted } = report.gpuHours;
  if (totals.judgedHours <= 0) return 'nothing was observed';
  const share = (hours: number): string => percent(ratio(hours, totals.judgedHours));
  const money =
    report.cost === null || totals.money === null
      ? ''
      : `, ${totals.money.text(report.cost.wasted.low)}`;
  const low = `at least ${gpuTime(wasted.low, totals.unit)} ${totals.unit.name}${money}`;
  return `${share(wasted.estimate)} of observed time; ${low} (${share(wasted.low)}) beyond doubt`;
}
