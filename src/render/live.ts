import type { LiveGpu, LiveMachine } from '../audit/live-usage.ts';
import type { Canvas } from './canvas.ts';
import { duration, gpuTime, gpuTimeUnit, moneyFormat, number, percent, price } from './format.ts';
import { inOrder, type LiveOrder, liveOrders, orderKeys } from './live-order.ts';
import { processRows } from './live-processes.ts';
import { padEnd, padStart, plain, sparkline, truncate } from './text.ts';

/** What the live view shows beside the GPUs. */
export interface LiveFacts {
  readonly host: string;
  /** `aws/p5.48xlarge`; null where the type is not known. */
  readonly machineType: string | null;
  readonly sessionId: string;
  readonly elapsedMs: number;
  /** The last thing that went wrong and has not been put right, or null. */
  readonly trouble: string | null;
  /** What is about to be done, or was; null is nothing. */
  readonly notice: string | null;
}

/** What the person at the terminal chose to see. */
export interface LiveChoice {
  readonly order: LiveOrder;
  /** A row for each process, where there is room. */
  readonly withProcesses: boolean;
  /** Whether keys are read; else there is no word of them. */
  readonly hasKeys: boolean;
}

/** One frame of the live view: at most `rows` lines, none longer than the canvas is wide. */
export function liveFrame(
  machine: LiveMachine,
  facts: LiveFacts,
  rows: number,
  canvas: Canvas,
  choice: LiveChoice,
): string {
  const { paint } = canvas;
  const head = headLines(machine, facts, canvas);
  const foot = [
    ...(facts.trouble === null
      ? []
      : [paint.red(truncate(plain(facts.trouble), canvas.width, canvas.ellipsis))]),
    ...(facts.notice === null
      ? []
      : [paint.yellow(truncate(plain(facts.notice), canvas.width, canvas.ellipsis))]),
    paint.dim(truncate(footText(facts, choice, canvas), canvas.width, canvas.ellipsis)),
  ];
  const room = Math.max(1, rows - head.length - foot.length - 2);
  const sorted = inOrder(machine.gpus, choice.order);
  const shown = sorted.length > room ? sorted.slice(0, room - 1) : sorted;
  const under = choice.withProcesses
    ? processRows(shown, room - machine.gpus.length, canvas)
    : new Map<string, readonly string[]>();
  const hidden = machine.gpus.length - shown.length;
  return [
    ...head,
    ...gpuTable(shown, machine, canvas, under),
    ...(hidden === 0
      ? []
      : [
          paint.dim(
            truncate(
              `${canvas.ellipsis} and ${hidden} more GPUs: make the window taller`,
              canvas.width,
              canvas.ellipsis,
            ),
          ),
        ]),
    ...foot,
  ].join('\n');
}

function headLines(machine: LiveMachine, facts: LiveFacts, canvas: Canvas): string[] {
  const { paint, dot } = canvas;
  const title = [plain(facts.host), facts.machineType, duration(facts.elapsedMs)]
    .filter((part) => part !== null)
    .join(` ${dot} `);
  return [
    paint.bold(truncate(title, canvas.width, canvas.ellipsis)),
    truncate(totalsLine(machine), canvas.width, canvas.ellipsis),
    '',
  ];
}

function totalsLine(machine: LiveMachine): string {
  const { currency, perHour, billedCost, wastedCost } = machine;
  const hours = machine.billedMs / 3_600_000;
  const unit = gpuTimeUnit(hours);
  const share = machine.billedMs > 0 ? machine.wastedMs / machine.billedMs : 0;
  if (currency === null || perHour === null || billedCost === null || wastedCost === null) {
    return `${gpuTime(hours, unit)} ${unit.name} so far, wasted ${gpuTime(machine.wastedMs / 3_600_000, unit)} (${percent(share)}); no price: see --machine`;
  }
  const money = moneyFormat(currency, billedCost);
  const wastedShare = billedCost > 0 ? wastedCost / billedCost : 0;
  return `${price(currency, perHour)}/h, so far ${money.text(billedCost)}, wasted ${money.text(wastedCost)} (${percent(wastedShare)})`;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Where the terminal is too narrow, the columns of the highest rank go first. */
  readonly rank: number;
  cell(gpu: LiveGpu): string;
}

const absent = '-';

function footText(facts: LiveFacts, choice: LiveChoice, { dot, width: columns }: Canvas): string {
  const session = `session ${facts.sessionId}`;
  if (!choice.hasKeys) return `Ctrl-C ends and reports ${dot} ${session}`;
  const keys = liveOrders
    .map((order) => (order === choice.order ? `[${orderKeys[order]}]` : orderKeys[order]))
    .join(' ');
  const processes = `t ${choice.withProcesses ? 'hides' : 'shows'} processes`;
  const all = ['Ctrl-C ends and reports', `sort by ${keys}`, processes];
  // The names of the orders need room; the session's name goes first.
  const named = `sort by ${liveOrders.map((order) => (order === choice.order ? `[${order}]` : `${order}`)).join(', ')} (first letter)`;
  const long = ['Ctrl-C ends and reports', named, processes, session].join(` ${dot} `);
  return long.length <= columns ? long : all.join(` ${dot} `);
}

function gpuTable(
  gpus: readonly LiveGpu[],
  machine: LiveMachine,
  canvas: Canvas,
  under: ReadonlyMap<string, readonly string[]>,
): string[] {
  const columns = fitting(columnsFor(machine, canvas), canvas.width);
  const taken = widthOf(columns);
  const spark = Math.min(60, canvas.width - taken - 1);
  const line = (cells: readonly string[], history: string): string =>
    `${cells
      .map((cell, i) => {
        const column = columns[i];
        if (column === undefined) return cell;
        return column.align === 'left' ? padEnd(cell, column.width) : padStart(cell, column.width);
      })
      .join(' ')} ${history}`.trimEnd();
  return [
    canvas.paint.bold(
      line(
        columns.map(({ title }) => title),
        spark >= 12 ? 'utilization' : '',
      ),
    ),
    ...gpus.flatMap((gpu) => {
      const stroke = strokeOf(gpu, canvas);
      const history = spark >= 12 ? sparkline(gpu.history.slice(-spark), canvas.unicode) : '';
      const cells = columns.map((column) =>
        truncate(column.cell(gpu), column.width, canvas.ellipsis),
      );
      return [line(cells, stroke(history)), ...(under.get(gpu.identity.id) ?? [])];
    }),
  ];
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + column.width + 1, 0);
}

function fitting(columns: readonly Column[], limit: number): readonly Column[] {
  const last = Math.max(...columns.map(({ rank }) => rank));
  if (widthOf(columns) <= limit || last === 0) return columns;
  return fitting(
    columns.filter(({ rank }) => rank < last),
    limit,
  );
}

function columnsFor(machine: LiveMachine, canvas: Canvas): Column[] {
  const { currency } = machine;
  const money = currency === null ? null : moneyFormat(currency, machine.billedCost ?? 0);
  const unit = gpuTimeUnit(machine.billedMs / 3_600_000);
  const right = (
    title: string,
    width: number,
    rank: number,
    cell: (gpu: LiveGpu) => string,
  ): Column => ({
    title,
    width,
    align: 'right',
    rank,
    cell,
  });
  const amount = (ms: number, cost: number | null): string =>
    money === null || cost === null ? gpuTime(ms / 3_600_000, unit) : money.text(cost);
  const scale = money === null ? ` ${unit.name.slice(4)}` : '';
  return [
    right('GPU', 3, 0, ({ identity }) => `${identity.index ?? '?'}`),
    right('util', 5, 0, ({ utilizationPct }) =>
      utilizationPct === null ? absent : percent(utilizationPct / 100),
    ),
    right('memory GiB', 10, 3, memoryText),
    right('power', 6, 2, ({ powerW }) => (powerW === null ? absent : `${Math.round(powerW)} W`)),
    right('load', 5, 4, ({ load }) => (load === null ? absent : percent(load))),
    { title: 'now', width: 10, align: 'left', rank: 1, cell: ({ now }) => now },
    right(`so far${scale}`, 10, 1, (gpu) => amount(gpu.billedMs, gpu.billedCost)),
    right(`wasted${scale}`, 10, 0, (gpu) => amount(gpu.wastedMs, gpu.wastedCost)),
    ...(canvas.width >= 120
      ? [{ title: 'model', width: 24, align: 'left' as const, rank: 5, cell: modelText }]
      : []),
  ];
}

function modelText({ identity }: LiveGpu): string {
  return plain(identity.name ?? absent);
}

function memoryText({ memoryUsedMib, identity }: LiveGpu): string {
  const used = memoryUsedMib === null ? absent : number(memoryUsedMib / 1024);
  return identity.memoryTotalMib === null
    ? used
    : `${used}/${Math.round(identity.memoryTotalMib / 1024)}`;
}

function strokeOf(gpu: LiveGpu, canvas: Canvas): (text: string) => string {
  const { paint } = canvas;
  switch (gpu.now) {
    case 'busy':
      return paint.green;
    case 'held idle':
    case 'empty idle':
      return paint.red;
    case 'no reading':
      return paint.dim;
  }
}
