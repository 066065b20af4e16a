import { expect, it } from 'vitest';
import { findingIntervals } from '../../src/report/finding-intervals.ts';

const usage = {
  runs: [{ startMs: 0, endMs: 9000, fullStartMs: 0, startedBy: 'start', billedMs: 9000 }],
} as const;
const claim = (startMs: number, endMs: number) =>
  ({ states: ['heldIdle'], intervals: [{ startMs, endMs }], ms: endMs - startMs }) as const;
const told = (startMs: number, endMs: number) => ({
  start: new Date(startMs).toISOString(),
  end: new Date(endMs).toISOString(),
});
const idOf = (gpu: string): string => `id of ${gpu}`;

it('says when each GPU was meant where they differ, up to the end of the billed time', () => {
  const finding = {
    gpus: ['a', 'b'],
    intervals: [{ startMs: 3000, endMs: 9900 }],
    claims: new Map([
      ['a', claim(6000, 9900)],
      ['b', claim(3000, 9900)],
    ]),
  };
  expect(findingIntervals(finding, usage, idOf)).toEqual({
    intervals: [told(3000, 9000)],
    gpuIntervals: [
      { gpu: 'id of a', intervals: [told(6000, 9000)] },
      { gpu: 'id of b', intervals: [told(3000, 9000)] },
    ],
  });
});

it('says it once where all of its GPUs share it', () => {
  const finding = {
    gpus: ['a', 'b'],
    intervals: [{ startMs: 3000, endMs: 6000 }],
    claims: new Map([
      ['a', claim(3000, 6000)],
      ['b', claim(3000, 6000)],
    ]),
  };
  expect(findingIntervals(finding, usage, idOf)).toEqual({ intervals: [told(3000, 6000)] });
});
