import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Demand, ratiosOf, slowdownOf } from '../../src/whatif/slowdown.ts';
import { fullDemand, spec } from './needs.ts';

const ratios = (...values: number[]) => values.map((value) => ({ of: 'fp16' as const, value }));

describe('ratios', () => {
  it('cover the formats that the work may use, or the one that it is known to use', () => {
    const all = ratiosOf(spec('L40'), spec('L4'), null);
    expect(all?.map(({ of }) => of)).toEqual(['bandwidth', 'fp32', 'tf32', 'fp16']);
    expect(all?.map(({ value }) => Number(value.toFixed(2)))).toEqual([2.88, 2.99, 1.51, 1.5]);
    expect(ratiosOf(spec('L40'), spec('L4'), 'bf16')?.map(({ of }) => of)).toEqual([
      'bandwidth',
      'fp16',
    ]);
  });

  it('count work in a format that the other card lacks at its fp32 rate', () => {
    const toT4 = ratiosOf(spec('A100-SXM4-40GB'), spec('T4'), 'tf32');
    expect(toT4?.at(1)?.value).toBeCloseTo(156 / 8.1, 6);
  });

  it('are not known where a figure is missing', () => {
    expect(ratiosOf(spec('H100-SXM5-80GB'), spec('A100-SXM4-80GB'), 'fp8')).toBeNull();
    expect(ratiosOf({ ...spec('L40'), memoryBandwidthGbs: null }, spec('L4'), null)).toBeNull();
  });
});

describe('slowdown', () => {
  it('on the same GPU is none, whatever the work', () => {
    expect(slowdownOf({ ...fullDemand, busyShare: 0.3 }, ratios(1, 1))).toEqual({
      low: 1,
      high: 1,
    });
  });

  it('of a full GPU lies between the ratios, 10 % wider', () => {
    const { low, high } = slowdownOf(fullDemand, ratios(2, 3));
    expect(low).toBeCloseTo(1.8);
    expect(high).toBeCloseTo(3 / 0.9);
  });

  it('leaves waits as they are: added to the kernels, or hidden behind them', () => {
    const { low, high } = slowdownOf({ ...fullDemand, busyShare: 0.4, load: 0.4 }, ratios(2, 3));
    expect(low).toBe(1);
    expect(high).toBeCloseTo(0.6 + 0.4 * (3 / 0.9));
  });

  it('on a faster GPU is at best what the kernels save, at worst nothing', () => {
    const { low, high } = slowdownOf({ ...fullDemand, busyShare: 0.5 }, ratios(0.25, 0.5));
    expect(low).toBeCloseTo(0.5 + 0.5 * 0.225);
    expect(high).toBe(1);
  });

  it('of a GPU that is mostly empty may be none, and without power nobody knows', () => {
    for (const load of [0.3, null]) {
      expect(slowdownOf({ ...fullDemand, load }, ratios(2, 3)).low).toBe(1);
    }
  });

  it('is at least what measured DRAM and tensor activity need', () => {
    const all = ratiosOf(spec('H100-SXM5-80GB'), spec('L40S'), 'bf16') ?? [];
    const bound = slowdownOf({ ...fullDemand, load: 0.1, dramActivity: 0.8 }, all);
    expect(bound.low).toBeCloseTo(0.8 * (3350 / 864));
    const tensor = slowdownOf({ ...fullDemand, load: 0.1, tensorActivity: 0.9 }, all);
    expect(tensor.low).toBeCloseTo(0.9 * (989.5 / 362));
  });

  it('grows with the ratio and holds its order, for any work', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const ratio = fc.double({ min: 0.05, max: 20, noNaN: true });
    const demand = fc.record({
      busyShare: share,
      load: fc.option(share),
      dramActivity: fc.constant(null),
      tensorActivity: fc.constant(null),
    }) satisfies fc.Arbitrary<Demand>;
    fc.assert(
      fc.property(demand, ratio, ratio, (of, a, b) => {
        const { low, high } = slowdownOf(of, ratios(a, b));
        expect(low).toBeGreaterThan(0);
        expect(high).toBeGreaterThanOrEqual(low);
        expect(slowdownOf(of, ratios(a * 1.1, b * 1.1)).high).toBeGreaterThanOrEqual(high ?? 0);
      }),
    );
  });
});
