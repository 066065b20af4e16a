/**
 * The only place where a price is multiplied. Prices are integer nanos (billionths) per hour, money is
 * integer micros (millionths), time is integer milliseconds; no value passes through a double.
 *
 * Rounding is half up, once per run of a machine, at the micro. Providers publish no rule below the
 * cent, so this is the commercial one (Council Regulation (EC) No 1103/97, article 5: "exactly half-way
 * shall be rounded up"). Money of a part of a run is the difference of two such cumulative amounts,
 * so that however a run is cut, its parts add up to the whole.
 */

const nanosPerMicro = 1000n;
const msPerHour = 3_600_000n;
const nanoMsPerMicro = nanosPerMicro * msPerHour;

const plainDecimal = /^(\d+)(?:\.(\d{1,9}))?$/;

/** Reads a plain decimal such as "55.04" (at most 9 places, no sign, no exponent) as nanos; null for anything else. */
export function nanosFromDecimal(text: string): bigint | null {
  const match = plainDecimal.exec(text);
  if (match === null) return null;
  const [, whole = '', places = ''] = match;
  return BigInt(whole + places.padEnd(9, '0'));
}

const invoiceDecimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * Reads an amount as invoices print it (sign, any number of places, exponent) in picos (trillionths), what is finer
 * rounded half away from zero; null for anything else.
 */
export function picosFromDecimal(text: string): bigint | null {
  const match = invoiceDecimal.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = 12 - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const picos =
    shift >= 0 ? digits * 10n ** BigInt(shift) : divideHalfUp(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -picos : picos;
}

/** Picos as micros, rounded half away from zero. */
export function microsFromPicos(picos: bigint): bigint {
  return picos < 0n ? -divideHalfUp(-picos, 1_000_000n) : divideHalfUp(picos, 1_000_000n);
}

/** The shortest plain decimal of an amount in nanos: 55_040_000_000n is "55.04". */
export function decimalFromNanos(nanos: bigint): string {
  return decimalOf(nanos, 9);
}

/** The shortest plain decimal of an amount in micros: 2_500_000n is "2.5". */
export function decimalFromMicros(micros: bigint): string {
  return decimalOf(micros, 6);
}

/** For JSON: the double nearest to the price; it prints as the same decimal up to 15 digits (999,999.999999999 an hour). */
export function numberFromNanos(nanos: bigint): number {
  return Number(decimalFromNanos(nanos));
}

/** For JSON: the double nearest to the amount; it prints as the same decimal up to 15 digits (999,999,999.999999). */
export function numberFromMicros(micros: bigint): number {
  return Number(decimalFromMicros(micros));
}

/**
 * What `ms` milliseconds cost at a price per hour, in micros, rounded half up.
 * Monotone in both; throws a RangeError for a negative price or time, or a fraction of a millisecond.
 */
export function microsOf(perHourNanos: bigint, ms: number): bigint {
  return divideHalfUp(perHourNanos * BigInt(ms), nanoMsPerMicro);
}

/** A price times a fraction (a quantity, a share, units per pack) in nanos, rounded half up. */
export function scaleNanos(nanos: bigint, numerator: bigint, denominator: bigint): bigint {
  return divideHalfUp(nanos * numerator, denominator);
}

/** `dividend / divisor`, halves rounded up; throws a RangeError unless dividend ≥ 0 and divisor > 0. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  if (dividend < 0n || divisor <= 0n) {
    throw new RangeError(`can't round ${dividend} / ${divisor}: money and time are never negative`);
  }
  return (2n * dividend + divisor) / (2n * divisor);
}

function decimalOf(amount: bigint, places: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
