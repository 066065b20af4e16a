import { expect, test } from 'vitest';
import { idleEmpty } from '../../src/rules/idle-empty.ts';
import { judge } from '../../src/rules/run.ts';
import { unusedGpus } from '../../src/rules/unused-gpus.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

testRule(unusedGpus, {
  detected: [
    {
      name: 'one of two, for hours',
      gpu: aGpu(0).idle('3h'),
      others: [aGpu(1).busy('3h')],
      severity: 'critical',
    },
    {
      name: 'two of three, for ten minutes',
      gpu: aGpu(0).idle('10m'),
      others: [aGpu(1).idle('10m'), aGpu(2).busy('10m')],
      severity: 'warning',
    },
    {
      name: 'seen with a gap',
      gpu: aGpu().idle('1h').gap('1h').idle('1h'),
      others: [aGpu(1).busy('3h')],
    },
  ],
  clear: [
    {
      name: 'nothing worked on the whole machine',
      gpu: aGpu(0).idle('3h'),
      others: [aGpu(1).idle('3h')],
    },
    {
      name: 'the other GPU is held, but idle as well',
      gpu: aGpu(0).idle('3h'),
      others: [aGpu(1).idle('3h', { heldMib: 9000 })],
    },
    { name: 'the only GPU of the machine', gpu: aGpu().idle('3h') },
    {
      name: 'held, but idle',
      gpu: aGpu().idle('3h', { heldMib: 9000 }),
      others: [aGpu(1).busy('3h')],
    },
    { name: 'used once', gpu: aGpu().busy('2m').idle('3h'), others: [aGpu(1).busy('3h')] },
  ],
  notJudged: [
    { name: 'too short', gpu: aGpu().idle('4m'), others: [aGpu(1).busy('4m')] },
    { name: 'MIG', gpu: aGpu().idle('3h').mig(), others: [aGpu(1).busy('3h')] },
  ],
  edges: {
    machineGpus: [
      { gpu: aGpu().idle('1h'), others: [aGpu(1).busy('1h')] },
      { gpu: aGpu().idle('1h') },
    ],
    watchedFor: [
      { gpu: aGpu().idle('5m'), others: [aGpu(1).busy('5m')] },
      { gpu: aGpu().idle('299999ms'), others: [aGpu(1).busy('5m')] },
    ],
  },
});

test('an idle machine is called idle, none of its GPUs unused', () => {
  const gpus = [aGpu(0).idle('3h').build(), aGpu(1).idle('3h').build()];
  const { findings } = judge(
    { id: 'm1', gpus },
    (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
    {},
    [unusedGpus, idleEmpty],
  );
  expect(findings.map(({ rule, gpus: found }) => [rule, found.length])).toEqual([
    ['idle-empty', 2],
  ]);
});
