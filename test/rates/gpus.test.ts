import { describe, expect, it } from 'vitest';
import { builtInGpus } from '../../src/rates/built-in.ts';
import { findGpu, findGpuKey, gpuByKey, identifyGpu } from '../../src/rates/gpus.ts';

describe('a GPU by its name', () => {
  it.each([
    ['NVIDIA H100 80GB HBM3', 81_559, 'H100-SXM5-80GB'],
    ['NVIDIA-H100-80GB-HBM3', null, 'H100-SXM5-80GB'],
    ['NVIDIA A100-SXM4-40GB', 40_960, 'A100-SXM4-40GB'],
    ['A100-SXM4-80GB', 81_920, 'A100-SXM4-80GB'],
    ['NVIDIA A100 80GB PCIe', 81_920, 'A100-PCIE-80GB'],
    ['Tesla T4', 15_360, 'T4'],
    ['Tesla-T4', null, 'T4'],
    ['nvidia t4', null, 'T4'],
    ['Tesla V100-SXM2-16GB', 16_160, 'V100-SXM2-16GB'],
    ['GeForce RTX 3090', 24_576, 'RTX-3090'],
    ['NVIDIA GeForce RTX 4090', 24_564, 'RTX-4090'],
    ['Quadro RTX 6000', 24_576, 'QUADRO-RTX-6000'],
    ['NVIDIA RTX 6000 Ada Generation', 49_140, 'RTX-6000-ADA'],
    ['NVIDIA A10G', 23_028, 'A10G'],
    ['NVIDIA L4', 23_034, 'L4'],
    ['NVIDIA H200', 143_771, 'H200-SXM-141GB'],
    ['NVIDIA B200', 183_359, 'B200-SXM-180GB'],
    ['NVIDIA B300 SXM6 AC', 275_040, 'B300-SXM-288GB'],
    ['NVIDIA A10-24Q', null, 'A10'],
    ['NVIDIA-A100-SXM4-40GB-SHARED', null, 'A100-SXM4-40GB'],
  ])('%s (%s MiB) is %s', (name, memoryMib, key) => {
    expect(findGpu(name, memoryMib)?.key).toBe(key);
  });

  it.each([
    ['NVIDIA H100 80GB HBM3', 40_960],
    ['NVIDIA GeForce GTX 480', null],
    ['NVIDIA A10-4Q', 4_096],
    ['', null],
  ])('%s (%s MiB) is not a whole GPU of the table', (name, memoryMib) => {
    expect(findGpu(name, memoryMib)).toBeNull();
  });

  it.each([
    ['NVIDIA A10-4Q', 'A10', '4Q', 1 / 6],
    ['GRID T4-8C', 'T4', '8C', 1 / 2],
    ['NVIDIA L4-3Q', 'L4', '3Q', 1 / 8],
    ['NVIDIA A100-SXM4-40GB MIG 1g.5gb', 'A100-SXM4-40GB', '1g.5gb', 1 / 8],
    ['NVIDIA-H100-80GB-HBM3-MIG-3g.40gb', 'H100-SXM5-80GB', '3g.40gb', 1 / 2],
  ])('%s is a part of %s', (name, key, profile, share) => {
    expect(identifyGpu(builtInGpus(), name, null)).toMatchObject({ key, profile, share });
    expect(findGpuKey(name)).toBe(key);
  });

  it('tells variants of one name apart by memory, 7 % either way', () => {
    const [first] = Object.values(builtInGpus().gpus);
    if (first === undefined) throw new Error('the table is empty');
    const table = {
      schema: 'gpucost.gpus/1' as const,
      gpus: {
        small: { ...first, name: 'NVIDIA X', memory_gib: 40 },
        large: { ...first, name: 'NVIDIA X', memory_gib: 80 },
      },
    };
    const found = (mib: number | null) => identifyGpu(table, 'NVIDIA X', mib)?.key ?? null;
    expect([found(40_960 * 0.94), found(81_920 * 1.06), found(40_960 * 0.92), found(null)]).toEqual(
      ['small', 'large', null, null],
    );
  });

  it('has its figures', () => {
    expect(gpuByKey('H100-SXM5-80GB')).toEqual({
      key: 'H100-SXM5-80GB',
      memoryGib: 80,
      memoryBandwidthGbs: 3350,
      fp32Tflops: 67,
      tf32Tflops: 494.5,
      fp16Tflops: 989.5,
      fp8Tflops: 1979,
      powerLimitW: 700,
      idleEmptyW: 71,
      idleContextW: 118,
    });
    expect(gpuByKey('toString')).toBeNull();
  });
});
