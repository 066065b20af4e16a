import { expect, it } from 'vitest';
import { bar, plain, ranges, sparkline, truncate, width, wrap } from '../../src/render/text.ts';

it('makes control characters visible and drops what only hides', () => {
  expect(plain('a\u001b[31mb\nc\u202ed\u200be')).toBe('a\\x1b[31mb\\x0acde');
});

it('breaks up what a CI log would obey, wherever a line may come to begin with it', () => {
  expect(plain('::error::x')).toBe('\\::error::x');
  expect(plain(' \u200b::add-mask::x')).toBe(' \\::add-mask::x');
  expect(plain('job ::stop-commands::x')).toBe('job \\::stop-commands::x');
  expect(plain('a##[error]x')).toBe('a##\\[error]x');
  for (const kept of ['std::sort', 'fe80::1', '::1', '# [x]', '\\::error::x']) {
    expect(plain(kept)).toBe(kept);
  }
});

it('measures CJK and emoji as two columns', () => {
  expect([width('abc'), width('训练'), width('🚀')]).toEqual([3, 4, 2]);
  expect(truncate('训练节点', 5)).toBe('训练…');
  expect(truncate('👩‍👩‍👧‍👦 family', 4)).toBe('👩‍👩‍👧‍👦 …');
});

it('wraps at spaces only', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('https://example.org/long x', 10)).toEqual(['https://example.org/long', 'x']);
});

it('draws bars in eighths and sparklines with gaps', () => {
  expect(bar(0.5, 4, true)).toBe('██');
  expect(bar(0.03, 4, true)).toBe('▏');
  expect(bar(0.5, 4, false)).toBe('##');
  expect(sparkline([0, 0.5, 1, null], true)).toBe('▁▅█·');
});

it('joins neighbours', () => {
  expect(ranges([0, 1, 2, 5, 7, 6], '–')).toBe('0–2, 5–7');
});
