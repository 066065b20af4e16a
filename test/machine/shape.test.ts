import { describe, expect, it } from 'vitest';
import { matchShape, type Shape } from '../../src/machine/shape.ts';
import { aKnown, market } from './places.ts';

const shape = (
  key: string | null,
  count: number,
  vcpus: number | null = null,
  memoryGib: number | null = null,
  share: number | null = 1,
): Shape => ({ gpus: [{ key, count, share }], vcpus, memoryGib });

const chosen = (seen: Shape, provider: string | null = null) => {
  const match = matchShape(seen, market, provider);
  return match.chosen === null ? null : `${match.chosen.provider}/${match.chosen.type}`;
};

describe('without a provider', () => {
  it('takes the only machine that fits in GPUs, vCPUs and memory', () => {
    // The kernel shows 216 of 225 GiB, and 1,770 of 1,800.
    expect(chosen(shape('H100-SXM5-80GB', 1, 26, 216))).toBe('lambda/gpu_1x_h100_sxm5');
    expect(chosen(shape('H100-SXM5-80GB', 8, 208, 1770))).toBe('lambda/gpu_8x_h100_sxm5');
    expect(chosen(shape('H100-SXM5-80GB', 8, 192, 2000))).toBe('aws/p5.48xlarge');
  });

  it('guesses nothing from GPUs alone', () => {
    const match = matchShape(shape('H100-SXM5-80GB', 8), market, null);
    expect(match.chosen).toBeNull();
    expect(match.candidates.map(({ provider }) => provider)).toEqual(
      expect.arrayContaining(['aws', 'azure', 'oci', 'lambda', 'runpod', 'vast']),
    );
    expect(match.says).toContain('none for certain');
  });

  it('takes none of two that fit equally', () => {
    // g6.xlarge and g2-standard-4: both an L4, 4 vCPUs, 16 GiB.
    const match = matchShape(shape('L4', 1, 4, 15.5), market, null);
    expect(match.chosen).toBeNull();
    expect(match.candidates.slice(0, 2)).toEqual([
      { provider: 'aws', type: 'g6.xlarge', differs: [] },
      { provider: 'gcp', type: 'g2-standard-4', differs: [] },
    ]);
  });

  it('tells what differs, the nearest first', () => {
    const { candidates } = matchShape(shape('A10G', 1, 8, 31), market, null);
    expect(candidates).toEqual([
      { provider: 'aws', type: 'g5.xlarge', differs: ['4 vCPUs', '16 GiB'] },
    ]);
  });

  it('offers machines with more GPUs, since a container may see a part, but takes none', () => {
    const match = matchShape(shape('H100-SXM5-80GB', 2, 192, 2000), market, null);
    expect(match.chosen).toBeNull();
    expect(match.candidates).toContainEqual({
      provider: 'aws',
      type: 'p5.48xlarge',
      differs: ['8 GPUs'],
    });
  });
});

describe('with a provider', () => {
  it('needs no more than its GPUs where only one machine has them', () => {
    expect(chosen(shape('T4', 1, 2, 12.7), 'colab')).toBe('colab/colab-t4');
    expect(chosen(shape('T4', 2, 4, 31), 'kaggle')).toBe('kaggle/kaggle-t4x2');
    expect(chosen(shape('H100-SXM5-80GB', 3, 128, 1000), 'runpod')).toBe('runpod/h100-sxm');
    expect(chosen(shape('H100-SXM5-80GB', 8), 'azure')).toBe('azure/Standard_ND96isr_H100_v5');
  });

  it('takes none that differs in what was compared', () => {
    expect(chosen(shape('H100-SXM5-80GB', 8, 96, 1900), 'aws')).toBeNull();
    expect(chosen(shape('T4', 1, 4, 16), 'aws')).toBeNull();
  });
});

describe('shares of a GPU', () => {
  it('tells an eighth of an L4 from a whole one', () => {
    // 3 GiB of 24.
    expect(chosen(shape('L4', 1, 2, 7.6, 0.125), 'aws')).toBe('aws/g6f.large');
    expect(chosen(shape('L4', 1, 4, 15.5, 1), 'aws')).toBe('aws/g6.xlarge');
    expect(chosen(shape('L4', 1, null, null, 0.5), 'aws')).toBeNull();
  });
});

describe('nothing to go by', () => {
  it.each<[string, Shape]>([
    ['no GPU', { gpus: [], vcpus: 4, memoryGib: 16 }],
    [
      'GPUs of two models',
      {
        gpus: [
          { key: 'T4', count: 1, share: 1 },
          { key: 'L4', count: 1, share: 1 },
        ],
        vcpus: 4,
        memoryGib: 16,
      },
    ],
    ['an unknown GPU', shape(null, 1, 4, 16)],
  ])('%s', (_name, seen) => {
    const match = matchShape(seen, market, null);
    expect(match.chosen).toBeNull();
    expect(match.candidates).toEqual([]);
    expect(match.says).not.toBe('');
  });

  it('a card without a count is no candidate', () => {
    const known = [aKnown('acme', 'box', { gpus: null })];
    expect(matchShape(shape('H100-SXM5-80GB', 8), known, 'acme').candidates).toEqual([]);
  });
});
