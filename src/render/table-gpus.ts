import type { Report, ReportGpu } from '../report/report.ts';
import { accounts, judgedHours, ratio, stateLabels } from './accounts.ts';
import type { Align, Canvas } from './canvas.ts';
import { gpuTime, number, percent } from './format.ts';
import { gpuLabel } from './labels.ts';
import { workedOverTime } from './over-time.ts';
import { bar, plain, sparkline, truncate, width, wrap } from './text.ts';

interface Column {
  readonly title: string;
  readonly align: Align;
  /** Where the terminal is too narrow, the columns of the highest rank go first. */
  readonly rank: number;
  cell(gpu: ReportGpu): string;
}

const absent = '-';

/** One line a GPU: how much of it worked, what was wasted, and its readings. */
export function gpuLines(report: Report, canvas: Canvas): string[] {
  if (report.gpus.length === 0) return [];
  const columns = withTime(
    fitting(columnsOf(report, canvas), report.gpus, canvas.width),
    report,
    canvas,
  );
  const lines = canvas.columns(
    [
      columns.map(({ title }) => canvas.paint.bold(title)),
      ...report.gpus.map((gpu) => columns.map((column) => column.cell(gpu))),
    ],
    columns.map(({ align }) => align),
  );
  return [...lines, ...hiddenLines(report, canvas)];
}

const gap = 2;

/** The columns of a line of the widest cells. */
function taken(columns: readonly Column[], gpus: readonly ReportGpu[]): number {
  return columns.reduce(
    (sum, column) =>
      sum + gap + Math.max(width(column.title), ...gpus.map((gpu) => width(column.cell(gpu)))),
    -gap,
  );
}

const overTime = 'over time';
const longestOverTime = 60;

/** In the room that is left, when the GPU worked; in place of the bar, which says less. */
function withTime(
  columns: readonly Column[],
  { gpus, series, window }: Report,
  canvas: Canvas,
): readonly Column[] {
  if (series === undefined) return columns;
  const others = columns.filter(({ title }) => title !== '');
  const room = Math.min(longestOverTime, canvas.width - taken(others, gpus) - gap);
  if (room < overTime.length) return columns;
  return [
    ...others,
    {
      title: overTime,
      align: 'left',
      rank: 4,
      cell: ({ id }) => {
        const own = series.find(({ gpu }) => gpu === id);
        if (own === undefined) return absent;
        return canvas.paint.green(sparkline(workedOverTime(own, window, room), canvas.unicode));
      },
    },
  ];
}

/** Drops whole columns until every line fits. */
function fitting(
  columns: readonly Column[],
  gpus: readonly ReportGpu[],
  limit: number,
): readonly Column[] {
  const last = Math.max(...columns.map(({ rank }) => rank));
  if (taken(columns, gpus) <= limit || last === 0) return columns;
  return fitting(
    columns.filter(({ rank }) => rank < last),
    gpus,
    limit,
  );
}

function columnsOf(report: Report, canvas: Canvas): Column[] {
  const totals = accounts(report);
  const { unit, money } = totals;
  const { paint, unicode } = canvas;
  // One GPU is the whole: it must not differ from the states above by their rounding.
  const isWhole =
    report.gpus.length === 1 && report.machines.every((m) => m.hiddenGpus.count === 0);
  const models = new Set(report.gpus.map(({ name }) => name));
  const hours = (
    title: string,
    rank: number,
    pick: (gpu: ReportGpu) => number,
    whole?: string,
  ): Column => ({
    title,
    align: 'right',
    rank,
    cell: (gpu) => (isWhole ? whole : undefined) ?? gpuTime(pick(gpu), unit),
  });
  const right = (title: string, rank: number, cell: (gpu: ReportGpu) => string): Column => ({
    title,
    align: 'right',
    rank,
    cell,
  });
  return [
    {
      title: 'GPU',
      align: 'left',
      rank: 0,
      cell: (gpu) => truncate(gpuLabel(report, gpu), 24, canvas.ellipsis),
    },
    ...(models.size > 1
      ? [
          {
            title: 'model',
            align: 'left' as const,
            rank: 5,
            cell: (gpu: ReportGpu) => truncate(plain(gpu.name ?? absent), 24, canvas.ellipsis),
          },
        ]
      : []),
    hours(unit.name, 6, (gpu) => gpu.gpuHours.billed, totals.billed.hours),
    hours('effective', 0, (gpu) => gpu.gpuHours.effective.estimate, totals.effective.hours),
    ...(['underfilled', 'throttled', 'waiting', 'heldIdle', 'emptyIdle'] as const).map((state) =>
      hours(
        stateLabels[state],
        7,
        (gpu) => gpu.gpuHours.byState[state],
        totals.rows.find((row) => row.state === state)?.hours,
      ),
    ),
    hours('wasted', 0, (gpu) => gpu.gpuHours.wasted.estimate, totals.wasted.hours),
    ...(money === null
      ? []
      : [
          right('wasted cost', 1, (gpu) =>
            gpu.cost === null
              ? absent
              : ((isWhole ? totals.wasted.money : null) ?? money.text(gpu.cost.wasted.estimate)),
          ),
        ]),
    right('util', 2, (gpu) => meanPercent(gpu.utilizationPct?.mean)),
    right('memory', 3, memoryText),
    right('power', 3, (gpu) => (gpu.powerW === null ? absent : `${number(gpu.powerW.mean)} W`)),
    right('worked', 0, (gpu) => percent(effectiveShare(gpu))),
    {
      title: '',
      align: 'left',
      rank: 4,
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

function hiddenLines(report: Report, canvas: Canvas): string[] {
  const { unit, money } = accounts(report);
  return report.machines.flatMap(({ hiddenGpus }) => {
    if (hiddenGpus.count === 0) return [];
    const cost =
      hiddenGpus.cost === null || money === null ? '' : ` and ${money.text(hiddenGpus.cost)}`;
    const which = hiddenGpus.count === 1 ? '1 GPU' : `${hiddenGpus.count} GPUs`;
    return wrap(
      `${which} of the machine ${hiddenGpus.count === 1 ? 'was' : 'were'} not watched (hidden from here, or left out with --gpus): ${gpuTime(hiddenGpus.gpuHours, unit)} ${unit.name}${cost} of the bill, unobserved.`,
      canvas.width,
    );
  });
}
