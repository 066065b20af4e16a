import type { SignalBlock } from '../store/recording.ts';

/** Rules read means over phases of minutes: a grid of this step is fine enough, and small for weeks of readings. */
const gridMs = 20_000;

interface ColumnSums {
  /** Null while all readings were 0. */
  sum: Float32Array | null;
  /** Of the time with readings, that in which this column had none; null while there is none. */
  missingMs: Float32Array | null;
}

/** Sum of value × ms and of ms over a span, by column; columns without readings are left out. */
export type SpanSums<C extends string> = Partial<Record<C, { sum: number; ms: number }>>;

/** Host or job readings of one contributor on a grid, weighted by the time that each reading covers. */
export class SignalTrack<C extends string> {
  readonly #columns: readonly C[];
  /** Grid step of each row, ascending. */
  #steps = new Uint32Array(64);
  #length = 0;
  /** Time with readings. */
  #ms = new Float32Array(64);
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
        this.#addTo(c, row, value, ms);
      }
      this.#ms[row] = (this.#ms[row] ?? 0) + ms;
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
        sum += sums.sum?.[row] ?? 0;
        ms += (this.#ms[row] ?? 0) - (sums.missingMs?.[row] ?? 0);
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
      const ms = (this.#ms[row] ?? 0) - (sums.missingMs?.[row] ?? 0);
      if (ms > 0) steps.set(this.#steps[row] ?? 0, (sums.sum?.[row] ?? 0) / ms);
    }
    return steps;
  }

  /** NaN is missing. */
  #addTo(c: number, row: number, value: number, ms: number): void {
    let sums = this.#sums[c];
    if (Number.isNaN(value)) {
      if (!sums) return;
      sums.missingMs ??= new Float32Array(this.#steps.length);
      sums.missingMs[row] = (sums.missingMs[row] ?? 0) + ms;
      return;
    }
    if (!sums) {
      // Until now it had no reading at all.
      sums = {
        sum: null,
        missingMs: this.#ms.some((known) => known > 0) ? this.#ms.slice() : null,
      };
      this.#sums[c] = sums;
    }
    if (value === 0) return;
    sums.sum ??= new Float32Array(this.#steps.length);
    sums.sum[row] = (sums.sum[row] ?? 0) + value * ms;
  }

  #rowAt(step: number): number {
    const last = this.#length - 1;
    if (last >= 0 && this.#steps[last] === step) return last;
    const row = this.#search(step);
    if (row < this.#length && this.#steps[row] === step) return row;
    if (this.#length === this.#steps.length) this.#grow();
    this.#steps.copyWithin(row + 1, row, this.#length);
    this.#steps[row] = step;
    for (const column of [this.#ms, ...this.#sums.flatMap((s) => [s?.sum, s?.missingMs])]) {
      column?.copyWithin(row + 1, row, this.#length);
      if (column) column[row] = 0;
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
    this.#ms = grown(this.#ms);
    for (const sums of this.#sums) {
      if (sums?.sum) sums.sum = grown(sums.sum);
      if (sums?.missingMs) sums.missingMs = grown(sums.missingMs);
    }
  }
}
