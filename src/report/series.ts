import type { MsColumn, Windows } from '../usage/usage.ts';
import type { Report } from './report.ts';

type Series = NonNullable<Report['series']>[number];

/** At most this many points of a series; more are joined by minimum and maximum, so that no peak is lost. */
const maxPoints = 4_000;

/**
 * A GPU's timeline for charts. Windows are joined on a grid of time, not by their number: a point never
 * reaches over a gap that is longer than itself.
 */
export function toSeries(gpu: string, w: Windows): Series {
  const points = joinedPoints(w);
  const low = (column: Float32Array) => points.spans.map((p) => fold(column, p, Math.min));
  const high = (column: Float32Array) => points.spans.map((p) => fold(column, p, Math.max));
  const ms = (column: MsColumn) => points.spans.map((p) => sum(column, p));
  const effective = ms(w.effectiveMs);
  const throttled = ms(w.throttledMs);
  return {
    gpu,
    windowMs: points.windowMs,
    start: points.spans.map(({ from }) => gridStart(w.startMs[from] ?? 0, points.windowMs)),
    utilizationPctMin: low(w.utilizationPct),
    utilizationPctMax: high(w.utilizationPct),
    memoryUsedMib: high(w.memoryUsedMib),
    memoryUsedMibMin: low(w.memoryUsedMib),
    powerW: high(w.powerW),
    powerWMin: low(w.powerW),
    load: high(w.load),
    loadMin: low(w.load),
    stateMs: {
      effective,
      underfilled: ms(w.busyMs).map((busy, i) =>
        Math.max(0, busy - (effective[i] ?? 0) - (throttled[i] ?? 0)),
      ),
      throttled,
      waiting: ms(w.waitingMs),
      heldIdle: ms(w.heldMs),
      emptyIdle: ms(w.emptyMs),
    },
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The finest grid, in doublings of the windows' own, on which the points are few enough. */
function joinedPoints(w: Windows): { readonly windowMs: number; readonly spans: readonly Span[] } {
  let { windowMs } = w;
  let spans = spansOn(w, windowMs);
  while (spans.length > maxPoints) {
    windowMs *= 2;
    spans = spansOn(w, windowMs);
  }
  return { windowMs, spans };
}

function spansOn(w: Windows, windowMs: number): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let i = 1; i <= w.length; i++) {
    const first = gridStart(w.startMs[from] ?? 0, windowMs);
    if (i < w.length && gridStart(w.startMs[i] ?? 0, windowMs) === first) continue;
    spans.push({ from, to: i });
    from = i;
  }
  return w.length === 0 ? [] : spans;
}

function gridStart(ms: number, windowMs: number): number {
  return Math.floor(ms / windowMs) * windowMs;
}

function fold(
  column: Float32Array,
  { from, to }: Span,
  choose: (a: number, b: number) => number,
): number | null {
  let chosen: number | null = null;
  for (let i = from; i < to; i++) {
    const value = column[i] ?? NaN;
    if (Number.isNaN(value)) continue;
    chosen = chosen === null ? value : choose(chosen, value);
  }
  return chosen;
}

function sum(column: MsColumn, { from, to }: Span): number {
  let total = 0;
  for (let i = from; i < to; i++) total += column[i] ?? 0;
  return total;
}
