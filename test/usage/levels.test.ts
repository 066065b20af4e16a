import { describe, expect, it } from 'vitest';
import { levelStarts } from '../../src/usage/levels.ts';

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
