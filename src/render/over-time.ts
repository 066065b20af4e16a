import type { Report } from '../report/report.ts';

type Series = NonNullable<Report['series']>[number];

/** A slice of time counts if so much of it was observed; less says little of it. */
const leastObserved = 0.05;

/**
 * The share of observed time that did work (effective), 0–1, in `columns` equal slices of a report's window (ISO instants);
 * null where next to nothing was observed.
 */
export function workedOverTime(
  { start, windowMs, stateMs }: Series,
  window: { readonly start: string; readonly end: string },
  columns: number,
): readonly (number | null)[] {
  const fromMs = Date.parse(window.start);
  const sliceMs = (Date.parse(window.end) - fromMs) / columns;
  const worked = new Float64Array(columns);
  const observed = new Float64Array(columns);
  for (const [i, pointMs] of start.entries()) {
    const observedMs = Object.values(stateMs).reduce((sum, state) => sum + (state[i] ?? 0), 0);
    const effectiveMs = stateMs.effective[i] ?? 0;
    // A point of a long recording may cover several slices.
    const first = Math.max(0, Math.floor((pointMs - fromMs) / sliceMs));
    const last = Math.min(columns - 1, Math.ceil((pointMs + windowMs - fromMs) / sliceMs) - 1);
    for (let column = first; column <= last; column++) {
      const sliceStartMs = fromMs + column * sliceMs;
      const sharedMs =
        Math.min(pointMs + windowMs, sliceStartMs + sliceMs) - Math.max(pointMs, sliceStartMs);
      const share = Math.max(0, sharedMs) / windowMs;
      worked[column] = (worked[column] ?? 0) + share * effectiveMs;
      observed[column] = (observed[column] ?? 0) + share * observedMs;
    }
  }
  return Array.from(worked, (ms, column) => {
    const seenMs = observed[column] ?? 0;
    return seenMs > leastObserved * sliceMs ? Math.min(1, ms / seenMs) : null;
  });
}
