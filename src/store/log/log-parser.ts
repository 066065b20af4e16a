import type { RecordingItem } from '../recording.ts';
import { CellReader } from './cells.ts';
import { blockRows, type LogGpu } from './gpu-blocks.ts';
import { GpuTable } from './gpu-table.ts';
import { GroupOrder } from './group-order.ts';
import { findGrouping } from './group-size.ts';
import { chooseIdentity } from './identity-choice.ts';
import { LineReader } from './line-reader.ts';
import { isHeader } from './log-fields.ts';
import { LogWarnings } from './log-warnings.ts';
import type { LogOptions } from './options.ts';
import type { IdentityCell, Plan } from './plan.ts';
import { planWarnings } from './plan-warnings.ts';
import { Preamble } from './preamble.ts';
import { RowClock } from './row-clock.ts';
import { noRow, severalGpus, unlikeCards, wrongGroups } from './row-refusals.ts';
import { dateOrderOf, TimeReader } from './timestamps.ts';
import { utc, zoneOf } from './zone.ts';

const rowsToIdentifyBy = 64;

/** Turns the text of a log into items; feed it whole lines, take the items, and finish it. */
export class LogParser {
  readonly warnings = new LogWarnings();
  private readonly source: string;
  private options: LogOptions;
  private readonly preamble: Preamble;
  private readonly time: TimeReader;
  private readonly table: GpuTable;
  private readonly probeMs = new Float64Array(blockRows);
  private items: RecordingItem[] = [];
  private plan: Plan | null = null;
  private cells: CellReader | null = null;
  private lines: LineReader | null = null;
  private clock: RowClock | null = null;
  private order: GroupOrder | null = null;
  private identity: IdentityCell | null = null;
  private only: LogGpu | null = null;
  /** Whose key `cells.expected` is. */
  private expected: LogGpu | null = null;
  private memorySlot = -1;
  private line = 0;
  private rows = 0;
  private isFirstText = true;
  private knowsNewGpus = false;
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(source: string, options: LogOptions) {
    this.source = source;
    this.options = options;
    this.preamble = new Preamble(source, options);
    this.time = new TimeReader(options.timeZone === undefined ? utc : zoneOf(options.timeZone));
    this.table = new GpuTable(source);
  }

  /** True once the columns are known and they hold the time, so that `--interval` has no say. */
  get hasTimes(): boolean {
    return this.plan !== null && this.plan.timeCell >= 0;
  }

  /** Reads bytes[from, to), which has to end with a line end. */
  parse(bytes: Uint8Array, from: number, to: number): void {
    if (this.isFirstText) {
      this.isFirstText = false;
      this.time.dateOrder = dateOrderOf(textOf(bytes, from, to));
    }
    let at = from;
    while (at < to) {
      this.line += 1;
      const { cells } = this;
      if (cells !== null && cells.read(bytes, at) && this.keepBytes(bytes, cells)) {
        at = cells.next;
      } else {
        const end = bytes.indexOf(10, at);
        const start = at;
        this.readLine(textOf(bytes, at, end), false, () => textOf(bytes, start, to));
        at = end + 1;
      }
    }
  }

  /** Reads what follows the last line end: a row that was torn off, or the last row of a file without one. */
  parseTail(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.line += 1;
    const text = textOf(bytes, 0, bytes.length);
    this.readLine(text, true, () => text);
  }

  /** Refuses rows of several GPUs that can't be told apart; to be called once enough rows were read. */
  judgeOrder(): void {
    const { plan } = this;
    if (plan === null || this.identity !== null || plan.timeCell < 0) return;
    const { gpuCount } = this.options;
    const seen = Math.min(this.rows, blockRows);
    const size = findGrouping(this.probeMs, seen)?.size ?? null;
    if (gpuCount === undefined) {
      if (size !== null) throw severalGpus(this.source, size);
    } else if (gpuCount > 1) {
      if (size === null ? seen > 2 * gpuCount : size !== gpuCount) {
        throw wrongGroups(this.source, gpuCount, size);
      }
    }
  }

  take(): RecordingItem[] {
    const { items } = this;
    this.items = [];
    return items;
  }

  /** @throws UsageError where the log held no reading at all */
  finish(): void {
    if (this.plan === null) throw this.preamble.nothing();
    if (this.rows === 0) throw noRow(this.source, this.warnings);
    for (const gpu of this.table.gpus) this.flush(gpu);
    this.items.push(...planWarnings(this.source, this.plan, this.options));
    this.items.push(...this.warnings.items(), { kind: 'end', timeMs: this.lastMs });
  }

  /** `ahead` gives the text from this line on. */
  private readLine(text: string, isTail: boolean, ahead: () => string): void {
    if (this.plan === null) {
      const beginning = this.preamble.read(this.line, text);
      if (beginning === null) return;
      this.begin(beginning.plan, ahead());
      if (!beginning.isRow) return;
    }
    const { lines, plan, cells } = this;
    if (lines === null || plan === null || cells === null) return;
    const read = lines.read(this.line, text, isTail, cells.row);
    switch (read.kind) {
      case 'blank':
        return;
      case 'header':
        if (read.plan !== plan) this.change(read.plan);
        this.order?.restart();
        this.clock?.header();
        return;
      case 'bad':
        this.order?.lose();
        this.clock?.failed();
        return;
      case 'row':
        cells.timeMs = read.timeMs;
        this.keepCells(read.cells, cells.row, read.timeMs);
    }
  }

  private begin(plan: Plan, ahead: string): void {
    const rows = ahead
      .split('\n', rowsToIdentifyBy)
      .map((line) => line.split(','))
      .filter((cells) => cells.length === plan.ops.length && !isHeader(cells));
    this.identity = chooseIdentity(plan, rows);
    // A machine with one GPU has no others; with more, `-i` may still have picked one.
    const isAlone = plan.countCell >= 0 && rows.every((row) => Number(row[plan.countCell]) === 1);
    if (isAlone && rows.length > 0) this.options = { gpuCount: 1, ...this.options };
    const { gpuCount = 1 } = this.options;
    this.clock = plan.timeCell >= 0 ? null : new RowClock(this.source, this.options, this.identity);
    this.order = this.identity === null && gpuCount > 1 ? new GroupOrder(gpuCount) : null;
    this.use(plan);
  }

  /** A further header: what identifies GPUs has to stay. */
  private change(plan: Plan): void {
    for (const gpu of this.table.gpus) this.flush(gpu);
    this.identity = this.lines?.sameIdentity(this.line, this.identity, plan) ?? null;
    this.use(plan);
  }

  private use(plan: Plan): void {
    this.plan = plan;
    this.memorySlot = plan.columns.find(({ column }) => column === 'memoryTotalMib')?.slot ?? -1;
    this.lines = new LineReader(this.source, this.options, plan, this.time, this.warnings);
    this.cells = new CellReader(plan, this.identity?.cell ?? -1, this.time);
  }

  /** False where the row needs the reader of lines: its GPU is not known yet. */
  private keepBytes(bytes: Uint8Array, cells: CellReader): boolean {
    const gpu = this.gpuOfBytes(bytes, cells);
    if (gpu === undefined) return false;
    this.keep(gpu, cells.timeMs, cells.row);
    return true;
  }

  private gpuOfBytes(bytes: Uint8Array, cells: CellReader): LogGpu | undefined {
    const { table } = this;
    if (this.identity === null) return this.order === null ? (this.only ?? undefined) : undefined;
    const gpu = cells.isExpected
      ? (this.expected ?? undefined)
      : table.find(bytes, cells.idStart, cells.idEnd);
    if (gpu === undefined) return undefined;
    this.expected = table.after(gpu);
    cells.expected = this.expected.key;
    return gpu;
  }

  private keepCells(cells: readonly string[], row: Float64Array, timeMs: number): void {
    const { plan } = this;
    if (plan === null) return;
    const gpu = this.gpuOf(plan, cells, timeMs);
    if (gpu !== null) this.keep(gpu, timeMs, row);
  }

  private gpuOf(plan: Plan, cells: readonly string[], timeMs: number): LogGpu | null {
    const { identity, table } = this;
    if (identity !== null) {
      const key = (cells[identity.cell] ?? '').trim();
      const known = table.byText(key);
      if (known !== undefined) return known;
      const added = table.add(identity.kind, key, plan, cells);
      if (added === null) this.lines?.noteIdentity(this.line, identity.kind, key);
      else this.knowsNewGpus = true;
      return added;
    }
    const position = this.order?.next(timeMs) ?? 0;
    if (position < 0) {
      this.lines?.noteOrder(this.line);
      return null;
    }
    const gpu = table.byText(`${position}`);
    if (gpu !== undefined) return gpu;
    this.knowsNewGpus = true;
    const added = table.addNth(position, plan, cells);
    if (this.order === null) this.only = added;
    return added;
  }

  private keep(gpu: LogGpu, readMs: number, row: Float64Array): void {
    const { plan, clock } = this;
    if (plan === null) return;
    const timeMs = clock === null ? readMs : clock.timeOf(this.line, gpu);
    if (this.rows < blockRows) this.probeMs[this.rows] = timeMs;
    this.rows += 1;
    if (this.rows === blockRows) this.judgeOrder();
    if (timeMs <= gpu.lastMs) this.lines?.noteStep(this.line, gpu, timeMs);
    gpu.lastMs = timeMs;
    if (timeMs > this.lastMs) this.lastMs = timeMs;
    if (gpu === this.only) this.judgeMemory(gpu, row);
    if (gpu.append(timeMs, row, plan.columns)) this.flush(gpu);
  }

  private flush(gpu: LogGpu): void {
    if (this.knowsNewGpus) {
      this.items.push({ kind: 'gpus', gpus: this.table.identities() });
      this.knowsNewGpus = false;
    }
    this.judgeBlock(gpu);
    const block = gpu.take();
    if (block !== null) this.items.push({ kind: 'samples', block });
  }

  /** One card does not change its memory: without an identity, that is another card's row. */
  private judgeMemory(gpu: LogGpu, row: Float64Array): void {
    const before = gpu.identity.memoryTotalMib;
    const now = row[this.memorySlot] ?? Number.NaN;
    if (before === null || Number.isNaN(now) || now === before) return;
    if (this.options.gpuCount !== 1) throw unlikeCards(this.source, this.line, before, now);
  }

  /** A log of one GPU that goes on with several, as where two were joined. */
  private judgeBlock(gpu: LogGpu): void {
    if (gpu !== this.only || this.hasTimes === false || this.options.gpuCount === 1) return;
    const grouping = findGrouping(gpu.times, gpu.length);
    if (grouping !== null) throw severalGpus(this.source, grouping.size);
  }
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
