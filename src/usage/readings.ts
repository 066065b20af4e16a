import type { GpuColumn, SampleBlock } from '../sample/columns.ts';
import { throttlingReasons } from '../sample/event-reasons.ts';

/** The columns of a block that the accounts read; one that the block does not have is all NaN. */
export type ReadingColumns = Readonly<Record<ReadColumn, Float64Array>>;

type ReadColumn = Extract<
  GpuColumn,
  | 'utilizationGpuPct'
  | 'computeProcesses'
  | 'memoryUsedMib'
  | 'powerDrawW'
  | 'powerLimitW'
  | 'utilizationMemoryPct'
  | 'clockSmMhz'
  | 'pcieLinkGen'
  | 'pcieLinkWidth'
  | 'eccUncorrected'
  | 'eventReasons'
  | 'slowdownCounterUs'
  | 'pcieRxMibPerS'
  | 'pcieTxMibPerS'
  | 'smActivityShare'
  | 'dramActivityShare'
  | 'tensorActivityShare'
>;

let missing = new Float64Array(4_096).fill(NaN);

/** A block's columns as the accounts read them. */
export function readingColumns(block: SampleBlock): ReadingColumns {
  const { columns, length } = block;
  if (missing.length < length) missing = new Float64Array(length).fill(NaN);
  // A literal: objects made from entries are slow to read.
  return {
    utilizationGpuPct: columns.utilizationGpuPct ?? missing,
    computeProcesses: columns.computeProcesses ?? missing,
    memoryUsedMib: columns.memoryUsedMib ?? missing,
    powerDrawW: columns.powerDrawW ?? missing,
    powerLimitW: columns.powerLimitW ?? missing,
    utilizationMemoryPct: columns.utilizationMemoryPct ?? missing,
    clockSmMhz: columns.clockSmMhz ?? missing,
    pcieLinkGen: columns.pcieLinkGen ?? missing,
    pcieLinkWidth: columns.pcieLinkWidth ?? missing,
    eccUncorrected: columns.eccUncorrected ?? missing,
    eventReasons: columns.eventReasons ?? missing,
    slowdownCounterUs: columns.slowdownCounterUs ?? missing,
    pcieRxMibPerS: columns.pcieRxMibPerS ?? missing,
    pcieTxMibPerS: columns.pcieTxMibPerS ?? missing,
    smActivityShare: columns.smActivityShare ?? missing,
    dramActivityShare: columns.dramActivityShare ?? missing,
    tensorActivityShare: columns.tensorActivityShare ?? missing,
  };
}

/**
 * Above these a reading is a slip of the driver (a counter's all-ones among them), and missing rather than true:
 * well beyond any card of the GPU table.
 */
export const plausible = {
  utilizationPct: 200,
  memoryMib: 2 ** 24,
  powerW: 20_000,
  clockMhz: 10_000,
  pcieMibPerS: 1_000_000,
} as const;

export function within(value: number, most: number): number {
  return value <= most ? value : NaN;
}

/** Share of a sample's time under a throttling reason: counted by the driver where it does, else all or nothing by the flag. */
export function throttledShare(eventReasons: number, slowdownUs: number, ownedMs: number): number {
  if (slowdownUs >= 0) return Math.min(1, slowdownUs / 1_000 / ownedMs);
  return eventReasons & throttlingReasons ? 1 : 0;
}
