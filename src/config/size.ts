import { UsageError } from '../errors.ts';

const units: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of `500MB`, `2GB`, `1.5TB`; powers of ten. Throws UsageError that names the flag. */
export function parseSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/i.exec(text);
  const unit = Object.keys(units).find((name) => name.toLowerCase() === match?.[2]?.toLowerCase());
  if (match !== null && unit !== undefined)
    return Math.round(Number(match[1]) * (units[unit] ?? 1));
  throw new UsageError(`${flag} expects a size, got "${text}"`, {
    hint: 'Sizes look like 500MB or 2GB.',
  });
}
