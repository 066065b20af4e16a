import { describe, expect, it } from 'vitest';
import { hasSweep, isChosenOn, pairsOf, sharedConfigs, summary } from './mfu-sweep.ts';

describe.skipIf(!hasSweep)('a batch sweep that ran on two GPUs', () => {
  it.each([
    ['L40', 'L4'],
    ['L4', 'L40'],
  ] as const)('%s to %s: measured slowdown lies inside the range, fp32 apart', (from, to) => {
    const pairs = pairsOf(from, to, false);
    for (const group of [
      pairs.filter(({ dtype }) => dtype !== 'fp32'),
      pairs.filter(({ dtype }) => dtype === 'fp32'),
      pairs.filter((pair) => !isChosenOn(pair)),
    ]) {
      const { rows, insideShare, medianWidth } = summary(group);
      expect(rows).toBeGreaterThanOrEqual(56);
      expect(insideShare).toBeGreaterThanOrEqual(0.85);
      expect(medianWidth).toBeLessThanOrEqual(3);
    }
  });

  it('with the number format given the range is narrower and still holds', () => {
    const pairs = pairsOf('L40', 'L4', true);
    for (const fp32 of [true, false]) {
      const { insideShare } = summary(pairs.filter(({ dtype }) => (dtype === 'fp32') === fp32));
      expect(insideShare).toBeGreaterThanOrEqual(0.85);
    }
    const { medianWidth } = summary(pairs);
    expect(medianWidth).toBeLessThan(summary(pairsOf('L40', 'L4', false)).medianWidth ?? 0);
  });

  it('the third GPU ran nothing that the others ran', () => {
    expect(sharedConfigs('L40', 'RTX-4070-TI')).toBe(0);
    expect(sharedConfigs('L4', 'RTX-4070-TI')).toBe(0);
  });
});
