const nanosPerUnit = 1_000_000_000n;

/** Plain decimal of at most 9 places, such as `55.04`, in billionths; throws a RangeError for anything else. */
export function parseNanos(text: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) throw new RangeError(`not a plain decimal of at most 9 places: ${text}`);
  return BigInt(match[1] ?? '0') * nanosPerUnit + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Billionths as a plain decimal without trailing zeros, such as `55.04`. */
export function formatNanos(nanos: bigint): string {
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** numerator / denominator rounded half up, for numerator ≥ 0 and denominator > 0. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
