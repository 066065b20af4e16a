import type { SampleBlock } from '../sample/columns.ts';
import { throttlingReasons } from '../sample/event-reasons.ts';

/** The readings of one sample that the accounts do not need; NaN is missing. */
export interface Readings {
  memoryUsedMib: number;
  powerDrawW: number;
  powerLimitW: number;
  utilizationMemoryPct: number;
  clockSmMhz: number;
  eventReasons: number;
  /** Cumulative microseconds by the driver's own counters. */
  slowdownCounterUs: number;
  pcieMibPerS: number;
  smActivityShare: number;
  dramActivityShare: number;
  tensorActivityShare: number;
}

/** Share of a sample's time under a throttling reason: counted by the driver where it does, else all or nothing by the flag. */
export function throttledShare(r: Readings, slowdownUs: number, ownedMs: number): number {
  if (slowdownUs >= 0) return Math.min(1, slowdownUs / 1_000 / ownedMs);
  return r.eventReasons & throttlingReasons ? 1 : 0;
}

/** Columns of a block that a tally reads; a column that is not there reads as missing. */
export function readingColumns(block: SampleBlock): {
  readonly [K in keyof Readings]: Float64Array | undefined;
} & {
  readonly pcieTx: Float64Array | undefined;
} {
  const c = block.columns;
  return {
    memoryUsedMib: c.memoryUsedMib,
    powerDrawW: c.powerDrawW,
    powerLimitW: c.powerLimitW,
    utilizationMemoryPct: c.utilizationMemoryPct,
    clockSmMhz: c.clockSmMhz,
    eventReasons: c.eventReasons,
    slowdownCounterUs: c.slowdownCounterUs,
    pcieMibPerS: c.pcieRxMibPerS,
    pcieTx: c.pcieTxMibPerS,
    smActivityShare: c.smActivityShare,
    dramActivityShare: c.dramActivityShare,
    tensorActivityShare: c.tensorActivityShare,
  };
}
