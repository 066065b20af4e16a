import { type SumName, sumSlot, type WindowRows } from './windows.ts';

type Sum =
  | 'power'
  | 'memoryUtilization'
  | 'clock'
  | 'pcie'
  | 'throttledMs'
  | 'throttledClock'
  | 'linkLowMs';
type Activity = 'smActivity' | 'dramActivity' | 'tensorActivity' | 'gpmActivity';
type Known = 'powerMs' | 'memoryUtilizationMs' | 'clockMs' | 'pcieMs' | 'gpmMs' | 'tensorMs';

/** One window's sums over the segments of the accounts that it touches; units as in windows.ts. `…Ms`: time with a reading. */
export interface WindowSums extends Readonly<Record<Sum | Activity | Known, number>> {
  readonly busyMs: number;
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
    powerMissingMs: of('powerMissingMs'),
    memoryUtilization: of('memoryUtilization'),
    memoryUtilizationMissingMs: of('memoryUtilizationMissingMs'),
    clock: of('clock'),
    clockMissingMs: of('clockMissingMs'),
    throttledMs: of('throttledMs'),
    throttledClock: of('throttledClock'),
    pcie: of('pcie'),
    pcieMissingMs: of('pcieMissingMs'),
    smActivity: of('smActivity'),
    dramActivity: of('dramActivity'),
    tensorActivity: of('tensorActivity'),
    gpmActivity: of('gpmActivity'),
    gpmMissingMs: of('gpmMissingMs'),
    tensorMissingMs: of('tensorMissingMs'),
    linkLowMs: of('linkLowMs'),
  };
}

/** The sums of a window over its rows, one for each segment of the accounts that it touches. */
export function sumWindow(c: Columns, peaks: Uint32Array, from: number, to: number): WindowSums {
  let memoryPeak = 0;
  for (let r = from; r < to; r++) memoryPeak = Math.max(memoryPeak, peaks[r] ?? 0);
  const busyMs = sumOf(c.busyMs, from, to);
  const observedMs =
    busyMs +
    sumOf(c.waitingMs, from, to) +
    sumOf(c.heldMs, from, to) +
    sumOf(c.emptyMs, from, to) +
    sumOf(c.byMemoryMs, from, to);
  return {
    busyMs,
    observedMs,
    power: sumOf(c.power, from, to),
    powerMs: observedMs - sumOf(c.powerMissingMs, from, to),
    memoryUtilization: sumOf(c.memoryUtilization, from, to),
    memoryUtilizationMs: observedMs - sumOf(c.memoryUtilizationMissingMs, from, to),
    clock: sumOf(c.clock, from, to),
    clockMs: observedMs - sumOf(c.clockMissingMs, from, to),
    throttledMs: sumOf(c.throttledMs, from, to),
    throttledClock: sumOf(c.throttledClock, from, to),
    pcie: sumOf(c.pcie, from, to),
    pcieMs: observedMs - sumOf(c.pcieMissingMs, from, to),
    smActivity: sumOf(c.smActivity, from, to),
    dramActivity: sumOf(c.dramActivity, from, to),
    tensorActivity: sumOf(c.tensorActivity, from, to),
    gpmActivity: sumOf(c.gpmActivity, from, to),
    gpmMs: observedMs - sumOf(c.gpmMissingMs, from, to),
    tensorMs: observedMs - sumOf(c.gpmMissingMs, from, to) - sumOf(c.tensorMissingMs, from, to),
    linkLowMs: sumOf(c.linkLowMs, from, to),
    memoryPeak,
  };
}

function sumOf(column: Uint32Array | Float64Array | null, from: number, to: number): number {
  if (!column) return 0;
  let total = column[from] ?? 0;
  for (let r = from + 1; r < to; r++) total += column[r] ?? 0;
  return total;
}
