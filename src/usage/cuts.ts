const hourMs = 3_600_000;

/**
 * Where the accounts are cut: at clock hours (UTC), at the ends of the window asked for, and at the given instants
 * (starts of runs). A segment lies between two cuts and is named by its start. Epoch milliseconds.
 */
export interface Cuts {
  /** The window asked for; classified time outside it is left out. ±Infinity for the whole recording. */
  readonly startMs: number;
  readonly endMs: number;
  /** Further cuts, ascending. */
  readonly atMs: readonly number[];
}

export const noCuts: Cuts = { startMs: -Infinity, endMs: Infinity, atMs: [] };

/** The start of the segment that holds an instant. */
export function segmentStart(timeMs: number, cuts: Cuts): number {
  let start = Math.floor(timeMs / hourMs) * hourMs;
  if (cuts.startMs <= timeMs && cuts.startMs > start) start = cuts.startMs;
  if (cuts.endMs <= timeMs && cuts.endMs > start) start = cuts.endMs;
  for (const at of cuts.atMs) {
    if (at > timeMs) break;
    if (at > start) start = at;
  }
  return start;
}

/** The end of the segment that holds an instant. */
export function segmentEnd(timeMs: number, cuts: Cuts): number {
  let end = (Math.floor(timeMs / hourMs) + 1) * hourMs;
  if (cuts.startMs > timeMs && cuts.startMs < end) end = cuts.startMs;
  if (cuts.endMs > timeMs && cuts.endMs < end) end = cuts.endMs;
  for (const at of cuts.atMs) {
    if (at >= end) break;
    if (at > timeMs) {
      end = at;
      break;
    }
  }
  return end;
}

/** True for a segment inside the window asked for. */
export function isInside(segment: number, cuts: Cuts): boolean {
  return segment >= cuts.startMs && segment < cuts.endMs;
}

/** Cuts a span of time at the accounts' cuts; spans come in order and add up to the one given. */
export function cutSpan(
  startMs: number,
  endMs: number,
  cuts: Cuts,
): { startMs: number; endMs: number }[] {
  const spans: { startMs: number; endMs: number }[] = [];
  for (let from = startMs; from < endMs; ) {
    const to = Math.min(endMs, segmentEnd(from, cuts));
    spans.push({ startMs: from, endMs: to });
    from = to;
  }
  return spans;
}
