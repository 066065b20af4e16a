import { expect, test } from 'vitest';
import type { HostColumn } from '../../src/host/columns.ts';
import { rateLevels } from '../../src/usage/rates.ts';
import { SignalTrack } from '../../src/usage/signals.ts';

const stepMs = 20_000;

/** One reading for each step of the grid. */
function host(rates: readonly number[]) {
  const track = new SignalTrack<HostColumn>(['diskReadBytesPerS']);
  const timeMs = Float64Array.from(rates, (_, i) => (i + 1) * stepMs);
  const columns = { diskReadBytesPerS: Float64Array.from(rates) };
  track.add({ length: rates.length, timeMs, columns }, stepMs, 60_000);
  return rateLevels({ host: track, job: null });
}

test('flat at the highest rate that was kept up', () => {
  const level = host([100, 102, 98, 101, 99, 100])(0, 6 * stepMs).diskReadBytesPerS;
  expect(level?.mean).toBeCloseTo(100);
  expect(level?.levelShare).toBe(1);
  expect(level?.highest).toBeGreaterThanOrEqual(98);
});

test('a burst of a step is not sustained, a minute is, wherever it lies', () => {
  expect(host([50, 900, 50, 50])(0, 4 * stepMs).diskReadBytesPerS?.highest).toBe(50);
  const later = host([50, 50, 50, 50, 400, 400, 400]);
  expect(later(0, 4 * stepMs).diskReadBytesPerS).toEqual({ mean: 50, highest: 400, levelShare: 1 });
});

test('an uneven rate is no level one', () => {
  const uneven = host([10, 200, 40, 90, 300, 20]);
  expect(uneven(0, 6 * stepMs).diskReadBytesPerS?.levelShare).toBeLessThan(0.5);
});

test('nothing is said of less than a minute, or of what was not recorded', () => {
  expect(host([100, 100])(0, 2 * stepMs)).toEqual({});
  expect(rateLevels({ host: null, job: null })(0, 1e6)).toEqual({});
});
