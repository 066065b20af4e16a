import type { BilledFrom } from '../bill/runs.ts';
import { UsageError } from '../errors.ts';
import { parseInstant } from './instant.ts';

/** Where billing begins: `start` (of watching), `boot`, `launch`, or a time. Throws UsageError for anything else. */
export function parseBilledFrom(text: string, nowMs: number): BilledFrom {
  if (text === 'start' || text === 'boot' || text === 'launch') return { from: text };
  try {
    return { from: 'time', timeMs: parseInstant(text, '--billed-from', nowMs) };
  } catch (cause) {
    throw new UsageError(`--billed-from expects start, boot, launch or a time, got "${text}"`, {
      cause,
      hint: 'Times look like 2026-11-22T08:00Z, 2026-11-22 08:00 (local), or 2h (ago).',
    });
  }
}
