import type { View } from './columns.ts';

/** A finding's intervals as the timeline marks them. */
export interface Mark {
  /** Number of the finding in the order of the page. */
  readonly finding: number;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly gpus: readonly string[];
  /** When it was seen on any of its GPUs. */
  readonly intervals: readonly View[];
  /** By GPU, where its GPUs differ; empty where they don't. */
  readonly own: Readonly<Record<string, readonly View[]>>;
}

/** When a finding was seen on one GPU. */
export function intervalsOn({ gpus, intervals, own }: Mark, gpu: string): readonly View[] {
  return own[gpu] ?? (gpus.includes(gpu) ? intervals : []);
}
