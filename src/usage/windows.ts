/**
 * Sums over short windows on an absolute time grid: what the estimator and the timeline stand on.
 * All sums are integers, so that merging is exact and does not depend on where a recording was cut.
 *
 * A row is one window, cut where the accounts are cut (clock hours, the ends of the window asked for).
 */

/** The integer sums of a row. Times are milliseconds; the unit of each sum is named. */
export const sumNames = [
  'busyMs',
  'waitingMs',
  'heldMs',
  'emptyMs',
  /** Idle whose memory alone says held or empty, by a floor that is known only at the end. */
  'byMemoryMs',
  /** Owned by readings without a utilization. */
  'unreadMs',
  /** 0.1 W × ms. Of a reading's time only what is missing is kept: as a rule nothing, and then no column. */
  'power',
  'powerMissingMs',
  /** 0.01 % × ms. */
  'memoryUtilization',
  'memoryUtilizationMissingMs',
  /** MHz × ms, while busy. */
  'clock',
  'clockMissingMs',
  /** Time under a throttling reason, and the clock × ms during it. */
  'throttledMs',
  'throttledClock',
  /** MiB/s × ms. */
  'pcie',
  'pcieMissingMs',
  /** 0.0001 × ms. */
  'smActivity',
  'dramActivity',
  'tensorActivity',
  /** max(SM activity, DRAM activity / 0.8), 0.0001 × ms. */
  'gpmActivity',
  'gpmMissingMs',
  /** Of the time with other GPM readings. */
  'tensorMissingMs',
  /** Under load on a PCIe link below its maximum. */
  'linkLowMs',
] as const;

export type SumName = (typeof sumNames)[number];

/** Where each sum stands; a literal, so that the engine takes the numbers for constants. */
export const sumSlot = {
  busyMs: 0,
  waitingMs: 1,
  heldMs: 2,
  emptyMs: 3,
  byMemoryMs: 4,
  unreadMs: 5,
  power: 6,
  powerMissingMs: 7,
  memoryUtilization: 8,
  memoryUtilizationMissingMs: 9,
  clock: 10,
  clockMissingMs: 11,
  throttledMs: 12,
  throttledClock: 13,
  pcie: 14,
  pcieMissingMs: 15,
  smActivity: 16,
  dramActivity: 17,
  tensorActivity: 18,
  gpmActivity: 19,
  gpmMissingMs: 20,
  tensorMissingMs: 21,
  linkLowMs: 22,
} as const satisfies Record<SumName, number>;

/** The smallest window: power lags by seconds, and shorter windows estimate too low (measured on 8 × H100 at 10 Hz). */
export const baseWindowMs = 5_000;

/** Above this many rows a GPU's windows are joined in pairs, which keeps memory bounded: 2^18 × 5 s is 15 days. */
const maxRows = 2 ** 18;

/** The window for a sampling interval: max(5 s, interval), on a grid that can be joined in pairs. */
export function windowMsFor(intervalMs: number): number {
  let windowMs = baseWindowMs;
  while (windowMs < intervalMs) windowMs *= 2;
  return windowMs;
}

/** 32 bits hold any sum of a window of up to 40 s: the largest are 100 GB/s of PCIe and 10 kW, each × 40,000 ms. */
type Sums = Uint32Array | Float64Array;
const narrowWindowMs = 40_000;

export class WindowRows {
  windowMs: number;
  length = 0;
  /** Window number (time / windowMs) and accounting segment (its start, epoch ms) of each row, ascending. */
  window = new Uint32Array(64);
  segment = new Float64Array(64);
  /** Highest memory in use, MiB + 1; 0 is unknown. */
  memoryPeak = new Uint32Array(64);
  readonly sums: (Sums | null)[] = sumNames.map(() => null);
  readonly #maxRows: number;

  constructor(windowMs: number, limit: number = maxRows) {
    this.windowMs = windowMs;
    this.#maxRows = limit;
  }

  /** The row of a window and segment; made if it is not there yet. Rows are found near the end as a rule. */
  rowAt(window: number, segment: number): number {
    let low = this.length;
    while (low > 0) {
      const w = this.window[low - 1] ?? 0;
      if (w < window) break;
      const s = this.segment[low - 1] ?? 0;
      if (w === window && s === segment) return low - 1;
      if (w === window && s < segment) break;
      if (this.length - low > 8) {
        low = this.#search(window, segment);
        if (low < this.length && this.window[low] === window && this.segment[low] === segment) {
          return low;
        }
        break;
      }
      low--;
    }
    this.#insert(low, window, segment);
    return low;
  }

  add(row: number, sum: number, value: number): void {
    let column = this.sums[sum];
    if (!column) {
      if (value === 0) return;
      column = this.#newColumn(this.window.length);
      this.sums[sum] = column;
    }
    column[row] = (column[row] ?? 0) + value;
  }

  get(row: number, sum: SumName): number {
    return this.sums[sumSlot[sum]]?.[row] ?? 0;
  }

  peak(row: number, memoryMib: number): void {
    const value = Math.round(memoryMib) + 1;
    if (value > (this.memoryPeak[row] ?? 0)) this.memoryPeak[row] = value;
  }

  /** Adds all rows of another set, on the coarser of the two grids. */
  addAll(other: WindowRows): void {
    if (this.length === 0 && this.windowMs <= other.windowMs) {
      this.#copy(other);
      return;
    }
    while (this.windowMs < other.windowMs) this.coarsen();
    const ratio = this.windowMs / other.windowMs;
    if (ratio === 1 && (other.window[other.length - 1] ?? 0) < (this.window[0] ?? 0)) {
      this.#putInFront(other);
      return;
    }
    for (let i = 0; i < other.length; i++) {
      const row = this.rowAt(Math.floor((other.window[i] ?? 0) / ratio), other.segment[i] ?? 0);
      for (let s = 0; s < sumNames.length; s++) {
        const value = other.sums[s]?.[i];
        if (value) this.add(row, s, value);
      }
      const peak = other.memoryPeak[i] ?? 0;
      if (peak > (this.memoryPeak[row] ?? 0)) this.memoryPeak[row] = peak;
    }
    this.bound();
  }

  #copy(other: WindowRows): void {
    this.windowMs = other.windowMs;
    this.length = other.length;
    this.window = other.window.slice();
    this.segment = other.segment.slice();
    this.memoryPeak = other.memoryPeak.slice();
    other.sums.forEach((column, s) => {
      this.sums[s] = column?.slice() ?? null;
    });
  }

  /** Joins windows in pairs until there are few enough. */
  bound(): void {
    while (this.length > this.#maxRows) this.coarsen();
  }

  coarsen(): void {
    this.windowMs *= 2;
    if (this.windowMs > narrowWindowMs) {
      for (const [s, column] of this.sums.entries()) {
        if (column instanceof Uint32Array) this.sums[s] = Float64Array.from(column);
      }
    }
    let to = -1;
    for (let i = 0; i < this.length; i++) {
      const window = Math.floor((this.window[i] ?? 0) / 2);
      const segment = this.segment[i] ?? 0;
      const same = to >= 0 && this.window[to] === window && this.segment[to] === segment;
      if (!same) {
        to++;
        this.window[to] = window;
        this.segment[to] = segment;
        this.memoryPeak[to] = this.memoryPeak[i] ?? 0;
        for (const column of this.sums) if (column) column[to] = column[i] ?? 0;
        continue;
      }
      this.memoryPeak[to] = Math.max(this.memoryPeak[to] ?? 0, this.memoryPeak[i] ?? 0);
      for (const column of this.sums) if (column) column[to] = (column[to] ?? 0) + (column[i] ?? 0);
    }
    for (let i = to + 1; i < this.length; i++) {
      this.memoryPeak[i] = 0;
      for (const column of this.sums) if (column) column[i] = 0;
    }
    this.length = to + 1;
  }

  /** Rows that all lie before these, in one move. */
  #putInFront(other: WindowRows): void {
    const tail = this.length;
    const count = other.length;
    while (this.window.length < tail + count) this.#grow();
    this.length = tail + count;
    const put = <T extends Uint32Array | Float64Array>(to: T, from: T) => {
      to.copyWithin(count, 0, tail);
      to.set(from.subarray(0, count));
    };
    put(this.window, other.window);
    put(this.segment, other.segment);
    put(this.memoryPeak, other.memoryPeak);
    other.sums.forEach((column, s) => {
      if (!column && !this.sums[s]) return;
      this.sums[s] ??= this.#newColumn(this.window.length);
      put(this.sums[s], column ?? this.#newColumn(count));
    });
    this.bound();
  }

  #newColumn(capacity: number): Sums {
    return this.windowMs <= narrowWindowMs ? new Uint32Array(capacity) : new Float64Array(capacity);
  }

  #search(window: number, segment: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      const w = this.window[mid] ?? 0;
      if (w < window || (w === window && (this.segment[mid] ?? 0) < segment)) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  #insert(at: number, window: number, segment: number): void {
    if (this.length === this.window.length) this.#grow();
    if (at < this.length) {
      this.window.copyWithin(at + 1, at, this.length);
      this.segment.copyWithin(at + 1, at, this.length);
      this.memoryPeak.copyWithin(at + 1, at, this.length);
      this.memoryPeak[at] = 0;
      for (const column of this.sums) {
        if (!column) continue;
        column.copyWithin(at + 1, at, this.length);
        column[at] = 0;
      }
    }
    this.window[at] = window;
    this.segment[at] = segment;
    this.length++;
  }

  #grow(): void {
    const capacity = Math.ceil(this.window.length * 1.25) + 64;
    this.window = grown(this.window, new Uint32Array(capacity));
    this.segment = grown(this.segment, new Float64Array(capacity));
    this.memoryPeak = grown(this.memoryPeak, new Uint32Array(capacity));
    for (let s = 0; s < this.sums.length; s++) {
      const column = this.sums[s];
      if (column) this.sums[s] = grown(column, this.#newColumn(capacity));
    }
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
