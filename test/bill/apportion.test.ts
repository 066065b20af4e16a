import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion, equalPart } from '../../src/bill/apportion.ts';

const claims = (weights: Record<string, bigint>) =>
  Object.entries(weights).map(([key, weight]) => ({ key, weight }));

describe('apportion', () => {
  it('gives what is left to the largest remainders', () => {
    // Quotas of 100 by 47:16:158:12:20:61 (sum 314): 14.97 5.10 50.32 3.82 6.37 19.43; the floors sum to 97,
    // so the remainders .97, .82 and .43 get one each.
    const weights = { a: 47n, b: 16n, c: 158n, d: 12n, e: 20n, f: 61n };
    expect(apportion(100n, claims(weights))).toEqual([15n, 5n, 50n, 4n, 6n, 20n]);
  });

  it('breaks ties by key, whatever the order of the claims', () => {
    expect(apportion(5n, claims({ b: 1n, a: 1n, c: 1n }))).toEqual([2n, 2n, 1n]);
    expect(apportion(4n, claims({ c: 1n, b: 1n, a: 1n }))).toEqual([1n, 1n, 2n]);
  });

  it('gives nothing to weight 0, and counts all alike where nobody has a weight', () => {
    expect(apportion(7n, claims({ a: 0n, b: 3n }))).toEqual([0n, 7n]);
    expect(apportion(7n, claims({ b: 0n, a: 0n }))).toEqual([3n, 4n]);
    expect(apportion(0n, claims({ a: 0n }))).toEqual([0n]);
    expect(apportion(0n, [])).toEqual([]);
  });

  it('refuses a negative amount or weight, and an amount for nobody', () => {
    expect(() => apportion(-1n, claims({ a: 1n }))).toThrow(RangeError);
    expect(() => apportion(1n, claims({ a: -1n, b: 5n }))).toThrow(RangeError);
    expect(() => apportion(1n, [])).toThrow(RangeError);
  });

  it('sums exactly, and no part is a whole unit away from its quota', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n), weights, (amount, list) => {
        const parts = apportion(
          amount,
          list.map((weight, index) => ({ key: `GPU-${index}`, weight })),
        );
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
        const sum = list.reduce((total, weight) => total + weight, 0n);
        if (sum === 0n) return;
        for (const [index, part] of parts.entries()) {
          const off = part * sum - amount * (list[index] ?? 0n);
          expect(off > -sum && off < sum).toBe(true);
          if (list[index] === 0n) expect(part).toBe(0n);
        }
      }),
    );
  });
});

describe('equalPart', () => {
  it('is largest remainder over equal weights', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 1, max: 16 }), (amount, count) => {
        const places = Array.from({ length: count }, (_, position) => position);
        const equal = places.map((p) => ({ key: String.fromCodePoint(97 + p), weight: 1n }));
        expect(places.map((p) => equalPart(amount, count, p))).toEqual(apportion(amount, equal));
      }),
    );
  });

  it('never falls as the amount grows', () => {
    for (let amount = 0n; amount < 50n; amount += 1n) {
      for (let place = 0; place < 7; place += 1) {
        expect(equalPart(amount + 1n, 7, place)).toBeGreaterThanOrEqual(
          equalPart(amount, 7, place),
        );
      }
    }
  });
});
