import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGrouping } from '../../../src/store/log/group-size.ts';

/** Times from steps: made up, in the ranges measured on public logs (3–40 ms within, 100 ms and more between). */
function times(steps: readonly number[]): Float64Array {
  let at = 0;
  return Float64Array.from([0, ...steps.map((step) => (at += step))]);
}

const groupsOf = (step: fc.Arbitrary<number>, pause: fc.Arbitrary<number>) =>
  fc.integer({ min: 2, max: 8 }).chain((size) =>
    fc.tuple(
      fc.constant(size),
      fc.array(fc.tuple(fc.array(step, { minLength: size - 1, maxLength: size - 1 }), pause), {
        minLength: 6,
        maxLength: 60,
      }),
    ),
  );

describe('findGrouping', () => {
  it('finds groups of rows that are milliseconds apart', () => {
    fc.assert(
      fc.property(
        groupsOf(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 100, max: 130 })),
        ([size, groups]) => {
          const steps = groups.flatMap(([within, pause]) => [...within, pause]);
          const found = findGrouping(times(steps), steps.length);
          expect(found?.size).toBe(size);
        },
      ),
    );
  });

  it('finds them at any pace and around pauses', () => {
    fc.assert(
      fc.property(
        groupsOf(fc.integer({ min: 3, max: 8 }), fc.constantFrom(995, 1000, 1003, 180_000)),
        ([size, groups]) => {
          const steps = groups.flatMap(([within, pause]) => [...within, pause]);
          expect(findGrouping(times(steps), steps.length)?.size).toBe(size);
        },
      ),
    );
  });

  it.each([
    ['9 ms with jitter', [7, 11]],
    ['50 ms', [49, 51]],
    ['104 ms with the jitter of public logs', [103, 140]],
    ['1 s', [1001, 1017]],
    ['0.55 s from a shell loop', [500, 900]],
    ['5 s', [5000, 5020]],
  ])('takes even rows for one GPU: %s', (_, [min = 0, max = 0]) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 400 }), (steps) => {
        expect(findGrouping(times(steps), steps.length + 1)).toBeNull();
      }),
    );
  });

  it('takes even rows with some pauses for one GPU', () => {
    const pause = fc.tuple(fc.nat({ max: 199 }), fc.integer({ min: 3000, max: 200_000 }));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1001, max: 1017 }), { minLength: 200, maxLength: 200 }),
        fc.uniqueArray(pause, { maxLength: 4, selector: ([at]) => at }),
        (steps, pauses) => {
          const at = new Map(pauses);
          const paused = steps.map((step, i) => at.get(i) ?? step);
          expect(findGrouping(times(paused), paused.length + 1)).toBeNull();
        },
      ),
    );
  });

  it('goes by equal times where there are few rows', () => {
    expect(findGrouping(times([0, 0, 1000]), 4)?.size).toBe(3);
    expect(findGrouping(times([1000, 1000]), 3)).toBeNull();
    expect(findGrouping(times([]), 1)).toBeNull();
  });
});
