import type { LogGpu } from './gpu-blocks.ts';
import type { LogOptions } from './options.ts';
import type { IdentityCell } from './plan.ts';
import { noTime, unknownCount } from './row-refusals.ts';

/**
 * Gives times to rows that have none: readings are `--interval` apart, counted from 1970-01-01T00:00:00Z,
 * so durations are real and dates are not. A failed reading takes its period, too.
 */
export class RowClock {
  private readonly source: string;
  private readonly intervalMs: number | undefined;
  private readonly isOneGpu: boolean;
  /** One start of nvidia-smi for each row shows that there is one GPU; else it has to be said. */
  private readonly needsHeaders: boolean;
  private cycle = 1;
  private rowsInCycle = 0;
  private rowsSinceHeader = 0;

  constructor(source: string, options: LogOptions, identity: IdentityCell | null) {
    this.source = source;
    this.intervalMs = options.intervalMs;
    this.isOneGpu = identity === null && (options.gpuCount ?? 1) === 1;
    this.needsHeaders = identity === null && options.gpuCount === undefined;
  }

  /** @throws UsageError without an interval, or where rows could be of one GPU or of several */
  timeOf(line: number, gpu: LogGpu): number {
    if (this.intervalMs === undefined) throw noTime(this.source);
    this.rowsSinceHeader += 1;
    if (this.needsHeaders && this.rowsSinceHeader > 1) throw unknownCount(this.source, line);
    if (gpu.cycle === this.cycle) this.advance();
    gpu.cycle = this.cycle;
    this.rowsInCycle += 1;
    return Math.round(this.cycle * this.intervalMs);
  }

  header(): void {
    this.rowsSinceHeader = 0;
    if (this.rowsInCycle > 0) this.advance();
  }

  failed(): void {
    if (!this.isOneGpu) return;
    if (this.rowsInCycle > 0) this.advance();
    this.advance();
  }

  private advance(): void {
    this.cycle += 1;
    this.rowsInCycle = 0;
  }
}
