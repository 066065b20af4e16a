import { describe, expect, test } from 'vitest';
import { type Judged, precision, recall, score, wilson } from './confusion.ts';
import type { Outcome } from './outcomes.ts';
import type { Truth } from './truth-case.ts';

const aCase = (group: string, ...verdicts: readonly (readonly [Outcome, Truth])[]): Judged => ({
  group,
  verdicts: verdicts.map(([outcome, truth], gpu) => ({ rule: 'idle-held', gpu, outcome, truth })),
});

const of = (...cases: readonly Judged[]) => {
  const [only] = score(cases);
  if (only === undefined) throw new Error('no score');
  return only;
};

describe('by independent case', () => {
  test('one missed GPU makes the case missed, one claim makes it claimed', () => {
    const { byCase, byGpu } = of(
      aCase('a', ['detected', 'present'], ['clear', 'present'], ['clear', 'absent']),
      aCase('b', ['detected', 'present'], ['detected', 'absent'], ['clear', 'absent']),
    );
    expect(byCase.present).toEqual({ detected: 1, clear: 1, 'not-judged': 0 });
    expect(byCase.absent).toEqual({ detected: 1, clear: 1, 'not-judged': 0 });
    expect(byGpu.present).toEqual({ detected: 2, clear: 1, 'not-judged': 0 });
  });

  test('two samplings of one run count once, by the worse', () => {
    const { byCase } = of(
      aCase('a', ['detected', 'present']),
      aCase('a', ['not-judged', 'present']),
    );
    expect(byCase.present).toEqual({ detected: 0, clear: 0, 'not-judged': 1 });
  });

  test('what is not judged lowers recall, and what is unknown lowers nothing', () => {
    const { byCase } = of(
      aCase('a', ['detected', 'present']),
      aCase('b', ['not-judged', 'present']),
      aCase('c', ['detected', 'unknown']),
    );
    expect(recall(byCase)?.value).toBe(0.5);
    expect(precision(byCase)?.value).toBe(1);
    expect(byCase.unknown.detected).toBe(1);
  });
});

// Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("Wilson's interval of %i of %i", (hits, total, low, high) => {
  const interval = wilson(hits, total);
  expect(interval?.low).toBeCloseTo(low, 4);
  expect(interval?.high).toBeCloseTo(high, 4);
});

test('nothing to divide by has no interval', () => {
  expect(wilson(0, 0)).toBeNull();
});
