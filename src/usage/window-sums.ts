import { type SumName, sumSlot, type WindowRows } from './windows.ts';

/** One window's sums over the segments of the accounts that it touches; units as in windows.ts. */
export interface WindowSums
  extends Readonly<
    Record<Exclude<SumName, 'waitingMs' | 'heldMs' | 'emptyMs' | 'byMemoryMs' | 'unreadMs'>, number>
  > {
  readonly observedMs: number;
  /** Highest memory in use, MiB + 1; 0 is unknown. */
  readonly memoryPeak: number;
}

/** The sums of all rows, by name; null where no row has any. */
export type Columns = Readonly<Record<SumName, Uint32Array | Float64Array | null>>;

export function columnsOf({ sums }: WindowRows): Columns {
  const of = (name: SumName) => sums[sumSlot[name]] ?? null;
  return {
    busyMs: of('busyMs'),
    waitingMs: of('waitingMs'),
    heldMs: of('heldMs'),
    emptyMs: of('emptyMs'),
    byMemoryMs: of('byMemoryMs'),
    unreadMs: of('unreadMs'),
    power: of('power'),
    powerMs: of('powerMs'),
    memoryUtilization: of('memoryUtilization'),
    memoryUtilizationMs: of('memoryUtilizationMs'),
    clock: of('clock'),
    clockMs: of('clockMs'),
    throttledMs: of('throttledMs'),
    throttledClock: of('throttledClock'),
    pcie: of('pcie'),
    pcieMs: of('pcieMs'),
    smActivity: of('smActivity'),
    dramActivity: of('dramActivity'),
    tensorActivity: of('tensorActivity'),
    gpmActivity: of('gpmActivity'),
    gpmMs: of('gpmMs'),
  };
}

/** The sums of a window over its rows, one for each segment of the accounts that it touches. */
export function sumWindow(c: Columns, peaks: Uint32Array, from: number, to: number): WindowSums {
  let memoryPeak = 0;
  for (let r = from; r < to; r++) memoryPeak = Math.max(memoryPeak, peaks[r] ?? 0);
  const busyMs = sumOf(c.busyMs, from, to);
  return {
    busyMs,
    observedMs:
      busyMs +
      sumOf(c.waitingMs, from, to) +
      sumOf(c.heldMs, from, to) +
      sumOf(c.emptyMs, from, to) +
      sumOf(c.byMemoryMs, from, to),
    power: sumOf(c.power, from, to),
    powerMs: sumOf(c.powerMs, from, to),
    memoryUtilization: sumOf(c.memoryUtilization, from, to),
    memoryUtilizationMs: sumOf(c.memoryUtilizationMs, from, to),
    clock: sumOf(c.clock, from, to),
    clockMs: sumOf(c.clockMs, from, to),
    throttledMs: sumOf(c.throttledMs, from, to),
    throttledClock: sumOf(c.throttledClock, from, to),
    pcie: sumOf(c.pcie, from, to),
    pcieMs: sumOf(c.pcieMs, from, to),
    smActivity: sumOf(c.smActivity, from, to),
    dramActivity: sumOf(c.dramActivity, from, to),
    tensorActivity: sumOf(c.tensorActivity, from, to),
    gpmActivity: sumOf(c.gpmActivity, from, to),
    gpmMs: sumOf(c.gpmMs, from, to),
    memoryPeak,
  };
}

function sumOf(column: Uint32Array | Float64Array | null, from: number, to: number): number {
  if (!column) return 0;
  let total = column[from] ?? 0;
  for (let r = from + 1; r < to; r++) total += column[r] ?? 0;
  return total;
}
