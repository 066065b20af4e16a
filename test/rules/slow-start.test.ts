import { slowStart } from '../../src/rules/slow-start.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const loading = { heldMib: 20_000, job: { cpuCores: 1.2, readBytesPerS: 3e8 } };
/** Empty, then a process that holds memory and does this, then an hour of work. */
const process = (time: string, work: object = loading) =>
  aGpu().idle('10m').idle(time, work).busy('1h');

testRule(slowStart, {
  detected: [
    { name: 'a model that takes twenty minutes to load', gpu: process('20m'), severity: 'warning' },
    {
      name: 'a wrapped command that prepares on the CPU',
      gpu: aGpu().idle('15m').busy('1h').command('0s'),
      severity: 'warning',
    },
    {
      name: 'trial steps in between do not end a start',
      gpu: aGpu().idle('10m').idle('4m', loading).busy('10s').idle('4m', loading).busy('1h'),
    },
    {
      name: 'a long search for kernels at low utilization',
      gpu: aGpu()
        .idle('10m')
        .busy('15m', { utilization: 6, load: 0.1, job: { cpuCores: 4 } })
        .busy('2h'),
    },
  ],
  clear: [
    { name: 'two minutes', gpu: process('2m') },
    {
      name: 'a notebook that nobody uses',
      gpu: process('20m', { heldMib: 600, job: { cpuCores: 0.01, readBytesPerS: 0 } }),
    },
    {
      name: 'held between two stretches of work',
      gpu: aGpu().busy('1h').idle('20m', loading).busy('1h'),
    },
    {
      name: 'held when recording began: its beginning is not known',
      gpu: aGpu().idle('20m', loading).busy('1h'),
    },
    { name: 'never worked', gpu: aGpu().idle('10m').idle('2h', loading) },
    { name: 'a wrapped command that starts at once', gpu: aGpu().busy('1h').command('0s') },
  ],
  notJudged: [
    { name: 'what the process did was not visible', gpu: process('20m', { heldMib: 20_000 }) },
    { name: 'MIG', gpu: process('20m').mig() },
  ],
  edges: {
    startFor: [{ gpu: process('300s') }, { gpu: process('295s') }],
    cpuFrom: [
      { gpu: process('20m', { heldMib: 9_000, job: { cpuCores: 0.5 } }) },
      { gpu: process('20m', { heldMib: 9_000, job: { cpuCores: 0.49 } }) },
    ],
    readFrom: [
      { gpu: process('20m', { heldMib: 9_000, job: { cpuCores: 0.1, readBytesPerS: 1_000_100 } }) },
      { gpu: process('20m', { heldMib: 9_000, job: { cpuCores: 0.1, readBytesPerS: 999_000 } }) },
    ],
  },
});
