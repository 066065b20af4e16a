import { expect, test } from 'vitest';
import { transferBound } from '../../src/rules/transfer-bound.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const copies = (utilization: number, pcie: number | null) => ({
  gpu: aGpu().busy('10m', { utilization, pcie }),
});

testRule(transferBound, {
  detected: [{ name: 'copies fill the time', ...copies(15, 9000) }],
  clear: [
    { name: 'kernels run beside the copies', ...copies(70, 9000) },
    { name: 'the link is quiet', ...copies(15, 40) },
  ],
  notJudged: [
    { name: 'PCIe is not reported', ...copies(15, null) },
    { name: 'MIG', gpu: aGpu().busy('10m', { pcie: 9000 }).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 15, pcie: 9000 }) },
      { gpu: aGpu().busy('59999ms', { utilization: 15, pcie: 9000 }) },
    ],
    transferBelow: [copies(30, 9000), copies(30.1, 9000)],
    pcieBusy: [copies(15, 954), copies(15, 953)],
  },
});

test('throughput stands beside what the link can carry', () => {
  const [finding] = judgeCase(transferBound, copies(15, 9000)).findings;
  expect(finding?.summary).toContain('PCIe 5.0 x16 link carries about 60096 MiB/s each way');
  const gpu = copies(15, 9000).gpu.identity({ pcieLinkGenMax: null });
  expect(judgeCase(transferBound, { gpu }).findings[0]?.evidence).toHaveLength(3);
});
