import type { GpuColumn, GpuIdentity, SampleBlock } from '../../sample/columns.ts';
import type { PlannedColumn } from './plan.ts';

/** Rows in a block: enough to make its cost vanish, few enough that 16 GPUs' blocks stay under 10 MB. */
export const blockRows = 4096;

/** One GPU of a log and the block that is being filled. */
export class LogGpu {
  readonly identity: GpuIdentity;
  /** The identity cell's bytes, to recognise the GPU without making a string. */
  readonly key: Uint8Array;
  /** In the order in which GPUs appeared. */
  readonly position: number;
  /** Last reading that was counted where rows have no time. */
  cycle = -1;
  lastMs = Number.NEGATIVE_INFINITY;
  length = 0;
  times = new Float64Array(blockRows);
  private values: Float64Array[] = [];
  private planned: readonly PlannedColumn[] = [];

  constructor(identity: GpuIdentity, key: string, position: number) {
    this.identity = identity;
    this.position = position;
    this.key = Buffer.from(key, 'latin1');
  }

  /** Appends a row; true once the block is full and has to be taken. */
  append(timeMs: number, row: Float64Array, planned: readonly PlannedColumn[]): boolean {
    if (this.length === 0) this.start(planned);
    const at = this.length;
    this.times[at] = timeMs;
    for (let i = 0; i < planned.length; i++) {
      const column = planned[i];
      const values = this.values[i];
      if (column === undefined || values === undefined) continue;
      values[at] = column.slot >= 0 ? (row[column.slot] ?? Number.NaN) : column.value(row);
    }
    this.length = at + 1;
    return this.length === blockRows;
  }

  /** The rows so far, or null if there are none; the arrays are the caller's from then on. */
  take(): SampleBlock | null {
    if (this.length === 0) return null;
    const columns: Partial<Record<GpuColumn, Float64Array>> = {};
    this.planned.forEach(({ column }, i) => {
      const values = this.values[i];
      if (values !== undefined) columns[column] = values;
    });
    const block = { gpu: this.identity.id, length: this.length, timeMs: this.times, columns };
    this.length = 0;
    return block;
  }

  private start(planned: readonly PlannedColumn[]): void {
    this.times = new Float64Array(blockRows);
    this.values = planned.map(() => new Float64Array(blockRows));
    this.planned = planned;
  }
}
