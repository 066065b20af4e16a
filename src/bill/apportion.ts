/** One claimant of an amount: `key` breaks ties (UUID, state), `weight` is an integer ≥ 0. */
export interface Claim {
  readonly key: string;
  readonly weight: bigint;
}

/**
 * Divides a whole amount ≥ 0 by weight, as largest remainder (Hamilton's method): each claim gets the floor of
 * its quota, what is left goes one by one to the largest remainders, ties to the lower key.
 * The parts come in the order of the claims and add up exactly; weight 0 gets 0. Where no claim has a
 * weight, all count alike. Throws a RangeError for a negative amount or weight, or for nobody to give it to.
 */
export function apportion(amount: bigint, claims: readonly Claim[]): bigint[] {
  if (amount < 0n) throw new RangeError(`can't apportion ${amount}`);
  if (amount === 0n) return claims.map(() => 0n);

  const sum = claims.reduce((total, { weight }) => total + atLeastZero(weight), 0n);
  const weights = claims.map(({ weight }) => (sum === 0n ? 1n : weight));
  const weightSum = sum === 0n ? BigInt(claims.length) : sum;
  if (weightSum === 0n) throw new RangeError(`nobody to apportion ${amount} to`);

  const parts = weights.map((weight) => (amount * weight) / weightSum);
  const ranked = claims
    .map(({ key }, index) => ({
      key,
      index,
      remainder: (amount * (weights[index] ?? 0n)) % weightSum,
    }))
    .sort(
      (a, b) => compare(b.remainder, a.remainder) || compare(a.key, b.key) || a.index - b.index,
    );

  const left = Number(amount - parts.reduce((total, part) => total + part, 0n));
  for (const { index } of ranked.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

/**
 * The part of a cumulative amount that belongs to place `position` of `count` equal claims: largest remainder
 * over equal weights, with places in order of their keys. Never falls as the amount grows, so that
 * differences of two cumulative amounts are never negative and add up however time is cut.
 */
export function equalPart(amount: bigint, count: number, position: number): bigint {
  return (amount + BigInt(count - 1 - position)) / BigInt(count);
}

function atLeastZero(weight: bigint): bigint {
  if (weight < 0n) throw new RangeError(`a weight can't be negative: ${weight}`);
  return weight;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
