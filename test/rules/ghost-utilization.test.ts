import { ghostUtilization } from '../../src/rules/ghost-utilization.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

testRule(ghostUtilization, {
  detected: [
    {
      name: 'latched for hours after a job was killed',
      gpu: aGpu().busy('30m').ghost('5h'),
      severity: 'critical',
    },
  ],
  clear: [
    { name: 'work', gpu: aGpu().busy('1h', { utilization: 100 }) },
    { name: 'idle and empty', gpu: aGpu().idle('1h') },
    { name: 'only the last reading of a process', gpu: aGpu().busy('1h').ghost('10s').idle('1h') },
  ],
  notJudged: [
    { name: 'MIG', gpu: aGpu().ghost('1h').mig() },
    { name: 'memory is not reported', gpu: aGpu().busy('1h', { heldMib: null }) },
  ],
  edges: {
    ghostFor: [{ gpu: aGpu().busy('1h').ghost('60s') }, { gpu: aGpu().busy('1h').ghost('55s') }],
  },
  wording: ['utilizationFrom'],
});
