import { UsageError } from '../errors.ts';

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** Bytes of `500MB`, `2GB`, `1.5GiB`; a unit is required. Throws UsageError that names the flag. */
export function parseSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(text);
  const unit = unitBytes[match?.[2]?.toUpperCase() ?? ''];
  if (match !== null && unit !== undefined) return Math.round(Number(match[1]) * unit);
  throw new UsageError(`${flag} expects a size, got "${text}"`, {
    hint: 'Sizes look like 500MB, 2GB or 1.5GiB.',
  });
}
