import { expect, test } from 'vitest';
import { ghostUtilization } from '../../src/rules/ghost-utilization.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const seenGpu = () => aGpu().processes(1);

testRule(ghostUtilization, {
  detected: [
    {
      name: 'latched for hours after a job was killed',
      gpu: seenGpu().busy('30m').ghost('5h'),
      severity: 'critical',
    },
    { name: 'ten minutes of an empty night', gpu: seenGpu().busy('30m').ghost('10m').idle('8h') },
  ],
  clear: [
    { name: 'work', gpu: seenGpu().busy('1h', { utilization: 100 }) },
    {
      name: 'a counter above 100 that reads as work',
      gpu: seenGpu().busy('1h', { utilization: 112 }),
    },
    { name: 'idle and empty', gpu: seenGpu().idle('1h') },
    { name: 'only the last reading of a process', gpu: seenGpu().busy('1h').ghost('10s') },
  ],
  notJudged: [
    { name: 'MIG', gpu: seenGpu().ghost('1h').mig() },
    { name: 'processes are not visible', gpu: aGpu().busy('1h') },
  ],
  edges: {
    ghostFor: [
      { gpu: seenGpu().busy('1h', { utilization: 100 }).ghost('60607ms') },
      { gpu: seenGpu().busy('1h', { utilization: 100 }).ghost('60605ms') },
    ],
    idleNoise: [
      { gpu: seenGpu().ghost('99s').idle('3801s') },
      { gpu: seenGpu().ghost('99s').idle('3802s') },
    ],
  },
});

test('no more is called reported than was observed', () => {
  const gpu = seenGpu().busy('1h', { utilization: 112 }).ghost('10m');
  const { evidence = [] } = judgeCase(ghostUtilization, { gpu }).findings[0] ?? {};
  const valueOf = (name: string) => evidence.find(({ signal }) => signal === name)?.value;
  expect(valueOf('busy as reported')).toBe(70 * 60_000);
  expect(valueOf('busy with a process')).toBe(60 * 60_000);
});
