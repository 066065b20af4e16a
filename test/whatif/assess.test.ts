import { describe, expect, it } from 'vitest';
import { builtInGpus } from '../../src/rates/built-in.ts';
import { assess } from '../../src/whatif/assess.ts';
import { migPart, sharedPart } from '../../src/whatif/part-of-gpu.ts';
import { matching } from '../kit/matching.ts';
import { aNeed, spec } from './needs.ts';

const on = (key: string, count = 1) => ({ spec: spec(key), isPart: false, count });

describe('memory', () => {
  const verdict = (memoryPeakMib: number) =>
    assess(aNeed('L40', { memoryPeakMib }), on('L4'), null).memory.verdict;

  it('needs a fifth above the peak', () => {
    expect(verdict(20_480)).toBe('fits');
    expect(verdict(20_481)).toBe('too-small');
  });

  it('from 70 % of the card on may be pre-allocated: not known to be too small', () => {
    const at = (memoryPeakMib: number) => assess(aNeed('L40', { memoryPeakMib }), on('L4'), null);
    expect(at(0.7 * 48 * 1024 - 1).memory.verdict).toBe('too-small');
    const held = at(0.7 * 48 * 1024);
    expect(held.memory.verdict).toBe('unknown');
    expect(held.notes).toContainEqual(matching(/TensorFlow, JAX and vLLM/));
  });

  it('of the same GPU fits however full it is', () => {
    const full = aNeed('L40', { memoryPeakMib: 47_000 });
    expect(assess(full, on('L40'), null).memory.verdict).toBe('fits');
    expect(assess(full, on('L40S'), null).memory.verdict).toBe('fits');
  });

  it('on fewer GPUs depends on how the job divides it', () => {
    const need = aNeed('A100-SXM4-80GB', { gpus: 8, memoryPeakMib: 40_000 });
    expect(assess(need, on('A100-SXM4-80GB', 4), null).memory).toMatchObject({
      verdict: 'unknown',
      neededMib: { low: 48_000, high: 96_000 },
    });
    expect(assess(need, on('H200-SXM-141GB', 4), null).memory.verdict).toBe('fits');
  });
});

describe('several GPUs', () => {
  const need = aNeed('A100-SXM4-80GB', { gpus: 8 });

  it('fewer take that many times as long; more help between not at all and evenly', () => {
    expect(assess(need, on('A100-SXM4-80GB', 2), null).slowdown).toEqual({ low: 4, high: 4 });
    expect(assess(need, on('A100-SXM4-80GB', 16), null).slowdown).toEqual({ low: 0.5, high: 1 });
  });

  it('that lose NVLink have no upper bound, and say so; one GPU loses nothing', () => {
    const { slowdown, notes } = assess(need, on('L40S', 8), null);
    expect(slowdown?.high).toBeNull();
    expect(notes).toContainEqual(matching(/no NVLink/));
    expect(assess(aNeed('A100-SXM4-80GB'), on('L40S'), null).slowdown?.high).not.toBeNull();
    expect(assess(need, on('H100-SXM5-80GB', 8), null).slowdown?.high).toBe(1);
  });

  it('the slowest of them sets the pace', () => {
    const two = aNeed('L40', { gpus: 2 });
    const uneven = {
      ...two,
      gpus: two.gpus.map((gpu, i) => ({
        ...gpu,
        stretches: gpu.stretches.map((s) => ({ ...s, demand: { ...s.demand, busyShare: i } })),
      })),
    };
    expect(assess(uneven, on('L4', 2), null).slowdown).toEqual(
      assess(two, on('L4', 2), null).slowdown,
    );
  });
});

describe('parts of a GPU', () => {
  const entry = builtInGpus().gpus['A100-SXM4-80GB'] ?? fail();

  it('a MIG profile has its memory slices and its multiprocessors', () => {
    const { spec: part, most } = migPart(spec('A100-SXM4-80GB'), entry, '3g.40gb');
    expect(most).toBe(2);
    expect(part).toMatchObject({ key: 'A100-SXM4-80GB 3g.40gb', memoryGib: 40 });
    expect(part.memoryBandwidthGbs).toBeCloseTo(2039 / 2);
    expect(part.fp16Tflops).toBeCloseTo((312 * 42) / 98);
  });

  it('an unknown profile is refused with those that there are', () => {
    expect(() => migPart(spec('A100-SXM4-80GB'), entry, '5g.99gb')).toThrow(/no MIG profile/);
    const l4 = builtInGpus().gpus['L4'] ?? fail();
    expect(() => migPart(spec('L4'), l4, '1g.5gb')).toThrow(/no MIG profile "1g.5gb"/);
  });

  it('a share has that part of everything', () => {
    expect(sharedPart(spec('L4'), '1/8')?.spec).toMatchObject({ memoryGib: 3, key: 'L4 1/8' });
    expect(sharedPart(spec('L4'), '9/8')).toBeNull();
  });

  it('slices of a job on several GPUs have no link to each other', () => {
    const part = migPart(spec('A100-SXM4-80GB'), entry, '3g.40gb');
    const many = assess(aNeed('A100-SXM4-80GB', { gpus: 2 }), { ...part, count: 2 }, null);
    expect(many.slowdown?.high).toBeNull();
    const one = assess(aNeed('A100-SXM4-80GB'), { ...part, count: 1 }, null);
    expect(one.slowdown?.low).toBeCloseTo(0.9 * 2);
    expect(one.slowdown?.high).toBeCloseTo(98 / 42 / 0.9);
  });
});

function fail(): never {
  throw new Error('not in the GPU table');
}
