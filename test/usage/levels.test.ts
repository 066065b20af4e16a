import { describe, expect, it } from 'vitest';
import { levelStarts, workLevelStarts } from '../../src/usage/levels.ts';

/** Utilization in windows of 5 s: minutes at a level. */
function levels(...parts: readonly (readonly [number, number])[]): Float32Array {
  return Float32Array.from(
    parts.flatMap(([minutes, pct]) => Array.from({ length: minutes * 12 }, () => pct)),
  );
}

describe('levelStarts', () => {
  const startsOf = (values: Float32Array) =>
    levelStarts(values, 5_000, 0, values.length).map((i) => i / 12);

  it('divides where utilization changes its level for good', () => {
    expect(startsOf(levels([12, 38], [16, 97]))).toEqual([0, 12]);
    expect(startsOf(levels([5, 97], [5, 40], [5, 97]))).toEqual([0, 5, 10]);
  });

  it('leaves changes of under three minutes, and of under 20 points, in their phase', () => {
    expect(startsOf(levels([10, 97], [2, 10], [10, 97]))).toEqual([0]);
    expect(startsOf(levels([10, 97], [10, 78]))).toEqual([0]);
    expect(startsOf(levels([10, 97], [10, 77]))).toEqual([0, 10]);
    expect(startsOf(levels([3, 10], [10, 97]))).toEqual([0, 3]);
  });

  it('is not misled by a minute of validation that moves a mean', () => {
    expect(startsOf(levels([30, 97], [1, 0], [2, 97], [1, 0]))).toEqual([0]);
  });

  it('divides a level that lasts out of the hours around it, which a mean would hide it in', () => {
    expect(startsOf(levels([60, 97], [30, 38], [60, 97]))).toEqual([0, 60, 90]);
    expect(startsOf(levels([600, 97], [60, 38], [780, 97]))).toEqual([0, 600, 660]);
    expect(startsOf(levels([1440, 97], [10, 38], [1440, 97]))).toEqual([0, 1440, 1450]);
    expect(startsOf(levels([300, 97], [20, 38], [20, 70], [300, 97]))).toEqual([0, 300, 320, 340]);
  });

  it('leaves pauses of some minutes to the rhythm of the work', () => {
    const pauses = [0, 1, 2, 3, 4].flatMap(() => [[60, 97] as const, [8, 0] as const]);
    expect(startsOf(levels(...pauses, [60, 97]))).toEqual([0]);
  });

  it('finds the place of a change among stalls', () => {
    const stalls = (pct: number) =>
      [0, 1, 2, 3, 4, 5, 6].flatMap(() => [[6, pct] as const, [0.5, 0] as const]);
    const [first, place, ...more] = startsOf(
      levels([240, 97], ...stalls(97), ...stalls(45), [240, 97]),
    );
    expect([first, ...more.slice(1)]).toEqual([0]);
    expect(place).toBe(285);
    expect(more[0]).toBe(331);
  });

  it('is not moved by noise', () => {
    let seed = 7;
    const noisy = levels([12, 38], [16, 97]).map((v) => {
      seed = (seed * 16_807) % 2_147_483_647;
      return v + (seed / 2_147_483_647 - 0.5) * 16;
    });
    const starts = startsOf(noisy);
    expect(starts).toHaveLength(2);
    expect(starts[1]).toBeCloseTo(12, 0);
  });
});

describe('workLevelStarts', () => {
  const startsOf = (utilizationPct: Float32Array, load: Float32Array, from = 0) =>
    workLevelStarts({ utilizationPct, load, windowMs: 5_000 }, from, load.length).map(
      (i) => i / 12,
    );
  const shares = (values: Float32Array) => values.map((percent) => percent / 100);

  it('divides where the load changes at even utilization', () => {
    expect(startsOf(levels([39, 98]), shares(levels([24, 83], [15, 5])))).toEqual([0, 24]);
    expect(startsOf(levels([39, 98]), shares(levels([24, 83], [15, 64])))).toEqual([0]);
  });

  it('divides by both, each level of utilization by itself', () => {
    const load = shares(levels([10, 83], [10, 40], [10, 10]));
    expect(startsOf(levels([20, 98], [10, 30]), load)).toEqual([0, 10, 20]);
    expect(startsOf(levels([20, 98], [10, 30]), load, 5 * 12)).toEqual([5, 10, 20]);
  });

  it('takes a window without a reading for one like those around it', () => {
    const load = shares(levels([24, 83], [15, 5]));
    load.fill(Number.NaN, 0, 30);
    load.fill(Number.NaN, 240, 250);
    expect(startsOf(levels([39, 98]), load)).toEqual([0, 24]);
    expect(
      startsOf(
        levels([39, 98]),
        load.map(() => Number.NaN),
      ),
    ).toEqual([0]);
  });
});
