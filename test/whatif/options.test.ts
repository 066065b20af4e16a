import { describe, expect, it } from 'vitest';
import { builtInCards } from '../../src/rates/built-in.ts';
import { mergeCards } from '../../src/rates/merge.ts';
import {
  type OptionResult,
  optionHere,
  optionsOf,
  type PriceBook,
  type WhatifOption,
} from '../../src/whatif/option.ts';
import { breakEvenOf, costHere, costOf, rankMachines } from '../../src/whatif/options.ts';
import { matching } from '../kit/matching.ts';
import { cardOf, cardsOf, defaults } from '../rates/card-text.ts';
import { aNeed } from './needs.ts';

const asked = { purchase: null, gpus: null, mig: null, dtype: null };
const bookOf = (cards: PriceBook['cards']): PriceBook => ({
  cards,
  region: null,
  discounts: [],
  exchange: [],
  nowMs: Date.parse('2026-02-01T00:00:00Z'),
});
const attached = bookOf(
  cardsOf(
    cardOf(`${defaults}
accelerators:
  T4: { prices: [{ per_gpu_hour: 0.35 }] }
  L4: { prices: [{ per_gpu_hour: 0.8 }] }
machines:
  bare: { gpus: attached, vcpus: 4, memory_gib: 15, prices: [{ per_hour: 0.4 }] }`),
  ),
);
const builtIn = bookOf(mergeCards(builtInCards()));

const optionOf = (...args: Parameters<typeof optionsOf>): OptionResult => {
  const [only] = optionsOf(...args);
  if (only === undefined) throw new Error('no option');
  return only;
};

const found = (result: OptionResult): WhatifOption => {
  if (result.option === null) throw new Error(result.reason);
  return result.option;
};

describe('an option', () => {
  const book = bookOf(
    cardsOf(
      cardOf(`${defaults}
machines:
  one: { gpu: L4, gpus: 1, prices: [{ per_hour: 1 }, { purchase: spot, per_hour: 0.4 }] }
  eight: { gpu: A100-SXM4-80GB, gpus: 8, prices: [{ per_hour: 16 }] }
  any: { gpu: L4, gpus: any, prices: [{ per_gpu_hour: 0.5 }] }
  strange: { gpu: NO-SUCH-GPU, gpus: 1, prices: [{ per_hour: 1 }] }`),
    ),
  );

  it('costs the work alone, over the range of its time', () => {
    const need = aNeed('L40');
    const option = found(optionOf(need, 'one', asked, book));
    const { slowdown } = option.assessment;
    expect(costOf(need, option)).toMatchObject({
      low: BigInt(Math.round((slowdown?.low ?? 0) * 1e6)),
      high: BigInt(Math.round((slowdown?.high ?? 0) * 1e6)),
    });
  });

  it('breaks even where it takes as many times as long as it is cheaper', () => {
    const need = aNeed('L40');
    const here = { rate: found(optionOf(need, 'eight', asked, book)).rate, gpus: 8 };
    const one = found(optionOf(need, 'one', asked, book));
    expect(breakEvenOf(need, here, one)).toBe(16);
    expect(breakEvenOf(need, { rate: null, gpus: 8 }, one)).toBeNull();
  });

  it('as spot is a price alone, and says what interruption means', () => {
    const option = found(optionOf(aNeed('L4'), 'one', { ...asked, purchase: 'spot' }, book));
    expect(option.assessment.slowdown).toEqual({ low: 1, high: 1 });
    expect(Number(option.rate?.perHourNanos)).toBe(4e8);
    expect(option.notes).toContainEqual(matching(/taken away at any time/));
  });

  it('without that purchase has no price, and says so', () => {
    const option = found(optionOf(aNeed('L4'), 'eight', { ...asked, purchase: 'spot' }, book));
    expect(option.rate).toBeNull();
    expect(option.notes).toContainEqual(matching(/no spot price/));
  });

  it('as MIG slices pays for their part of the GPU', () => {
    const need = aNeed('A100-SXM4-80GB');
    const option = found(optionOf(need, 'eight', { ...asked, mig: '3g.40gb' }, book));
    // Half of one of eight GPUs at 16 an hour, and the work takes 1.8 times as long at least.
    expect(Number(costOf(need, option)?.low)).toBeCloseTo((16 / 8 / 2) * 1.8 * 1e6, -1);
    expect(option.notes).toContainEqual(matching(/a slice alone costs the whole GPU/));
  });

  it.each([1, 3, 5, 8])('as MIG slices is compared with the %i of 8 GPUs at work', (gpus) => {
    const need = aNeed('A100-SXM4-80GB', { gpus });
    const here = { rate: found(optionOf(need, 'eight', asked, book)).rate, gpus: 8 };
    const option = found(optionOf(need, 'eight', { ...asked, mig: '3g.40gb' }, book));
    // Half a GPU for each GPU: twice the time costs as much, whatever else the machine has.
    expect(breakEvenOf(need, here, option)).toBeCloseTo(2, 9);
    expect(costHere(need, here, option.basis)).toBe((16_000_000n * BigInt(gpus)) / 8n);
    expect(option.notes).toContainEqual(matching(/at work here, not that of the whole machine/));
    expect(option.basis).toBe('gpus-at-work');
  });

  it('in any count is priced for what the work uses', () => {
    const option = found(optionOf(aNeed('L4', { gpus: 3 }), 'any', asked, book));
    expect(option.devices.count).toBe(3);
    expect(Number(option.rate?.perHourNanos)).toBe(15e8);
  });

  it('is refused where the card or the GPU table says too little, or too many are asked for', () => {
    expect(optionOf(aNeed('L4'), 'strange', asked, book).option).toBeNull();
    expect(optionOf(aNeed('L4'), 'one', { ...asked, gpus: 2 }, book)).toMatchObject({
      option: null,
      reason: matching(/has 1 of them, 2 were asked for/),
    });
    expect(() => optionOf(aNeed('L4'), 'nowhere', asked, book)).toThrow(/unknown machine type/);
  });

  it('is one for each GPU that is sold with the machine, both prices added', () => {
    const options = optionsOf(aNeed('L4'), 'bare', asked, attached).map(found);
    expect(options.map(({ gpuKey, rate }) => [gpuKey, Number(rate?.perHourNanos)])).toEqual([
      ['T4', 75e7],
      ['L4', 12e8],
    ]);
    expect(options[0]?.notes).toContainEqual(matching(/sold apart/));
    expect(options[0]?.host).toMatchObject({ vcpus: 4, memoryGib: 15 });
  });

  it('of a host with fewer cores or less memory than were used has no upper bound', () => {
    const need = (host: { cores?: number; memoryGib?: number }) => aNeed('L4', { host });
    const small = (host: { cores?: number; memoryGib?: number }) =>
      found(optionOf(need(host), 'bare', asked, attached));
    expect(small({ cores: 4, memoryGib: 15 }).host.verdict).toBe('carries');
    expect(small({ cores: 4.01, memoryGib: 15 })).toMatchObject({
      host: { verdict: 'too-small' },
      assessment: { slowdown: { high: null } },
    });
    expect(small({ cores: 4, memoryGib: 15.1 }).host.verdict).toBe('too-small');
    expect(small({ cores: 4 }).host.verdict).toBe('not-compared');
    expect(found(optionOf(need({ cores: 1, memoryGib: 1 }), 'one', asked, book)).host).toEqual({
      vcpus: null,
      memoryGib: null,
      verdict: 'not-compared',
    });
  });

  it('of the GPU at hand has no price', () => {
    const option = found(optionHere(aNeed('L4', { gpus: 2 }), 2, { ...asked, gpus: 1 }));
    expect(option.assessment.slowdown).toEqual({ low: 2, high: 2 });
    expect(option.rate).toBeNull();
  });
});

describe('machines of the built-in cards', () => {
  it('with few vCPUs do not come first for work that keeps many busy', () => {
    const search = { ...asked, provider: null };
    const light = { memoryPeakMib: 8_000, demand: { load: 0.2 } };
    const first = (cores: number | null) => {
      const host = { cores, memoryGib: cores === null ? null : 60 };
      return rankMachines(aNeed('A100-SXM4-80GB', { ...light, host }), search, builtIn).options[0];
    };
    expect(first(null)?.host.vcpus ?? 0).toBeLessThan(30);
    expect(first(30)?.host.verdict).not.toBe('too-small');
    expect(first(30)?.host.vcpus ?? 30).toBeGreaterThanOrEqual(30);
  });

  it('of Google Cloud without GPUs of their own are priced with each kind that is sold with them', () => {
    const { options } = rankMachines(aNeed('T4'), { ...asked, provider: 'gcp' }, builtIn);
    const ofN1 = options.filter(({ type }) => type === 'n1-standard-4');
    expect(ofN1.map(({ gpuKey }) => gpuKey)).toEqual(
      expect.arrayContaining(['T4', 'V100-SXM2-16GB']),
    );
  });

  const need = aNeed('H100-SXM5-80GB', { memoryPeakMib: 30_000 });
  const { options, leftOut } = rankMachines(need, { ...asked, provider: 'AWS' }, builtIn);

  it('are the cheapest for the same work first, by what it costs at most', () => {
    const sure = options.filter(({ assessment }) => assessment.memory.verdict === 'fits');
    const costs = sure.map((option) => costOf(need, option)?.high ?? 0n);
    expect(costs.length).toBeGreaterThan(5);
    expect(costs).toEqual(costs.toSorted((a, b) => Number(a - b)));
  });

  it('hold the work and are of the provider; what is left out is counted', () => {
    expect(new Set(options.map(({ provider }) => provider))).toEqual(new Set(['aws']));
    for (const { assessment } of options) expect(assessment.memory.verdict).not.toBe('too-small');
    expect(leftOut.tooSmall).toBeGreaterThan(0);
    const machines = builtIn.cards.get('aws')?.machines.size;
    expect(options.length + leftOut.tooSmall + leftOut.noPrice + leftOut.notComparable).toBe(
      machines,
    );
  });
});
