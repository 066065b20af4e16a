import type { ReadingColumns } from './readings.ts';

/** What the classifier needs to know of the recording that a sample comes from. */
export interface SampleSource {
  /** Median time between samples, milliseconds. */
  readonly nominalMs: number;
  /** True inside a wrapped command: short idle stretches wait, also at its edges. */
  readonly wrapsCommand: boolean;
  /** Watching began here: no sample owns time before it; −Infinity for logs. */
  readonly notBeforeMs: number;
}

/** One sample as the classifier takes it; NaN is missing. The rest of its readings stays in its block's columns. */
export interface ClassifiedSample {
  source: SampleSource;
  timeMs: number;
  utilizationGpuPct: number;
  computeProcesses: number;
  memoryUsedMib: number;
  columns: ReadingColumns;
  index: number;
}
