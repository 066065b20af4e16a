import type { SignalBlock } from '../store/recording.ts';

/** Rules read means over phases of minutes: a grid of this step is fine enough, and small for weeks of readings. */
const gridMs = 20_000;

interface ColumnSums {
  sum: Float32Array;
  ms: Float32Array;
}

/** Sum of value × ms and of ms over a span, by column; columns without readings are left out. */
export type SpanSums<C extends string> = Partial<Record<C, { sum: number; ms: number }>>;

/** Host or job readings of one contributor on a grid, weighted by the time that each reading covers. */
export class SignalTrack<C extends string> {
  readonly #columns: readonly C[];
  /** Grid step of each row, ascending. */
  #steps = new Uint32Array(64);
  #length = 0;
  readonly #sums: (ColumnSums | null)[];
  /** End of the latest reading; each covers the time since the one before. */
  #lastMs = NaN;

  constructor(columns: readonly C[]) {
    this.#columns = columns;
    this.#sums = columns.map(() => null);
  }

  /** Adds readings that follow the ones before; the first covers `firstMs`, no other more than `maxGapMs`. */
  add(block: SignalBlock<C>, firstMs: number, maxGapMs: number): void {
    let last = this.#lastMs;
    for (let i = 0; i < block.length; i++) {
      const timeMs = block.timeMs[i] ?? NaN;
      const ms = Number.isNaN(last) ? firstMs : Math.min(timeMs - last, maxGapMs);
      last = timeMs;
      if (!(ms > 0)) continue;
      const row = this.#rowAt(Math.floor((timeMs - ms / 2) / gridMs));
      for (let c = 0; c < this.#columns.length; c++) {
        const name = this.#columns[c];
        const value = (name === undefined ? undefined : block.columns[name]?.[i]) ?? NaN;
        if (!Number.isNaN(value)) this.#addTo(c, row, value, ms);
      }
    }
    this.#lastMs = last;
  }

  /** Means over a span of time; a column without readings in it is left out. */
  means(startMs: number, endMs: number): Partial<Record<C, number>> {
    const means: Partial<Record<C, number>> = {};
    const sums = this.sums(startMs, endMs);
    for (const column of this.#columns) {
      const of = sums[column];
      if (of) means[column] = of.sum / of.ms;
    }
    return means;
  }

  sums(startMs: number, endMs: number): SpanSums<C> {
    const spanSums: SpanSums<C> = {};
    const from = this.#search(Math.floor(startMs / gridMs));
    const to = this.#search(Math.ceil(endMs / gridMs));
    this.#columns.forEach((column, c) => {
      const sums = this.#sums[c];
      if (!sums) return;
      let sum = 0;
      let ms = 0;
      for (let row = from; row < to; row++) {
        sum += sums.sum[row] ?? 0;
        ms += sums.ms[row] ?? 0;
      }
      if (ms > 0) spanSums[column] = { sum, ms };
    });
    return spanSums;
  }

  /** Means by step of the grid, for the steps of a span that have a reading. */
  steps(column: C, startMs: number, endMs: number): Map<number, number> {
    const steps = new Map<number, number>();
    const sums = this.#sums[this.#columns.indexOf(column)];
    const to = this.#search(Math.ceil(endMs / gridMs));
    for (let row = this.#search(Math.floor(startMs / gridMs)); sums && row < to; row++) {
      const ms = sums.ms[row] ?? 0;
      if (ms > 0) steps.set(this.#steps[row] ?? 0, (sums.sum[row] ?? 0) / ms);
    }
    return steps;
  }

  #addTo(c: number, row: number, value: number, ms: number): void {
    const capacity = this.#steps.length;
    const sums = (this.#sums[c] ??= {
      sum: new Float32Array(capacity),
      ms: new Float32Array(capacity),
    });
    sums.sum[row] = (sums.sum[row] ?? 0) + value * ms;
    sums.ms[row] = (sums.ms[row] ?? 0) + ms;
  }

  #rowAt(step: number): number {
    const last = this.#length - 1;
    if (last >= 0 && this.#steps[last] === step) return last;
    const row = this.#search(step);
    if (row < this.#length && this.#steps[row] === step) return row;
    if (this.#length === this.#steps.length) this.#grow();
    this.#steps.copyWithin(row + 1, row, this.#length);
    this.#steps[row] = step;
    for (const sums of this.#sums) {
      for (const column of sums ? [sums.sum, sums.ms] : []) {
        column.copyWithin(row + 1, row, this.#length);
        column[row] = 0;
      }
    }
    this.#length++;
    return row;
  }

  /** The first row at or after a step. */
  #search(step: number): number {
    if (this.#length > 0 && (this.#steps[this.#length - 1] ?? 0) < step) return this.#length;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((this.#steps[mid] ?? 0) < step) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#steps.length * 1.5);
    const steps = new Uint32Array(capacity);
    steps.set(this.#steps);
    this.#steps = steps;
    const grown = (column: Float32Array) => {
      const wider = new Float32Array(capacity);
      wider.set(column);
      return wider;
    };
    for (const sums of this.#sums) {
      if (!sums) continue;
      sums.sum = grown(sums.sum);
      sums.ms = grown(sums.ms);
    }
  }
}
