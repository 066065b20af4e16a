/** A decimal with at least one place: 2n of 0 places is `2.0`. Validators take `2` for an integer, which FOCUS has none of. */
export function decimalText(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}.${fraction === '' ? '0' : fraction}`;
}

/** A number as a plain decimal of at most 9 places, in billionths. */
export function nanosOf(value: number): bigint {
  return BigInt(Math.round(value * 1e9));
}
