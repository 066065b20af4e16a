import { duration, timeSpan } from '../../format.ts';
import type { View } from '../columns.ts';

/** What a view shows, in the words of the report's header: instants are cut to seconds in both. */
export function rangeText(startMs: number, { from, to }: View): string {
  const iso = (ms: number): string => new Date(startMs + ms).toISOString();
  return `${timeSpan(iso(from), iso(to), '–')} (${duration(to - from)})`;
}
