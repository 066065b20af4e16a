import { idleEmpty } from '../../src/rules/idle-empty.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

testRule(idleEmpty, {
  detected: [
    { name: 'forgotten after the job', gpu: aGpu().busy('1h').idle('8h'), severity: 'critical' },
    { name: 'a machine that waits for its first job', gpu: aGpu().idle('20m').busy('8h') },
  ],
  clear: [
    { name: 'idle, but held', gpu: aGpu().busy('1h').idle('8h', { heldMib: 16_000 }) },
    { name: 'short breaks between jobs', gpu: aGpu().busy('40m').idle('3m').times(4) },
    { name: 'memory is not reported', gpu: aGpu().idle('8h', { heldMib: null }) },
  ],
  notJudged: [
    { name: 'too short', gpu: aGpu().idle('3m') },
    { name: 'MIG does not report utilization', gpu: aGpu().idle('8h').mig() },
  ],
  edges: {
    idleFor: [{ gpu: aGpu().busy('1h').idle('5m') }, { gpu: aGpu().busy('1h').idle('299999ms') }],
    mostlyIdle: [
      { gpu: aGpu().idle('3m').busy('6m').idle('3m') },
      { gpu: aGpu().idle('3m').busy('360001ms').idle('3m') },
    ],
    warningFor: [
      { gpu: aGpu().busy('4h').idle('14m'), severity: 'warning' },
      { gpu: aGpu().busy('4h').idle('839999ms'), severity: 'info' },
    ],
    warningShare: [
      { gpu: aGpu().busy('18m').idle('6m'), severity: 'warning' },
      { gpu: aGpu().busy('1081s').idle('6m'), severity: 'info' },
    ],
    criticalFor: [
      { gpu: aGpu().busy('8h').idle('1h'), severity: 'critical' },
      { gpu: aGpu().busy('8h').idle('3599999ms'), severity: 'warning' },
    ],
  },
});
