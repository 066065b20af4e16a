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
      name: 'both of two',
      gpu: aGpu(0).idle('10m'),
      others: [aGpu(1).idle('10m')],
      severity: 'warning',
    },
    { name: 'seen with a gap', gpu: aGpu().idle('1h').gap('1h').idle('1h'), others: [aGpu(1)] },
  ],
  clear: [
    { name: 'the only GPU of the machine', gpu: aGpu().idle('3h') },
    { name: 'held, but idle', gpu: aGpu().idle('3h', { heldMib: 9000 }), others: [aGpu(1)] },
    { name: 'used once', gpu: aGpu().busy('2m').idle('3h'), others: [aGpu(1).busy('3h')] },
  ],
  notJudged: [
    { name: 'too short', gpu: aGpu().idle('4m'), others: [aGpu(1).busy('4m')] },
    { name: 'MIG', gpu: aGpu().idle('3h').mig(), others: [aGpu(1).busy('3h')] },
  ],
  edges: {
    machineGpus: [{ gpu: aGpu().idle('1h'), others: [aGpu(1)] }, { gpu: aGpu().idle('1h') }],
    watchedFor: [
      { gpu: aGpu().idle('5m'), others: [aGpu(1)] },
      { gpu: aGpu().idle('299999ms'), others: [aGpu(1)] },
    ],
  },
});
