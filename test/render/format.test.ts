import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apportion,
  duration,
  gpuTimeUnit,
  instant,
  instantUtc,
  moneyFormat,
  number,
  percent,
  reading,
  timeSpan,
} from '../../src/render/format.ts';

describe('duration', () => {
  it.each([
    [100, '100 ms'],
    [1000, '1 s'],
    [2500, '2.5 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [8 * 3_600_000, '8 h'],
    [8 * 3_600_000 + 300_000, '8 h 5 min'],
    [26 * 3_600_000, '1 d 2 h'],
    // Rounding must not show 60 of the smaller unit.
    [59_990, '60 s'],
    [3_599_900, '1 h'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('money', () => {
  it.each([
    [440.32, 440.32, '$440.32'],
    [1234.5, 1234.5, '$1,234.50'],
    [0.2264, 0.2264, '$0.226'],
    [0.00123, 0.00123, '$0.00123'],
    [0, 0, '$0.00'],
  ])('%d of %d is %s', (amount, total, text) =>
    expect(moneyFormat('USD', total).text(amount)).toBe(text),
  );

  it('has no symbol of another currency', () =>
    expect(moneyFormat('EUR', 5).text(5)).toBe('€5.00'));
});

it('picks a unit in which the bill can be read', () => {
  expect([2000, 64, 0.4, 0.01].map((hours) => gpuTimeUnit(hours).name)).toEqual([
    'GPU-h',
    'GPU-h',
    'GPU-min',
    'GPU-s',
  ]);
});

it('shows readings in their unit', () => {
  expect(reading(840_000, 'ms')).toBe('14 min');
  expect(reading(0.4, 'share')).toBe('40 %');
  expect(reading(41_230, 'MiB')).toBe('41,230 MiB');
  expect(percent(-0.0001)).toBe('0 %');
  expect(number(0.12345)).toBe('0.123');
});

it('names the second date only where it differs', () => {
  expect(timeSpan('2026-11-22T08:00:00.000Z', '2026-11-22T16:00:05.000Z', '–')).toBe(
    '2026-11-22 08:00 – 16:00:05 UTC',
  );
  expect(timeSpan('2026-11-22T08:00:00.000Z', '2026-11-23T16:00:00.000Z', '–')).toBe(
    '2026-11-22 08:00 – 2026-11-23 16:00 UTC',
  );
});

it('apportioned parts add up to the rounded total, each off by less than one unit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 0, max: 4 }),
      (parts, decimals) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        const shown = apportion(parts, total, decimals);
        const scale = 10 ** decimals;
        const sum = shown.reduce((all, part) => all + Math.round(part * scale), 0);
        expect(sum).toBe(Math.round(total * scale));
        for (const [index, part] of parts.entries()) {
          expect(Math.abs((shown[index] ?? 0) - part)).toBeLessThan(1.001 / scale);
        }
      },
    ),
    { verbose: true },
  );
});

describe('a log without timestamps', () => {
  it('has no date, only a place in it', () => {
    expect(instant('1970-01-01T00:03:20.000Z')).toBe('0:03:20');
    expect(instant('1969-12-31T23:59:59.000Z')).toBe('0:00:00');
    expect(instant('1970-01-03T01:00:00.000Z')).toBe('49:00:00');
    expect(timeSpan('1970-01-01T00:00:00.000Z', '1970-01-01T00:15:00.000Z', '–')).toBe(
      '0:00:00 – 0:15:00 of the log',
    );
    expect(instantUtc('1970-01-01T00:15:00.000Z')).toBe('0:15:00 of the log');
    expect(instantUtc('2026-11-22T08:00:00.000Z')).toBe('2026-11-22 08:00 UTC');
  });
});
