import type { ReadingColumns } from './readings.ts';

/** A PCIe link: its generation and its number of lanes. */
export interface PcieLink {
  readonly gen: number;
  readonly width: number;
}

/** What the classifier needs to know of the recording that a sample comes from. */
export interface SampleSource {
  /** Median time between samples, milliseconds. */
  readonly nominalMs: number;
  /** True inside a wrapped command: short idle stretches wait, also at its edges. */
  readonly wrapsCommand: boolean;
  /** Watching began here: no sample owns time before it; −Infinity for logs. */
  readonly notBeforeMs: number;
  /** Most that the PCIe link of GPU and machine can do; null where the driver does not say. */
  readonly linkMax: PcieLink | null;
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
