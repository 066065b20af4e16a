import { UsageError } from '../errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Milliseconds of `500ms`, `1s`, `1.5m`, `2h`, `3d`, `1h30m`; a unit is required.
 * Throws UsageError that names the flag; for a bare number it shows the forms with a unit.
 */
export function parseDuration(text: string, flag: string): number {
  const ms = durationMs(text);
  if (ms !== null && ms > 0) return ms;
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    throw new UsageError(`${flag} ${text} has no unit`, {
      hint: `Write ${flag} ${text}s, or one of ms, m, h, d.${
        flag === '--interval' ? ` To choose GPUs, write --gpus ${text}.` : ''
      }`,
    });
  }
  throw new UsageError(`${flag} expects a duration above zero, got "${text}"`, {
    hint: 'Durations look like 500ms, 1s, 15m, 2h, 3d or 1h30m.',
  });
}

/** Milliseconds of a duration with units, or null if the text is none. */
export function durationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|min|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h|d)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return Math.round(total);
}
