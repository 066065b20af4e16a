import type { SignalBlock } from '../store/recording.ts';

/** Host and job readings need no more than this for the means that rules read. */
const gridMs = 10_000;

interface Grid {
  readonly sum: Float64Array;
  readonly ms: Float64Array;
}

/** Means of host or job readings on a 10 s grid, weighted by the time that each reading covers. */
export class SignalTrack<C extends string> {
  readonly #columns: readonly C[];
  readonly #windows = new Map<number, Grid>();
  /** End of the latest reading of each contributor (a process); readings cover the time since the one before. */
  readonly #lastMs = new Map<string, number>();

  constructor(columns: readonly C[]) {
    this.#columns = columns;
  }

  get isEmpty(): boolean {
    return this.#windows.size === 0;
  }

  /** Adds readings of one contributor; several contributors of one window are kept as a time-weighted mean. */
  add(contributor: string, block: SignalBlock<C>, maxGapMs: number): void {
    let last = this.#lastMs.get(contributor) ?? NaN;
    for (let i = 0; i < block.length; i++) {
      const timeMs = block.timeMs[i] ?? NaN;
      const ms = Number.isNaN(last) ? maxGapMs / 2.5 : Math.min(timeMs - last, maxGapMs);
      last = timeMs;
      if (!(ms > 0)) continue;
      const key = Math.floor((timeMs - ms / 2) / gridMs);
      let grid = this.#windows.get(key);
      if (!grid) {
        const n = this.#columns.length;
        grid = { sum: new Float64Array(n), ms: new Float64Array(n) };
        this.#windows.set(key, grid);
      }
      this.#columns.forEach((column, c) => {
        const value = block.columns[column]?.[i] ?? NaN;
        if (Number.isNaN(value)) return;
        grid.sum[c] = (grid.sum[c] ?? 0) + value * ms;
        grid.ms[c] = (grid.ms[c] ?? 0) + ms;
      });
    }
    this.#lastMs.set(contributor, last);
  }

  /** Means over a span of time; a column without readings in it is left out. */
  means(startMs: number, endMs: number): Partial<Record<C, number>> {
    const n = this.#columns.length;
    const sum = new Float64Array(n);
    const ms = new Float64Array(n);
    for (let key = Math.floor(startMs / gridMs); key * gridMs < endMs; key++) {
      const grid = this.#windows.get(key);
      if (!grid) continue;
      for (let c = 0; c < n; c++) {
        sum[c] = (sum[c] ?? 0) + (grid.sum[c] ?? 0);
        ms[c] = (ms[c] ?? 0) + (grid.ms[c] ?? 0);
      }
    }
    const means: Partial<Record<C, number>> = {};
    this.#columns.forEach((column, c) => {
      const weight = ms[c] ?? 0;
      if (weight > 0) means[column] = (sum[c] ?? 0) / weight;
    });
    return means;
  }
}
