import type { WasteState } from '../usage/states.ts';
import type { MsColumn, Windows } from '../usage/usage.ts';
import type { Interval } from './rule.ts';

/** What fixing one finding could win back on one GPU: at most `ms` of these states in these intervals. */
export interface Claim {
  readonly states: readonly WasteState[];
  readonly intervals: readonly Interval[];
  readonly ms: number;
}

/** Milliseconds that the claimed states hold in the windows that the intervals touch. */
export function claimedMs(windows: Windows, claim: Omit<Claim, 'ms'>): number {
  const columns = claim.states.map((state) => stateColumn(windows, state));
  let sum = 0;
  eachWindow(windows, claim.intervals, (i) => {
    for (const column of columns) sum += column(i);
  });
  return sum;
}

/** Calls back once with each window that an interval touches, in order. */
export function eachWindow(
  windows: Windows,
  intervals: readonly Interval[],
  see: (index: number) => void,
): void {
  const sorted = intervals.toSorted((a, b) => a.startMs - b.startMs);
  let next = 0;
  for (const { startMs, endMs } of sorted) {
    const first = firstEndingAfter(windows, startMs, next);
    for (next = first; next < windows.length && (windows.startMs[next] ?? 0) < endMs; next++) {
      see(next);
    }
  }
}

/** Reads one state of a window, milliseconds. */
export function stateColumn(windows: Windows, state: WasteState): (index: number) => number {
  const at = (column: MsColumn) => (i: number) => column[i] ?? 0;
  switch (state) {
    case 'underfilled': {
      const { busyMs, effectiveMs, throttledMs } = windows;
      return (i) => Math.max(0, (busyMs[i] ?? 0) - (effectiveMs[i] ?? 0) - (throttledMs[i] ?? 0));
    }
    case 'throttled':
      return at(windows.throttledMs);
    case 'waiting':
      return at(windows.waitingMs);
    case 'heldIdle':
      return at(windows.heldMs);
    case 'emptyIdle':
      return at(windows.emptyMs);
  }
}

function firstEndingAfter(windows: Windows, timeMs: number, from: number): number {
  let low = from;
  let high = windows.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((windows.startMs[mid] ?? 0) + windows.windowMs <= timeMs) low = mid + 1;
    else high = mid;
  }
  return low;
}
