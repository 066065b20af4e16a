import { noTensorCores } from '../../src/rules/no-tensor-cores.ts';
import type { GpuSpec } from '../../src/rules/rule.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

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

testRule(noTensorCores, {
  detected: [{ name: 'plain FP32', ...work({}) }],
  clear: [
    { name: 'mixed precision', ...work({ tensorActivity: 0.4 }) },
    { name: 'the multiprocessors are hardly used', ...work({ smActivity: 0.1 }) },
    { name: 'nothing to win on this card', ...work({}, { ...spec, fp16Tflops: 60 }) },
    { name: 'no work', gpu: aGpu().idle('1h') },
  ],
  notJudged: [
    { name: 'GPM metrics are missing', ...work({ tensorActivity: null, smActivity: null }) },
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
