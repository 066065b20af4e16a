import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeColumn, encodeColumn } from '../../src/store/column-code.ts';

/** Encodes, goes through JSON text as a file does, and decodes. */
function throughText(readings: readonly (number | null)[]): (number | null)[] {
  const values = Float64Array.from(readings, (v) => v ?? Number.NaN);
  const code: unknown = JSON.parse(JSON.stringify(encodeColumn(values, values.length)));
  if (code === null || typeof code === 'number') return readings.map(() => code);
  const out = new Float64Array(values.length);
  expect(decodeColumn(code, values.length, out)).toBe(true);
  return Array.from(out, (v) => (Number.isNaN(v) ? null : v));
}

const repeat = <V>(count: number, value: V): V[] => Array.from({ length: count }, () => value);

const code = (readings: readonly (number | null)[]) =>
  encodeColumn(
    Float64Array.from(readings, (v) => v ?? Number.NaN),
    readings.length,
  );

describe('a column', () => {
  test.each([
    ['a constant', repeat(9, 700), 700],
    ['no reading at all', repeat(4, null), null],
    [
      'decimals',
      [52.34, 60.1, 55.55, 59.99, 52.35],
      { scale: 100, min: 5234, width: 3, digits: '000776321765001' },
    ],
    [
      'steps of a clock',
      [1755, 1785, 1770, 1740, 1800],
      { min: 1740, step: 15, width: 1, digits: '13204' },
    ],
    ['a missing reading', [41, 57, null, 63, 48], { min: 41, width: 2, digits: '0016--2207' }],
    [
      'times',
      [1_767_571_200_001, 1_767_571_201_003, 1_767_571_202_002],
      { from: 1_767_571_200_001, min: 999, step: 3, width: 1, digits: '10' },
    ],
    ['what seldom changes', [...repeat(20, 1), ...repeat(20, 4)], { runs: [1, 20, 4, 20] }],
    ['long decimals', [0.123456789, 2, null], [0.123456789, 2, null]],
  ])('%s', (_, readings: (number | null)[], expected) => {
    expect(code(readings)).toEqual(expected);
    expect(throughText(readings)).toEqual(readings);
  });

  test('gives back any numbers exactly', () => {
    const anyReading = fc.oneof(
      fc.constant(null),
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -100_000, max: 100_000 }).map((v) => v / 100),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((v) => !Object.is(v, -0)),
      fc.integer({ min: 0, max: 999 }).map((v) => v * 1e-6 + 1e9),
    );
    const readings = fc.oneof(
      fc.array(anyReading, { minLength: 1, maxLength: 40 }),
      fc.array(
        fc.integer({ min: 0, max: 2000 }).map((v) => v / 1000),
        { minLength: 1 },
      ),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 80 }),
    );
    fc.assert(
      fc.property(readings, (list) => {
        expect(throughText(list)).toEqual(list);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['digits of another length', { width: 2, digits: '123' }],
    ['a width that is none', { width: 0, digits: '' }],
    ['runs that add up to more', { runs: [1, 2, 3, 2] }],
    ['runs that add up to less', { runs: [1, 2] }],
    ['runs of text', { runs: ['1', 3] }],
    ['too few numbers', [1, 2]],
    ['text among numbers', [1, 'x', 3]],
    ['a scale of zero', { scale: 0, width: 1, digits: '123' }],
    ['nothing known', { packed: 'abc' }],
  ])('refuses %s', (_, wrong) => {
    expect(decodeColumn(wrong, 3, new Float64Array(3))).toBe(false);
  });
});
