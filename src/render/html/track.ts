import type { Report, ReportGpu } from '../../report/report.ts';
import type { ObservedState } from '../../usage/states.ts';

/** Lowest and highest value of each point; null is unknown. */
export interface Band {
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** What a lane of a timeline shows, and the value at its top. */
export interface Lane {
  readonly band: Band;
  readonly top: number;
}

/** One GPU's timeline, as it is drawn and as it is handed to the page's script: whole numbers. */
export interface Track {
  readonly gpu: string;
  /** Where each point begins and ends: milliseconds since the window's start, ascending, without overlap. */
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** Milliseconds of each point by state. */
  readonly states: Readonly<Record<ObservedState, readonly number[]>>;
  /** Null where it was not read. */
  readonly utilizationPct: Lane | null;
  readonly loadPct: Lane | null;
  readonly powerW: Lane | null;
  readonly memoryMib: Lane | null;
}

/**
 * The timeline of a GPU: from its series, or without one the states of its clock hours.
 * Null where the report has neither.
 */
export function trackOf(report: Report, gpu: ReportGpu): Track | null {
  const startMs = Date.parse(report.window.start);
  const length = Date.parse(report.window.end) - startMs;
  const series = report.series?.find((one) => one.gpu === gpu.id);
  if (series === undefined) return hourlyTrack(report, gpu, startMs);
  if (series.start.length === 0) return null;
  // A point lies on a grid: the first and the last may reach beyond the window.
  const start = series.start.map((ms) => Math.max(0, ms - startMs));
  const end = series.start.map((ms) => Math.min(length, ms + series.windowMs - startMs));
  return {
    gpu: gpu.id,
    start,
    end,
    states: series.stateMs,
    utilizationPct: laneOf(series.utilizationPctMin, series.utilizationPctMax, 1, 100),
    loadPct: laneOf(series.loadMin, series.load, 100, 100),
    powerW: laneOf(series.powerWMin, series.powerW, 1, gpu.powerLimitW ?? 0),
    memoryMib: laneOf(series.memoryUsedMibMin, series.memoryUsedMib, 1, gpu.memoryTotalMib ?? 0),
  };
}

const hourMs = 3_600_000;

function hourlyTrack(report: Report, gpu: ReportGpu, startMs: number): Track | null {
  const periods = report.periods
    .filter((period) => period.gpu === gpu.id)
    .toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start));
  if (periods.length === 0) return null;
  const ms = (state: ObservedState): number[] =>
    periods.map(({ gpuHours }) => Math.round(gpuHours.byState[state] * hourMs));
  return {
    gpu: gpu.id,
    start: periods.map(({ start }) => Date.parse(start) - startMs),
    end: periods.map(({ end }) => Date.parse(end) - startMs),
    states: {
      effective: ms('effective'),
      underfilled: ms('underfilled'),
      throttled: ms('throttled'),
      waiting: ms('waiting'),
      heldIdle: ms('heldIdle'),
      emptyIdle: ms('emptyIdle'),
    },
    utilizationPct: null,
    loadPct: null,
    powerW: null,
    memoryMib: null,
  };
}

/** Whole units are finer than a pixel of a lane. Without a limit the highest value is the top. */
function laneOf(low: Band['low'], high: Band['high'], scale: number, limit: number): Lane | null {
  const known = high.filter((value) => value !== null);
  if (known.length === 0) return null;
  const whole = (values: Band['low']) =>
    values.map((value) => (value === null ? null : Math.round(value * scale)));
  const peak = known.reduce((most, value) => Math.max(most, value * scale), 1);
  return {
    band: { low: whole(low), high: whole(high) },
    top: Math.max(limit, Math.ceil(peak)),
  };
}
