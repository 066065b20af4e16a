import { UsageError } from '../../errors.ts';
import { isNameLike, logFieldOf } from './log-fields.ts';

export interface LogOptions {
  /** Names the columns in order where the log has no header; `-` for one to leave out. */
  readonly fields?: readonly string[];
  /** The period in milliseconds where the log has no timestamps. */
  readonly intervalMs?: number;
  /** How many GPUs take turns in a log that does not say which row is whose; 1 says that there is one. */
  readonly gpuCount?: number;
  /** The zone of timestamps without one: `UTC` (default), an offset or an IANA name. */
  readonly timeZone?: string;
}

/** @throws UsageError for values that no log can have */
export function checkOptions(options: LogOptions): void {
  const { fields, intervalMs, gpuCount } = options;
  if (intervalMs !== undefined && !(Number.isFinite(intervalMs) && intervalMs > 0)) {
    throw new UsageError(`--interval must be above zero, got ${intervalMs} ms`);
  }
  if (gpuCount !== undefined && !(Number.isInteger(gpuCount) && gpuCount > 0)) {
    throw new UsageError(`--gpus must be a number of GPUs from 1, got ${gpuCount}`);
  }
  for (const name of fields ?? []) {
    if (name === '-' || isNameLike(name) || logFieldOf(name) !== null) continue;
    throw new UsageError(`--fields: '${name}' is no field name`, {
      hint: "Use nvidia-smi's field names in the order of the columns, such as timestamp,utilization.gpu,memory.used, and '-' for a column to leave out.",
    });
  }
}
