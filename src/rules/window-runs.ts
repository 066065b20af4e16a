import type { Windows } from '../usage/usage.ts';

/** Neighbouring windows that share a property: entries `from` to `to` (without it). */
export interface WindowRun {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

/** Runs of windows without a hole between them in which `holds` is true, at least `minMs` long. */
export function windowRuns(
  windows: Windows,
  minMs: number,
  holds: (index: number) => boolean,
): readonly WindowRun[] {
  const { windowMs, length, startMs } = windows;
  const runs: WindowRun[] = [];
  let from = -1;
  for (let i = 0; i <= length; i++) {
    const start = startMs[i] ?? Number.NaN;
    const isNeighbour = i > 0 && start - (startMs[i - 1] ?? Number.NaN) <= windowMs;
    const belongs = i < length && holds(i);
    if (from >= 0 && !(belongs && isNeighbour)) {
      const run = {
        startMs: startMs[from] ?? 0,
        endMs: (startMs[i - 1] ?? 0) + windowMs,
        from,
        to: i,
      };
      if (run.endMs - run.startMs >= minMs) runs.push(run);
      from = -1;
    }
    if (belongs && from < 0) from = i;
  }
  return runs;
}

/** Sum of a column over runs. */
export function sumOver(runs: readonly WindowRun[], column: ArrayLike<number>): number {
  let sum = 0;
  for (const { from, to } of runs) for (let i = from; i < to; i++) sum += column[i] ?? 0;
  return sum;
}

/** Mean of a column's known values over entries `from` to `to` that are chosen; null if none is known. */
export function meanBetween(
  column: ArrayLike<number>,
  from: number,
  to: number,
  chosen: (index: number) => boolean = () => true,
): number | null {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = column[i] ?? Number.NaN;
    if (Number.isNaN(value) || !chosen(i)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}
