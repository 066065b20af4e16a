import { type BandName, byBand, byState, type Columns, columnsIn, type View } from './columns.ts';
import { type Band, type BandState, bandStates, type Track } from './track.ts';

/** Width and height of a lane's own coordinates; the page stretches them to what it has. */
export const laneWidth = 1000;
export const laneHeight = 100;

/** SVG path data of one GPU's lanes. */
export interface Paths {
  /** From the lowest to the highest value. */
  readonly bands: Readonly<Record<BandName, string>>;
  /** From zero to the highest value. */
  readonly areas: Readonly<Record<BandName, string>>;
  readonly states: Readonly<Record<BandState, string>>;
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

/** A tenth of a unit is below a pixel on any screen. */
function scaleOf(view: View): Scale {
  const perMs = laneWidth / Math.max(1, view.to - view.from);
  return (ms) => tenth(Math.min(laneWidth, Math.max(0, (ms - view.from) * perMs)));
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The area between the lowest and the highest values, as steps; broken where there are none. */
function bandPath(columns: Columns, band: Band, top: number, x: Scale): string {
  const y = (value: number): number => heightOf(value, top);
  return stretchesOf(columns, band)
    .map(({ from, to }) => {
      const upper: string[] = [];
      const lower: string[] = [];
      for (let i = from; i < to; i++) {
        const right = x(columns.end[i] ?? 0);
        const left = x(columns.start[i] ?? 0);
        upper.push(`V${y(band.high[i] ?? 0)}H${right}`);
        lower.push(`V${y(band.low[i] ?? 0)}H${left}`);
      }
      const left = x(columns.start[from] ?? 0);
      return `M${left} ${y(band.low[from] ?? 0)}${upper.join('')}${lower.toReversed().join('')}Z`;
    })
    .join('');
}

/** The area under the highest values. */
function areaPath(columns: Columns, band: Band, top: number, x: Scale): string {
  return stretchesOf(columns, band)
    .map(({ from, to }) => {
      let path = `M${x(columns.start[from] ?? 0)} ${laneHeight}`;
      for (let i = from; i < to; i++) {
        path += `V${heightOf(band.high[i] ?? 0, top)}H${x(columns.end[i] ?? 0)}`;
      }
      return `${path}V${laneHeight}Z`;
    })
    .join('');
}

/** A value's place in its lane, from the top. */
function heightOf(value: number, top: number): number {
  return tenth(laneHeight - (Math.min(top, Math.max(0, value)) / top) * laneHeight);
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
function statePaths(columns: Columns, x: Scale): Record<BandState, string> {
  const boxes = byState((): Box[] => []);
  columns.start.forEach((start, i) => {
    const end = columns.end[i] ?? start;
    let below = 0;
    for (const state of bandStates) {
      const share = (columns.states[state][i] ?? 0) / Math.max(1, end - start);
      if (share <= 0) continue;
      const low = tenth(Math.min(1, below) * laneHeight);
      below += share;
      const high = tenth(Math.min(1, below) * laneHeight);
      if (high <= low) continue;
      const last = boxes[state].at(-1);
      if (last?.right === x(start) && last.low === low && last.high === high) last.right = x(end);
      else boxes[state].push({ left: x(start), right: x(end), low, high });
    }
  });
  return byState((state) =>
    boxes[state]
      .map(({ left, right, low, high }) => {
        const [top, bottom] = [tenth(laneHeight - high), tenth(laneHeight - low)];
        return `M${left} ${top}H${right}V${bottom}H${left}Z`;
      })
      .join(''),
  );
}
