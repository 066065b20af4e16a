import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ticksIn } from '../../../src/render/html/ticks.ts';

const start = Date.parse('2026-11-22T08:00:15Z');
const minute = 60_000;

it('marks round times of the clock', () => {
  expect(ticksIn({ from: 0, to: 60 * minute }, start, 5)).toEqual([
    { share: (19 * 60 + 45) / 3600, label: '08:20' },
    { share: (39 * 60 + 45) / 3600, label: '08:40' },
    { share: (59 * 60 + 45) / 3600, label: '09:00' },
  ]);
});

it('shows the date where a day begins, and seconds where they count', () => {
  const labels = (from: number, to: number, limit: number) =>
    ticksIn({ from, to }, start, limit).map(({ label }) => label);
  expect(labels(0, 36 * 60 * minute, 4)).toEqual(['12:00', '11-23', '12:00']);
  expect(labels(0, 7 * 1440 * minute, 4)).toEqual(['11-23', '11-25', '11-27', '11-29']);
  expect(labels(0, minute, 4)).toEqual(['08:00:20', '08:00:40', '08:01:00']);
});

it('never gives more than a few marks, all within the view', () => {
  const length = fc.integer({ min: 1, max: 400 * 1440 * minute });
  fc.assert(
    fc.property(length, fc.integer({ min: 2, max: 30 }), (to, limit) => {
      const ticks = ticksIn({ from: 0, to }, start, limit);
      expect(ticks.length).toBeLessThanOrEqual(limit + 1);
      for (const { share } of ticks) expect(share >= 0 && share <= 1).toBe(true);
    }),
  );
});
