import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decimalFromMicros,
  decimalFromNanos,
  divideHalfUp,
  microsFromPicos,
  microsOf,
  nanosFromDecimal,
  numberFromMicros,
  numberFromNanos,
  picosFromDecimal,
  scaleNanos,
} from '../../src/bill/money.ts';

describe('decimals', () => {
  it.each([
    ['55.04', 55_040_000_000n],
    ['0.189999', 189_999_000n],
    ['0', 0n],
    ['0.000000001', 1n],
    ['280000', 280_000_000_000_000n],
    ['007.50', 7_500_000_000n],
  ])('reads %s', (text, nanos) => {
    expect(nanosFromDecimal(text)).toBe(nanos);
  });

  it.each([
    '',
    '.5',
    '5.',
    '-1',
    '+1',
    '1e3',
    '2,50',
    '0.0000000001',
    ' 1',
    '0x10',
    'NaN',
    '1_000',
  ])('refuses %j', (text) => {
    expect(nanosFromDecimal(text)).toBeNull();
  });

  it('writes the shortest decimal, also of negative differences', () => {
    expect(decimalFromNanos(55_040_000_000n)).toBe('55.04');
    expect(decimalFromNanos(1n)).toBe('0.000000001');
    expect(decimalFromMicros(12_000_000n)).toBe('12');
    expect(decimalFromMicros(-2_192n)).toBe('-0.002192');
    expect(decimalFromMicros(0n)).toBe('0');
  });

  it('gives JSON the number that prints as the decimal', () => {
    expect(JSON.stringify([numberFromMicros(8_767n), numberFromNanos(6_880_000_000n)])).toBe(
      '[0.008767,6.88]',
    );
    expect(numberFromMicros(999_999_999_999_999n).toString()).toBe('999999999.999999');
  });

  it('comes back from text unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), (nanos) => {
        expect(nanosFromDecimal(decimalFromNanos(nanos))).toBe(nanos);
      }),
    );
  });
});

describe('microsOf', () => {
  it('rounds halves up and nothing else', () => {
    // 0.0018 an hour is 0.0000005 a second: exactly half a micro.
    expect(microsOf(1_800_000n, 1000)).toBe(1n);
    expect(microsOf(1_800_000n, 999)).toBe(0n);
    expect(microsOf(1_800_000n, 3000)).toBe(2n);
    expect(microsOf(1_800_000n, 2999)).toBe(1n);
  });

  it('is exact where a double is not', () => {
    // 55.04 × 24 × 7 = 9246.72; its product of micros and ms is 3.3e16, above 2^53.
    expect(microsOf(55_040_000_000n, 7 * 24 * 3_600_000)).toBe(9_246_720_000n);
    // A thousand years of 9,999,999.999999999 an hour, by whole hours.
    expect(microsOf(9_999_999_999_999_999n, 8_766_000 * 3_600_000)).toBe(
      87_659_999_999_999_991_234n,
    );
  });

  it('never falls with time and never strays from the product by more than half a micro', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 15n),
        fc.nat(2 ** 40),
        fc.nat(2 ** 20),
        (nanos, ms, more) => {
          const micros = microsOf(nanos, ms);
          expect(microsOf(nanos, ms + more)).toBeGreaterThanOrEqual(micros);
          const error = micros * 3_600_000_000n - nanos * BigInt(ms);
          expect(error > -1_800_000_000n && error <= 1_800_000_000n).toBe(true);
        },
      ),
    );
  });

  it('refuses what can only be a bug', () => {
    expect(() => microsOf(-1n, 1000)).toThrow(RangeError);
    expect(() => microsOf(1n, -1)).toThrow(RangeError);
    expect(() => microsOf(1n, 0.5)).toThrow(RangeError);
  });
});

describe('fractions of a price', () => {
  it('gives Colab units their price: 1.86 units an hour at 9.99 for 100', () => {
    // 9.99 × 1.86 / 100 = 0.185814
    expect(scaleNanos(9_990_000_000n, 186n, 10_000n)).toBe(185_814_000n);
  });

  it('rounds a price that does not end, half up', () => {
    expect(scaleNanos(10n, 1n, 3n)).toBe(3n);
    expect(scaleNanos(10n, 1n, 4n)).toBe(3n);
    expect(() => divideHalfUp(1n, 0n)).toThrow(RangeError);
  });
});

describe('amounts of invoices', () => {
  it.each([
    ['55.04', 55_040_000_000_000n],
    ['-0.0000001667', -166_700n],
    ['9.0E-2', 90_000_000_000n],
    ['1e3', 1_000_000_000_000_000n],
    ['1.23456789012345', 1_234_567_890_123n],
    ['0.0000000000005', 1n],
    ['-0.0000000000005', -1n],
    ['1E-99', 0n],
  ])('reads %s', (text, picos) => {
    expect(picosFromDecimal(text)).toBe(picos);
  });

  it.each(['', '1,50', '$5', 'abc', '1e', '--1', '1e999'])('refuses %j', (text) => {
    expect(picosFromDecimal(text)).toBeNull();
  });

  it('rounds to micros half away from zero', () => {
    expect(microsFromPicos(1_500_000n)).toBe(2n);
    expect(microsFromPicos(1_499_999n)).toBe(1n);
    expect(microsFromPicos(-1_500_000n)).toBe(-2n);
    expect(microsFromPicos(-1_499_999n)).toBe(-1n);
  });
});
