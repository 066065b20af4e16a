import { expect, test } from 'vitest';
import { noTensorCores } from '../../src/rules/no-tensor-cores.ts';
import type { GpuSpec } from '../../src/rules/rule.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu, type GpuBuilder, type Work } from '../kit/usage-builder.ts';

const spec: GpuSpec = {
  key: 'synthetic',
  memoryGib: 80,
  memoryBandwidthGbs: 3000,
  fp32Tflops: 60,
  tf32Tflops: 400,
  fp16Tflops: 900,
  fp8Tflops: null,
  powerLimitW: 700,
  idleEmptyW: 70,
  idleContextW: 120,
};

const work = (more: object, facts: GpuSpec | null = spec) => ({
  gpu: aGpu().busy('10m', { smActivity: 0.8, tensorActivity: 0, ...more }),
  ...(facts === null ? {} : { spec: facts }),
});

/** Two phases of work, ten minutes each. */
const partly = (first: Work, second: Work) =>
  aGpu()
    .busy('10m', { smActivity: 0.8, load: 0.5, ...first })
    .idle('10m')
    .busy('10m', { smActivity: 0.8, load: 0.5, ...second });

testRule(noTensorCores, {
  detected: [
    { name: 'plain FP32', ...work({}) },
    {
      name: 'plain FP32, with tensor readings for half of the phase',
      gpu: aGpu()
        .busy('5m', { smActivity: 0.8, tensorActivity: 0 })
        .busy('5m', { smActivity: 0.8, tensorActivity: null }),
      spec,
    },
    {
      name: 'plain FP32, then a phase without tensor readings',
      gpu: partly({ tensorActivity: 0 }, { tensorActivity: null }),
      spec,
    },
  ],
  clear: [
    { name: 'mixed precision', ...work({ tensorActivity: 0.4 }) },
    { name: 'the multiprocessors are hardly used', ...work({ smActivity: 0.1 }) },
    { name: 'nothing to win on this card', ...work({}, { ...spec, fp16Tflops: 60 }) },
    {
      name: 'mixed precision, then a phase without tensor readings',
      gpu: partly({ tensorActivity: 0.4 }, { tensorActivity: null }),
      spec,
    },
    {
      name: 'mixed precision, with tensor readings for half of the phase',
      gpu: aGpu()
        .busy('5m', { smActivity: 0.8, tensorActivity: 0.4 })
        .busy('5m', { smActivity: 0.8, tensorActivity: null }),
      spec,
    },
    {
      name: 'tensor cores at work, without SM activity',
      ...work({ tensorActivity: 0.4, smActivity: null }),
    },
    { name: 'no work', gpu: aGpu().idle('1h') },
  ],
  notJudged: [
    { name: 'GPM metrics are missing', ...work({ tensorActivity: null, smActivity: null }) },
    { name: 'SM activity without tensor activity', ...work({ tensorActivity: null }) },
    { name: 'tensor cores still, without SM activity', ...work({ smActivity: null }) },
    { name: 'a GPU that the table does not hold', ...work({}, null) },
    {
      name: 'half a minute',
      gpu: aGpu().busy('30s', { smActivity: 0.8, tensorActivity: 0 }),
      spec,
    },
    { name: 'MIG', gpu: aGpu().busy('10m').mig(), spec },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { smActivity: 0.8, tensorActivity: 0 }), spec },
      { gpu: aGpu().busy('59999ms', { smActivity: 0.8, tensorActivity: 0 }), spec },
    ],
    smFrom: [work({ smActivity: 0.5 }), work({ smActivity: 0.499 })],
    tensorBelow: [work({ tensorActivity: 0.0099 }), work({ tensorActivity: 0.01 })],
    speedup: [work({}, { ...spec, fp16Tflops: 120 }), work({}, { ...spec, fp16Tflops: 119 })],
  },
});

test('what faster kernels save bounds what can be won back', () => {
  const gpu = aGpu().busy('10m', { smActivity: 0.6, tensorActivity: 0, load: 0.3 });
  const recoverable = (fp16Tflops: number) =>
    judgeCase(noTensorCores, { gpu, spec: { ...spec, fp16Tflops } }).findings[0]?.recoverableMs;
  const { busyMs, byState } = gpu.build().total;
  // Twice as fast leaves half of the busy time; 15 times would leave less than what worked.
  expect(recoverable(120)).toBe(Math.round(busyMs / 2));
  expect(recoverable(900)).toBe(byState.underfilled);
});

test('a phase without tensor readings adds nothing to the verdict', () => {
  const found = (gpu: GpuBuilder) => judgeCase(noTensorCores, { gpu, spec }).findings[0];
  const alone = found(aGpu().busy('10m', { smActivity: 0.8, load: 0.5, tensorActivity: 0 }));
  const beside = found(partly({ tensorActivity: 0 }, { tensorActivity: null }));
  expect(beside?.recoverableMs).toBe(alone?.recoverableMs);
  expect(beside?.confidence).toBe(alone?.confidence);
  expect(beside?.intervals).toEqual(alone?.intervals);
  expect(beside?.evidence).toEqual(alone?.evidence);
});
