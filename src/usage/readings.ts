import type { GpuColumn, SampleBlock } from '../sample/columns.ts';
import { throttlingReasons } from '../sample/event-reasons.ts';

/** The columns of a block that the accounts read; one that the block does not have is all NaN. */
export type ReadingColumns = Readonly<Record<ReadColumn, Float64Array>> & {
  /** False where none of the column's readings can be there, so that its sums need not be tried. */
  readonly hasPcie: boolean;
  readonly hasGpm: boolean;
};

const readColumns = [
  'utilizationGpuPct',
  'computeProcesses',
  'memoryUsedMib',
  'powerDrawW',
  'powerLimitW',
  'utilizationMemoryPct',
  'clockSmMhz',
  'eventReasons',
  'slowdownCounterUs',
  'pcieRxMibPerS',
  'pcieTxMibPerS',
  'smActivityShare',
  'dramActivityShare',
  'tensorActivityShare',
] as const satisfies readonly GpuColumn[];

type ReadColumn = (typeof readColumns)[number];

let missing = new Float64Array(4_096).fill(NaN);

/** A block's columns as the accounts read them. */
export function readingColumns(block: SampleBlock): ReadingColumns {
  const { columns, length } = block;
  if (missing.length < length) missing = new Float64Array(length).fill(NaN);
  const read = Object.fromEntries(readColumns.map((name) => [name, columns[name] ?? missing]));
  return {
    ...read,
    hasPcie: columns.pcieRxMibPerS !== undefined && columns.pcieTxMibPerS !== undefined,
    hasGpm: columns.smActivityShare !== undefined,
  } as ReadingColumns; // its keys are readColumns
}

/** Share of a sample's time under a throttling reason: counted by the driver where it does, else all or nothing by the flag. */
export function throttledShare(eventReasons: number, slowdownUs: number, ownedMs: number): number {
  if (slowdownUs >= 0) return Math.min(1, slowdownUs / 1_000 / ownedMs);
  return eventReasons & throttlingReasons ? 1 : 0;
}
