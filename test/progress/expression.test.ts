import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { expressionFinder } from '../../src/progress/expression.ts';

it('named groups say what is what', () => {
  const finder = expressionFinder(
    'it=(?<step>\\d+)/(?<total>\\d+)(?: ep=(?<epoch>\\d+))?(?: tok=(?<tokens>[\\d.]+M))?',
  );
  expect(finder.find(['nothing', 'it=12/90 ep=3 tok=1.5M'])).toEqual([
    { unit: 'step', label: '', count: 12, total: 90 },
    { unit: 'epoch', label: '', count: 3, total: null },
    { unit: 'token', label: '', count: 1_500_000, total: null },
  ]);
});

it('an expression that backtracks for ever is stopped, once and for all', () => {
  const finder = expressionFinder('^(?<step>(\\d+)+)$');
  const started = performance.now();
  expect(finder.find([`${'1'.repeat(60)}x`])).toBeNull();
  expect(performance.now() - started).toBeLessThan(2000);
  expect(finder.find(['12'])).toBeNull();
});

it.each([
  ['(?<step>', /Invalid regular expression/],
  ['(?<steps>\\d+)', /"steps" means nothing/],
  ['(?<total>\\d+)', /names no counter/],
])('refuses %s', (source, message) => {
  expect(() => expressionFinder(source)).toThrow(UsageError);
  expect(() => expressionFinder(source)).toThrow(message);
});
