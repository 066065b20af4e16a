import type { Report } from '../report/report.ts';
import { duration, percent } from './format.ts';

/** Below this part of the window, what was billed is told beside the window's length. */
const nearlyAll = 0.99;

/** `8 h`; `23 h 10 min, of which 40 min were billed` where sessions lie apart. */
export function lengthText({ window, machines }: Pick<Report, 'window' | 'machines'>): string {
  const ms = Date.parse(window.end) - Date.parse(window.start);
  const billedMs = unionMs(machines.flatMap(({ runs }) => runs));
  return billedMs >= nearlyAll * ms
    ? duration(ms)
    : `${duration(ms)}, of which ${duration(billedMs)} were billed`;
}

/** `97 % of the billed time observed`: between runs nothing is billed, and nothing is missing. */
export function coverageText({ observedShare }: Pick<Report['window'], 'observedShare'>): string {
  return `${percent(observedShare)} of the billed time observed`;
}

/** Time in at least one of the spans. */
function unionMs(spans: readonly { readonly start: string; readonly end: string }[]): number {
  const sorted = spans
    .map(({ start, end }) => ({ from: Date.parse(start), to: Date.parse(end) }))
    .toSorted((a, b) => a.from - b.from);
  let reached = -Infinity;
  let sum = 0;
  for (const { from, to } of sorted) {
    sum += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return sum;
}
