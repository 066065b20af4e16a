import { parseText, saysGpuLost } from '../../sample/parse-value.ts';
import type { LogGpu } from './gpu-blocks.ts';
import { isHeader } from './log-fields.ts';
import type { LogWarnings } from './log-warnings.ts';
import type { LogOptions } from './options.ts';
import { type IdentityCell, makePlan, op, type Plan } from './plan.ts';
import { quoted, refusal } from './refusal.ts';
import { foreign } from './sniff.ts';
import { isAmbiguousDate, type TimeReader } from './timestamps.ts';

export type ReadLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'header'; readonly plan: Plan }
  | { readonly kind: 'bad' }
  | { readonly kind: 'row'; readonly timeMs: number; readonly cells: readonly string[] };

const bad: ReadLine = { kind: 'bad' };

/** Reads the lines that the byte reader leaves: headers, words of nvidia-smi, torn rows, rare forms of cells. */
export class LineReader {
  private readonly source: string;
  private readonly options: LogOptions;
  private readonly plan: Plan;
  private readonly header: string;
  private readonly time: TimeReader;
  private readonly warnings: LogWarnings;

  constructor(
    source: string,
    options: LogOptions,
    plan: Plan,
    time: TimeReader,
    warnings: LogWarnings,
  ) {
    this.source = source;
    this.options = options;
    this.plan = plan;
    this.header = plan.names.join(',');
    this.time = time;
    this.warnings = warnings;
  }

  /** Reads a line; of a row, the readings are written to `row`. */
  read(line: number, text: string, isTail: boolean, row: Float64Array): ReadLine {
    if (text.trim() === '') return { kind: 'blank' };
    const cells = text.split(',');
    if (isHeader(cells)) return this.readHeader(line, cells);
    const reason = foreign(this.source, line, text);
    if (reason !== null) throw reason;
    if (cells.length !== this.plan.ops.length) return this.noteBad(line, text, isTail);
    const timeMs = this.timeOf(line, cells);
    if (timeMs === null) return this.noteBad(line, text, isTail);
    if (cells.some(saysGpuLost)) {
      const words = (cells.find(saysGpuLost) ?? '').trim();
      this.warnings.note(
        'gpu-lost',
        words,
        line,
        (count, first) =>
          `${this.source}:${first}: ${words} in ${rows(count)}, which are left out as unobserved`,
      );
      return bad;
    }
    const tornCell = isTail ? this.tornCell(cells) : -1;
    const isCut = tornCell >= 0 && !this.fits(cells, tornCell);
    if (isCut || !this.readCells(line, cells, tornCell, row)) {
      return this.noteBad(line, text, isTail);
    }
    return { kind: 'row', timeMs, cells };
  }

  /** The cell of a further header that identifies GPUs as the first one did. */
  sameIdentity(line: number, before: IdentityCell | null, plan: Plan): IdentityCell | null {
    const same = plan.identities.find(({ kind }) => kind === before?.kind) ?? null;
    if (before === null ? plan.identities.length === 0 : same !== null) return same;
    throw refusal(
      this.source,
      line,
      'another header, which names GPUs in another way',
      `GPUs named by ${before?.kind ?? 'nothing'}, as further up`,
      'Split the file where the header changes and report on both parts.',
    );
  }

  noteIdentity(line: number, kind: string, key: string): void {
    this.warnings.note(
      'bad-row',
      'identity',
      line,
      (count, first) =>
        `${this.source}:${first}: ${quoted(key)} is no ${kind}: ${rows(count)} left out as unobserved`,
    );
  }

  noteOrder(line: number): void {
    this.warnings.note(
      'order-lost',
      '',
      line,
      (count, first) =>
        `${this.source}:${first}: after an irregular row, ${rows(count)} can't be given to a GPU; left out as unobserved`,
    );
  }

  noteStep(line: number, gpu: LogGpu, timeMs: number): void {
    const byMs = gpu.lastMs - timeMs;
    const { id } = gpu.identity;
    if (byMs === 0) {
      this.warnings.note(
        'same-time',
        '',
        line,
        (count, first) =>
          `${this.source}:${first}: ${rows(count)} with the time of the row before of the same GPU (${id})`,
      );
      return;
    }
    this.warnings.note(
      'clock-step',
      `${line}`,
      line,
      () => `${this.source}:${line}: the clock goes back by ${byMs / 1000} s (${id})`,
    );
  }

  private readHeader(line: number, cells: readonly string[]): ReadLine {
    const isSame = cells.map((cell) => cell.trim().split(' [')[0]).join(',') === this.header;
    if (isSame || this.options.fields !== undefined) return { kind: 'header', plan: this.plan };
    const plan = makePlan(this.source, line, cells);
    if (plan.timeCell >= 0 === this.plan.timeCell >= 0) return { kind: 'header', plan };
    throw refusal(
      this.source,
      line,
      `another header, ${plan.timeCell >= 0 ? 'with' : 'without'} timestamps`,
      'the same as further up',
      'Split the file where the header changes and report on both parts.',
    );
  }

  private timeOf(line: number, cells: readonly string[]): number | null {
    if (this.plan.timeCell < 0) return 0;
    const cell = cells[this.plan.timeCell] ?? '';
    const timeMs = this.time.readText(cell);
    if (timeMs !== null || !isAmbiguousDate(cell)) return timeMs;
    throw refusal(
      this.source,
      line,
      `the time ${quoted(cell)}, in which day and month can't be told apart`,
      'year first, as in 2026/01/31 23:59:59.123 or 2026-01-31T23:59:59Z',
      'Rewrite the timestamps with the year first.',
    );
  }

  /** False where no reading of the row is understood: such a line is text that happens to fit. */
  private readCells(
    line: number,
    cells: readonly string[],
    tornCell: number,
    row: Float64Array,
  ): boolean {
    const { plan } = this;
    let understood = 0;
    const odd: number[] = [];
    cells.forEach((text, cell) => {
      const slot = plan.slots[cell] ?? -1;
      if (slot < 0) return;
      const value = cell === tornCell ? null : plan.parsers[cell]?.(text);
      if (value === undefined) odd.push(cell);
      else understood += 1;
      row.set([value ?? Number.NaN], slot);
    });
    if (understood === 0) return false;
    for (const cell of odd) {
      const name = plan.names[cell] ?? '';
      const text = quoted(cells[cell] ?? '');
      this.warnings.note(
        'unreadable-cell',
        name,
        line,
        (count, first) =>
          `${this.source}:${first}: ${name} is ${text}, which is no reading (${rows(count)}); taken as missing`,
      );
    }
    return true;
  }

  /** The last cell of a line without an end may have been cut; a unit behind a number proves that it was not. */
  private tornCell(cells: readonly string[]): number {
    const cell = cells.length - 1;
    const unit = this.plan.units[cell] ?? null;
    const text = cells[cell] ?? '';
    const isWhole =
      this.plan.ops[cell] === op.quantity &&
      unit !== null &&
      text.endsWith(` ${Buffer.from(unit).toString('latin1')}`);
    return isWhole || text.endsWith(']') ? -1 : cell;
  }

  /** A cut time or identity would be a wrong one. */
  private fits(cells: readonly string[], tornCell: number): boolean {
    const { plan } = this;
    const isIdentity = plan.identities.some(({ cell }) => cell === tornCell);
    return tornCell !== plan.timeCell && !(isIdentity && parseText(cells[tornCell] ?? '') !== null);
  }

  private noteBad(line: number, text: string, isTail: boolean): ReadLine {
    if (isTail) {
      this.warnings.note(
        'torn-line',
        '',
        line,
        () => `${this.source}:${line}: the last line is cut off and left out`,
      );
      return bad;
    }
    const isRow = text.includes(',') || /^\s*\d/.test(text);
    const words = quoted(text);
    if (isRow) {
      this.warnings.note(
        'bad-row',
        'cells',
        line,
        (count, first) =>
          `${this.source}:${first}: ${words} is no row of ${this.plan.ops.length} columns; ${rows(count)} left out as unobserved`,
      );
    } else {
      this.warnings.note(
        'reading-failed',
        text.replace(/[\da-f]+/gi, '0'),
        line,
        (count, first) => `${this.source}:${first}: ${words} instead of a reading (${count} times)`,
      );
    }
    return bad;
  }
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
