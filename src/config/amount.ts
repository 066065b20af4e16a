import { UsageError } from '../errors.ts';

/** A share of 0–1 from `40%` or `0.4`. Throws UsageError that names the flag. */
export function parseShare(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`${flag} expects a share, got "${text}"`, {
    hint: 'Write it as a percentage such as 40%, or as 0.4.',
  });
}

/** An amount of money, in the bill's currency. Throws UsageError that names the flag. */
export function parseMoney(text: string, flag: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`${flag} expects an amount of money, got "${text}"`, {
    hint: text.includes(',')
      ? `Write decimals with a point: ${text.replace(',', '.')}.`
      : 'Write a plain number such as 25 or 12.50, in the currency of the rate card.',
  });
}

/** A whole number of at least one. Throws UsageError that names the flag. */
export function parseCount(text: string, flag: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} expects a whole number above zero, got "${text}"`);
}

/** A relative increase of 0 or more from `10%` or `0.1`; `150%` is more than twice as much. Throws UsageError that names the flag. */
export function parseIncrease(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (Number.isFinite(value) && (match?.[2] === '%' || value < 1)) return value;
  throw new UsageError(`${flag} expects an increase, got "${text}"`, {
    hint: `Write it as a percentage such as ${match === null ? '10%' : `${text}%`}.`,
  });
}
