import { expect, it } from 'vitest';
import { billedPart } from '../../src/report/billed-part.ts';

const run = (startMs: number, endMs: number) =>
  ({
    startMs,
    endMs,
    fullStartMs: startMs,
    startedBy: 'start',
    billedMs: endMs - startMs,
  }) as const;

it('cuts intervals where billing begins and ends, and drops what lies outside', () => {
  const intervals = [
    { startMs: 0, endMs: 4 },
    { startMs: 3, endMs: 12 },
    { startMs: 20, endMs: 30 },
  ];
  expect(billedPart(intervals, { runs: [run(5, 10), run(18, 25)] })).toEqual([
    { startMs: 5, endMs: 12 },
    { startMs: 20, endMs: 25 },
  ]);
});
