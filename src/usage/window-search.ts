import type { Windows } from './usage.ts';

/** The first window that begins at or after an instant; the number of windows where none does. */
export function firstWindowAt({ startMs, length }: Windows, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((startMs[mid] ?? NaN) < timeMs) low = mid + 1;
    else high = mid;
  }
  return low;
}
