import type { Report } from '../../src/report/report.ts';

type Series = NonNullable<Report['series']>[number];

/** A GPU's synthetic series: busy with noise, idle in every eighth hour, nothing observed in every 50th point. */
export function aSeries(gpu: string, startMs: number, points: number, windowMs: number): Series {
  const at = Array.from({ length: points }, (_, i) => i).filter((i) => i % 50 !== 49);
  const isIdle = (i: number): boolean => Math.floor((i * windowMs) / 3_600_000) % 8 === 7;
  const noise = (i: number): number => ((i * 7919) % 101) / 101;
  const busy = (i: number, idle: number, low: number, range: number): number =>
    isIdle(i) ? idle : low + range * noise(i);
  const state = (share: (i: number) => number): number[] =>
    at.map((i) => Math.round(share(i) * windowMs));
  return {
    gpu,
    windowMs,
    start: at.map((i) => startMs + i * windowMs),
    utilizationPctMin: at.map((i) => busy(i, 0, 20, 50)),
    utilizationPctMax: at.map((i) => busy(i, 0, 80, 20)),
    memoryUsedMib: at.map((i) => busy(i, 41_000, 60_000, 8000)),
    memoryUsedMibMin: at.map((i) => busy(i, 41_000, 58_000, 2000)),
    powerW: at.map((i) => busy(i, 118, 500, 190)),
    powerWMin: at.map((i) => busy(i, 117, 300, 150)),
    load: at.map((i) => busy(i, 0, 0.6, 0.35)),
    loadMin: at.map((i) => busy(i, 0, 0.2, 0.3)),
    stateMs: {
      effective: state((i) => (isIdle(i) ? 0 : 0.6)),
      underfilled: state((i) => (isIdle(i) ? 0 : 0.3)),
      throttled: state(() => 0),
      waiting: state((i) => (isIdle(i) ? 0 : 0.1)),
      heldIdle: state((i) => (isIdle(i) ? 1 : 0)),
      emptyIdle: state(() => 0),
    },
  };
}

/** The report with a timeline of `points` points a GPU over its window. */
export function withTimeline(report: Report, points: number): Report {
  const startMs = Date.parse(report.window.start);
  const windowMs = (Date.parse(report.window.end) - startMs) / points;
  return {
    ...report,
    series: report.gpus.map(({ id }) => aSeries(id, startMs, points, windowMs)),
  };
}
