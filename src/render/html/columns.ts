import { type ObservedState, observedStates } from '../../usage/states.ts';
import type { Band, Lane, Track } from './track.ts';

/** A part of the timeline: milliseconds since the window's start. */
export interface View {
  readonly from: number;
  readonly to: number;
}

type Column = (number | null)[];

/** The points of a view, joined to at most as many columns as can be seen. */
export interface Columns {
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly states: Readonly<Record<ObservedState, readonly number[]>>;
  readonly bands: Readonly<Record<BandName, Band | null>>;
}

export const bandNames = ['utilizationPct', 'loadPct', 'powerW', 'memoryMib'] as const;

export type BandName = (typeof bandNames)[number];

/**
 * Joins the points of a view to at most `limit` columns: readings by their lowest and highest value, so that
 * no peak is lost, states by their sum. A gap wider than a column stays a gap.
 */
export function columnsIn(track: Track, view: View, limit: number): Columns {
  const cells = cellsIn(track, view, limit);
  const sum = (values: readonly number[]): number[] =>
    cells.map(({ from, to }) => {
      let total = 0;
      for (let i = from; i < to; i++) total += values[i] ?? 0;
      return total;
    });
  const joinedBand = (name: BandName): Band | null => {
    const band = track[name]?.band;
    if (band === undefined) return null;
    return { low: joined(band.low, cells, Math.min), high: joined(band.high, cells, Math.max) };
  };
  return {
    start: cells.map(({ from }) => track.start[from] ?? 0),
    end: cells.map(({ to }) => track.end[to - 1] ?? 0),
    states: byState((state) => sum(track.states[state])),
    bands: byBand(joinedBand),
  };
}

/** A track with at most about `limit` points, for pages with many GPUs. */
export function coarser(track: Track, limit: number): Track {
  const whole = { from: track.start[0] ?? 0, to: track.end.at(-1) ?? 0 };
  if (track.start.length <= limit) return track;
  const { start, end, states, bands } = columnsIn(track, whole, limit);
  const lane = (name: BandName): Lane | null => {
    const [band, known] = [bands[name], track[name]];
    return band === null || known === null ? null : { band, top: known.top };
  };
  return { gpu: track.gpu, start, end, states, ...byBand(lane) };
}

/** The number of the point that holds an instant, or -1 where nothing was observed. */
export function pointAt(track: Track, ms: number): number {
  const at = firstAfter(track.end, ms);
  return (track.start[at] ?? Number.POSITIVE_INFINITY) <= ms ? at : -1;
}

/** One value a state. */
export function byState<T>(of: (state: ObservedState) => T): Record<ObservedState, T> {
  // Object.fromEntries forgets its keys: they are observedStates.
  return Object.fromEntries(observedStates.map((state) => [state, of(state)])) as Record<
    ObservedState,
    T
  >;
}

/** One value a kind of reading. */
export function byBand<T>(of: (name: BandName) => T): Record<BandName, T> {
  // Object.fromEntries forgets its keys: they are bandNames.
  return Object.fromEntries(bandNames.map((name) => [name, of(name)])) as Record<BandName, T>;
}

interface Cell {
  readonly from: number;
  readonly to: number;
}

function cellsIn({ start, end }: Track, view: View, limit: number): Cell[] {
  const first = firstAfter(end, view.from);
  let last = firstAfter(end, view.to);
  if ((start[last] ?? Number.POSITIVE_INFINITY) < view.to) last++;
  const width = last - first <= limit ? 0 : (view.to - view.from) / limit;
  const cells: Cell[] = [];
  let from = first;
  for (let i = first + 1; i <= last; i++) {
    const same =
      i < last &&
      width > 0 &&
      Math.floor(((start[i] ?? 0) - view.from) / width) ===
        Math.floor(((start[from] ?? 0) - view.from) / width);
    if (same) continue;
    cells.push({ from, to: i });
    from = i;
  }
  return first < last ? cells : [];
}

/** The first index whose value is above `ms`; values ascend. */
function firstAfter(values: readonly number[], ms: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

function joined(
  values: Band['low'],
  cells: readonly Cell[],
  choose: (a: number, b: number) => number,
): Column {
  return cells.map(({ from, to }) => {
    let chosen: number | null = null;
    for (let i = from; i < to; i++) {
      const value = values[i] ?? null;
      if (value !== null) chosen = chosen === null ? value : choose(chosen, value);
    }
    return chosen;
  });
}
