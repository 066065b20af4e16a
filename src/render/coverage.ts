import type { Report } from '../report/report.ts';
import { unionMs } from '../usage/span-union.ts';
import { duration, percent } from './format.ts';

/** Below this part of the window, what was billed is told beside the window's length. */
const nearlyAll = 0.99;

/** `8 h`; `23 h 10 min, of which 40 min were billed` where sessions lie apart. */
export function lengthText({ window, machines }: Pick<Report, 'window' | 'machines'>): string {
  const ms = Date.parse(window.end) - Date.parse(window.start);
  const billedMs = unionMs(
    machines.flatMap(({ runs }) =>
      runs.map(({ start, end }) => ({ startMs: Date.parse(start), endMs: Date.parse(end) })),
    ),
  );
  return billedMs >= nearlyAll * ms
    ? duration(ms)
    : `${duration(ms)}, of which ${duration(billedMs)} were billed`;
}

/** `97 % of the billed time observed`: between runs nothing is billed, and nothing is missing. */
export function coverageText({ observedShare }: Pick<Report['window'], 'observedShare'>): string {
  return `${percent(observedShare)} of the billed time observed`;
}
