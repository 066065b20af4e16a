import { ghostUtilization } from '../../src/rules/ghost-utilization.ts';
import { testRule } from '../kit/test-rule.ts';
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
