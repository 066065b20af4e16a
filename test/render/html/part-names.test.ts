import { expect, test } from 'vitest';
import { type PartBand, partNames } from '../../../src/render/html/part-names.ts';

const parts: readonly PartBand[] = [
  {
    kind: 'active',
    intervals: [
      { from: 0, to: 600 },
      { from: 700, to: 720 },
    ],
  },
  { kind: 'pause', intervals: [{ from: 600, to: 700 }] },
];
const all = { from: 0, to: 1000 };

test('a part is named where its name fits', () => {
  expect(partNames(parts, all, 1000)).toEqual([
    { label: 'active', from: 0, width: 0.6 },
    { label: 'paused', from: 0.6, width: 0.1 },
  ]);
  expect(partNames(parts, all, 400).map(({ label }) => label)).toEqual(['active']);
  expect(partNames(parts, all, 10)).toEqual([]);
});

test('only what is in view counts', () => {
  expect(partNames(parts, { from: 500, to: 700 }, 1000)).toEqual([
    { label: 'active', from: 0, width: 0.5 },
    { label: 'paused', from: 0.5, width: 0.5 },
  ]);
  expect(partNames(parts, { from: 800, to: 900 }, 1000)).toEqual([]);
});
