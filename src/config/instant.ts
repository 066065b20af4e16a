import { UsageError } from '../errors.ts';
import { durationMs } from './duration.ts';

/**
 * Epoch milliseconds of an ISO date or time, or of a duration counted back from now (`2h`).
 * A time without a zone is the host's local time, as every shell user means it; a date alone is local midnight.
 */
export function parseInstant(text: string, flag: string, nowMs: number): number {
  const back = durationMs(text);
  if (back !== null) return nowMs - back;
  const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
  // A bare date would be read as UTC midnight: with a time it is local like every other form.
  const ms = iso.test(text)
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
    : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new UsageError(`${flag} expects a time, got "${text}"`, {
    hint: 'Times look like 2026-11-22T08:00Z, 2026-11-22 08:00 (local), 2026-11-22, or 2h (ago).',
  });
}
