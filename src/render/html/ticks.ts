import type { View } from './columns.ts';

/** A mark on the time axis. */
export interface Tick {
  /** 0 at the left end of the view, 1 at the right. */
  readonly share: number;
  readonly label: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// Steps that divide the next larger unit, as clocks do.
const steps = [
  ...[1, 2, 5, 10, 20, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((count) => count * day),
];

/** A place in a view as SVG takes it: `12.5%`. */
export function placeOf(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

/** At most `limit` marks at round times (UTC); `startMs` is the epoch time of the view's zero. */
export function ticksIn(view: View, startMs: number, limit: number): Tick[] {
  const length = view.to - view.from;
  const step = steps.find((one) => length / one <= limit) ?? length;
  const ticks: Tick[] = [];
  const first = Math.ceil((startMs + view.from) / step) * step;
  for (let ms = first; ms <= startMs + view.to; ms += step) {
    ticks.push({ share: (ms - startMs - view.from) / length, label: label(ms, step) });
  }
  return ticks;
}

function label(ms: number, step: number): string {
  const text = new Date(ms).toISOString();
  if (step >= day || ms % day === 0) return text.slice(5, 10);
  return step < minute ? text.slice(11, 19) : text.slice(11, 16);
}
