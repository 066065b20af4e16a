import { describe, expect, test } from 'vitest';
import { recall, score } from './confusion.ts';
import { runSet, type SetResult } from './run-set.ts';
import { truthSets } from './sets/index.ts';
import { scoreTable } from './tables.ts';

/**
 * What came out last time somebody looked, known failures included: a change is a regression, or an improvement to be
 * looked at and kept (vitest --update).
 */
function expectation({ set, cases }: SetResult): string {
  const scores = score(cases.map(({ group, verdicts }) => ({ group, verdicts })));
  const telling = scores.filter(
    ({ byCase }) =>
      recall(byCase) !== null || byCase.absent.detected > 0 || byCase.unknown.detected > 0,
  );
  const wrong = new Map<string, number>();
  for (const line of cases.flatMap((result) => result.wrong)) {
    wrong.set(line, (wrong.get(line) ?? 0) + 1);
  }
  const lines = [...wrong].map(([line, count]) => `${line}: ${count} of ${cases.length} cases`);
  return [set.title, '', scoreTable(telling), '', 'Wrong:', ...lines, ''].join('\n');
}

const quick = truthSets.filter(({ isSlow, missing }) => !isSlow && missing === null);

describe.each(quick)('$id', (set) => {
  test('what came out before still does, and no cause is named without a signal', async () => {
    const result = await runSet(set);
    expect(result.skipped).toEqual([]);
    expect(result.cases.length).toBeGreaterThan(0);
    const unfounded = result.cases.flatMap(({ name, wrong }) =>
      wrong
        .filter((line) => line.includes('without a signal') || line.includes('failed'))
        .map((line) => `${name}: ${line}`),
    );
    expect(unfounded).toEqual([]);
    await expect(expectation(result)).toMatchFileSnapshot(`expected/${set.id}.txt`);
  }, 120_000);
});
