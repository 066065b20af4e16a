import type { Span } from './accounts.ts';

/** Spans in order, overlapping and touching ones made one. */
export function unionOf(spans: readonly Span[]): readonly Span[] {
  const sorted = spans.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const joined: Span[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && startMs <= last.endMs) {
      joined[joined.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, endMs) };
    } else joined.push({ startMs, endMs });
  }
  return joined;
}

/** Milliseconds in at least one of the spans. */
export function unionMs(spans: readonly Span[]): number {
  return unionOf(spans).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
