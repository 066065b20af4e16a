import { expect, test } from 'vitest';
import { fingerprint } from '../../src/rules/fingerprint.ts';

test('a fingerprint is the same in every run', () => {
  expect(fingerprint('idle-held', 'host-1', ['GPU-a', 'GPU-b'])).toMatchInlineSnapshot(
    `"c9581c8788ad2a12"`,
  );
});

test('it does not depend on the order of the GPUs', () => {
  expect(fingerprint('idle-held', 'h', ['b', 'a'])).toBe(fingerprint('idle-held', 'h', ['a', 'b']));
});

test('rule, machine and GPUs each make a difference', () => {
  const all = [
    fingerprint('idle-held', 'h', ['a']),
    fingerprint('idle-empty', 'h', ['a']),
    fingerprint('idle-held', 'h2', ['a']),
    fingerprint('idle-held', 'h', ['a', 'b']),
    fingerprint('idle-held', 'h', []),
    fingerprint('idle-held', 'ha', []),
  ];
  expect(new Set(all).size).toBe(all.length);
});
