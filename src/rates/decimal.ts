import { nanosFromDecimal } from '../bill/money.ts';

/** A card's decimal in billionths; throws a RangeError for what the schema would have refused. */
export function parseNanos(text: string): bigint {
  const nanos = nanosFromDecimal(text);
  if (nanos === null) throw new RangeError(`not a plain decimal of at most 9 places: ${text}`);
  return nanos;
}
