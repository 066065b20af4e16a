import type { Report, ReportGpu } from '../report/report.ts';
import { accounts, judgedHours, ratio, stateLabels } from './accounts.ts';
import type { Align, Canvas } from './canvas.ts';
import { gpuTime, number, percent } from './format.ts';
import { gpuLabel } from './labels.ts';
import { bar, plain, truncate } from './text.ts';

interface Column {
  readonly title: string;
  readonly align: Align;
  /** Terminals narrower than this leave the column out. */
  readonly from: number;
  cell(gpu: ReportGpu): string;
}

const absent = '-';

/** One line a GPU: how much of it worked, what was wasted, and its readings. */
export function gpuLines(report: Report, canvas: Canvas): string[] {
  if (report.gpus.length === 0) return [];
  const columns = columnsOf(report, canvas).filter(({ from }) => canvas.width >= from);
  const lines = canvas.columns(
    [
      columns.map(({ title }) => canvas.paint.bold(title)),
      ...report.gpus.map((gpu) => columns.map((column) => column.cell(gpu))),
    ],
    columns.map(({ align }) => align),
  );
  return [...lines, ...hiddenLines(report)];
}

function columnsOf(report: Report, canvas: Canvas): Column[] {
  const { unit, money } = accounts(report);
  const { paint, unicode } = canvas;
  const models = new Set(report.gpus.map(({ name }) => name));
  const hours = (title: string, from: number, pick: (gpu: ReportGpu) => number): Column => ({
    title,
    align: 'right',
    from,
    cell: (gpu) => gpuTime(pick(gpu), unit),
  });
  const right = (title: string, from: number, cell: (gpu: ReportGpu) => string): Column => ({
    title,
    align: 'right',
    from,
    cell,
  });
  return [
    { title: 'GPU', align: 'left', from: 0, cell: (gpu) => truncate(gpuLabel(report, gpu), 24) },
    ...(models.size > 1
      ? [
          {
            title: 'model',
            align: 'left' as const,
            from: 100,
            cell: (gpu: ReportGpu) => truncate(plain(gpu.name ?? absent), 24),
          },
        ]
      : []),
    hours(`${unit.name}`, 100, (gpu) => gpu.gpuHours.billed),
    hours('effective', 0, (gpu) => gpu.gpuHours.effective.estimate),
    ...(['underfilled', 'throttled', 'waiting', 'heldIdle', 'emptyIdle'] as const).map((state) =>
      hours(stateLabels[state], 140, (gpu) => gpu.gpuHours.byState[state]),
    ),
    hours('wasted', 0, (gpu) => gpu.gpuHours.wasted.estimate),
    ...(money === null
      ? []
      : [
          right('wasted cost', 0, (gpu) =>
            gpu.cost === null ? absent : money.text(gpu.cost.wasted.estimate),
          ),
        ]),
    right('util', 0, (gpu) => meanPercent(gpu.utilizationPct?.mean)),
    right('memory', 0, memoryText),
    right('power', 0, (gpu) => (gpu.powerW === null ? absent : `${number(gpu.powerW.mean)} W`)),
    right('worked', 0, (gpu) => percent(effectiveShare(gpu))),
    {
      title: '',
      align: 'left',
      from: 0,
      cell: (gpu) => paint.green(bar(effectiveShare(gpu), 8, unicode)),
    },
  ];
}

function effectiveShare(gpu: ReportGpu): number {
  return ratio(gpu.gpuHours.effective.estimate, judgedHours(gpu.gpuHours));
}

function meanPercent(mean: number | undefined): string {
  return mean === undefined ? absent : percent(mean / 100);
}

function memoryText(gpu: ReportGpu): string {
  if (gpu.memoryUsedMib === null) return absent;
  return `${number(gpu.memoryUsedMib.max / 1024)} GiB`;
}

function hiddenLines(report: Report): string[] {
  const { unit, money } = accounts(report);
  return report.machines.flatMap(({ hiddenGpus }) => {
    if (hiddenGpus.count === 0) return [];
    const cost =
      hiddenGpus.cost === null || money === null ? '' : ` and ${money.text(hiddenGpus.cost)}`;
    const which = hiddenGpus.count === 1 ? '1 GPU' : `${hiddenGpus.count} GPUs`;
    return [
      `${which} of the machine can't be seen from here: ${gpuTime(hiddenGpus.gpuHours, unit)} ${unit.name}${cost} of the bill, unobserved.`,
    ];
  });
}
