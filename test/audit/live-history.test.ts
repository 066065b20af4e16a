import { expect, it } from 'vitest';
import { LiveHistory } from '../../src/audit/live-history.ts';

function filled(intervalMs: number, count: number) {
  const history = new LiveHistory(intervalMs);
  for (let i = 0; i < count; i++) history.add(i * intervalMs, i);
  return history;
}

it('holds a minute, whatever the interval', () => {
  expect(filled(1000, 500).at(499_000)).toEqual(Array.from({ length: 60 }, (_, i) => 440 + i));
  expect(filled(100, 5000).at(499_900)).toHaveLength(60);
  expect(filled(5000, 50).at(245_000)).toHaveLength(12);
});

it('takes the mean of the samples of a second', () => {
  expect(filled(250, 8).at(1999)).toEqual([1.5, 5.5]);
});

it('shows a gap as unknown, also where samples have stopped', () => {
  const history = new LiveHistory(1000);
  for (const second of [0, 1, 4]) history.add(second * 1000, 0.5);
  expect(history.at(4500)).toEqual([0.5, 0.5, null, null, 0.5]);
  expect(history.at(7500)).toEqual([0.5, 0.5, null, null, 0.5, null, null]);
});

it('does not take the second at hand for a gap', () => {
  expect(filled(1000, 2).at(2100)).toEqual([0, 1]);
});

it('is empty before the first sample', () => {
  expect(new LiveHistory(1000).at(90_000)).toEqual([]);
});
