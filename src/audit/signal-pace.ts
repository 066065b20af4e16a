/** A host or job reading covers no more than this: its pace is seconds. */
export const longestSignalMs = 60_000;
const usualPaceMs = 5_000;

/** The time that a block's first reading covers. */
export function paceOf({
  length,
  timeMs,
}: {
  readonly length: number;
  readonly timeMs: Float64Array;
}): number {
  const paceMs = length > 1 ? (timeMs[1] ?? NaN) - (timeMs[0] ?? NaN) : usualPaceMs;
  return paceMs > 0 ? Math.min(paceMs, longestSignalMs) : usualPaceMs;
}
