import { type ObservedState, observedStates } from '../../usage/states.ts';
import { type BandName, byBand, byState, type Columns, columnsIn, type View } from './columns.ts';
import type { Band, Track } from './track.ts';

/** Width and height of a lane's own coordinates; the page stretches them to what it has. */
export const laneWidth = 10_000;
export const laneHeight = 200;

/** SVG path data of one GPU's lanes. */
export interface Paths {
  /** From the lowest to the highest value. */
  readonly bands: Readonly<Record<BandName, string>>;
  /** From zero to the highest value. */
  readonly areas: Readonly<Record<BandName, string>>;
  readonly states: Readonly<Record<ObservedState, string>>;
}

/** Draws a view of a timeline with at most `limit` columns. */
export function pathsIn(track: Track, view: View, limit: number): Paths {
  const columns = columnsIn(track, view, limit);
  const x = scaleOf(view);
  const draw = (name: BandName, outline: typeof bandPath): string => {
    const band = columns.bands[name];
    const lane = track[name];
    return band === null || lane === null ? '' : outline(columns, band, lane.top, x);
  };
  return {
    bands: byBand((name) => draw(name, bandPath)),
    areas: byBand((name) => draw(name, areaPath)),
    states: statePaths(columns, x),
  };
}

/** Boxes of the full height where the intervals lie. */
export function intervalPath(intervals: readonly View[], view: View): string {
  const x = scaleOf(view);
  return intervals
    .filter(({ from, to }) => to > view.from && from < view.to)
    .map(({ from, to }) => `M${x(from)} 0H${x(to)}V${laneHeight}H${x(from)}Z`)
    .join('');
}

type Scale = (ms: number) => number;

/** Whole units are below a pixel on any screen, and quick to write. */
function scaleOf(view: View): Scale {
  const perMs = laneWidth / Math.max(1, view.to - view.from);
  return (ms) => Math.round(Math.min(laneWidth, Math.max(0, (ms - view.from) * perMs)));
}

/** The area between the lowest and the highest values, as steps; broken where there are none. */
function bandPath(columns: Columns, band: Band, top: number, x: Scale): string {
  let path = '';
  for (const { from, to } of stretchesOf(columns, band)) {
    path += `M${x(columns.start[from] ?? 0)} ${heightOf(band.low[from] ?? 0, top)}`;
    for (let i = from; i < to; i++) {
      path += `V${heightOf(band.high[i] ?? 0, top)}H${x(columns.end[i] ?? 0)}`;
    }
    for (let i = to - 1; i >= from; i--) {
      path += `V${heightOf(band.low[i] ?? 0, top)}H${x(columns.start[i] ?? 0)}`;
    }
    path += 'Z';
  }
  return path;
}

/** The area under the highest values. */
function areaPath(columns: Columns, band: Band, top: number, x: Scale): string {
  let path = '';
  for (const { from, to } of stretchesOf(columns, band)) {
    path += `M${x(columns.start[from] ?? 0)} ${laneHeight}`;
    for (let i = from; i < to; i++) {
      path += `V${heightOf(band.high[i] ?? 0, top)}H${x(columns.end[i] ?? 0)}`;
    }
    path += `V${laneHeight}Z`;
  }
  return path;
}

/** A value's place in its lane, from the top. */
function heightOf(value: number, top: number): number {
  return Math.round(laneHeight - (Math.min(top, Math.max(0, value)) / top) * laneHeight);
}

/** Runs of columns that touch each other and have a value. */
function stretchesOf(
  { start, end }: Columns,
  band: Band,
): { readonly from: number; readonly to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  for (let i = 0; i < start.length; i++) {
    if ((band.high[i] ?? null) === null) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to === i && end[i - 1] === start[i]) last.to = i + 1;
    else stretches.push({ from: i, to: i + 1 });
  }
  return stretches;
}

interface Box {
  readonly left: number;
  right: number;
  readonly low: number;
  readonly high: number;
}

/** The states of each column on top of each other; neighbours of the same height are one box. */
function statePaths(columns: Columns, x: Scale): Record<ObservedState, string> {
  const boxes = byState((): Box[] => []);
  columns.start.forEach((start, i) => {
    const end = columns.end[i] ?? start;
    let below = 0;
    for (const state of observedStates) {
      const share = (columns.states[state][i] ?? 0) / Math.max(1, end - start);
      if (share <= 0) continue;
      const low = Math.round(Math.min(1, below) * laneHeight);
      below += share;
      const high = Math.round(Math.min(1, below) * laneHeight);
      if (high <= low) continue;
      const last = boxes[state].at(-1);
      if (last?.right === x(start) && last.low === low && last.high === high) last.right = x(end);
      else boxes[state].push({ left: x(start), right: x(end), low, high });
    }
  });
  return byState((state) =>
    boxes[state]
      .map(
        ({ left, right, low, high }) =>
          `M${left} ${laneHeight - high}H${right}V${laneHeight - low}H${left}Z`,
      )
      .join(''),
  );
}
