import type { Span } from '../usage/accounts.ts';
import type { OpenSource } from './source.ts';

/** The union of the watched times; stops shorter than a gap are none. */
export function joinSpans(sources: readonly OpenSource[]): Span[] {
  const spans: { startMs: number; endMs: number }[] = [];
  for (const s of [...sources].sort((a, b) => a.startMs - b.startMs)) {
    const last = spans.at(-1);
    const endMs = Math.max(s.endMs, s.startMs);
    if (last && s.startMs - last.endMs <= s.joinMs) last.endMs = Math.max(last.endMs, endMs);
    else spans.push({ startMs: s.startMs, endMs });
  }
  return spans;
}
