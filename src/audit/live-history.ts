const spanMs = 60_000;
const finestMs = 1000;
/** Where samples are seconds apart, so many are shown however far back they go. */
const leastColumns = 12;

/** The latest minute of a reading as equal slices of at least a second, each the mean of its samples. */
export class LiveHistory {
  readonly #sliceMs: number;
  readonly #columns: number;
  readonly #slices: { readonly number: number; sum: number; count: number }[] = [];

  constructor(intervalMs: number) {
    this.#sliceMs = Math.max(finestMs, intervalMs);
    this.#columns = Math.max(leastColumns, Math.ceil(spanMs / this.#sliceMs));
  }

  /** Adds a reading; `timeMs` is epoch milliseconds, ascending. */
  add(timeMs: number, value: number): void {
    const number = Math.floor(timeMs / this.#sliceMs);
    const last = this.#slices.at(-1);
    if (last?.number === number) {
      last.sum += value;
      last.count++;
      return;
    }
    this.#slices.push({ number, sum: value, count: 1 });
    if (this.#slices.length > this.#columns) this.#slices.shift();
  }

  /** The slices up to an instant, the newest last; null where nothing was read. */
  at(nowMs: number): readonly (number | null)[] {
    const last = Math.floor(nowMs / this.#sliceMs);
    const known = new Map(this.#slices.map(({ number, sum, count }) => [number, sum / count]));
    // The slice at hand is empty until its first sample: it is no gap.
    const end = known.has(last) ? last : last - 1;
    const first = Math.max(end - this.#columns + 1, this.#slices[0]?.number ?? end + 1);
    return Array.from(
      { length: Math.max(0, end - first + 1) },
      (_, i) => known.get(first + i) ?? null,
    );
  }
}
