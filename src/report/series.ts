import type { Windows } from '../usage/usage.ts';
import type { Report } from './report.ts';

type Series = NonNullable<Report['series']>[number];

/** At most this many points of a series; more are joined by minimum and maximum, so that no peak is lost. */
const maxPoints = 2_000;

/** A GPU's timeline for charts. */
export function toSeries(gpu: string, w: Windows): Series {
  const step = Math.max(1, Math.ceil(w.length / maxPoints));
  const series: Series = {
    gpu,
    windowMs: w.windowMs * step,
    start: [],
    utilizationPctMin: [],
    utilizationPctMax: [],
    memoryUsedMib: [],
    powerW: [],
    load: [],
  };
  for (let from = 0; from < w.length; from += step) {
    const to = Math.min(w.length, from + step);
    series.start.push(w.startMs[from] ?? 0);
    series.utilizationPctMin.push(fold(w.utilizationPct, from, to, Math.min));
    series.utilizationPctMax.push(fold(w.utilizationPct, from, to, Math.max));
    series.memoryUsedMib.push(fold(w.memoryUsedMib, from, to, Math.max));
    series.powerW.push(fold(w.powerW, from, to, Math.max));
    series.load.push(fold(w.load, from, to, Math.max));
  }
  return series;
}

function fold(
  column: Float32Array,
  from: number,
  to: number,
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
