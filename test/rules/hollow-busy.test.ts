import { hollowBusy } from '../../src/rules/hollow-busy.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const work = (more: object) => ({
  gpu: aGpu().busy('10m', { utilization: 99, load: 0.35, memoryUtilization: 20, ...more }),
});

testRule(hollowBusy, {
  detected: [
    { name: '99 % at a third of the power', ...work({}), severity: 'warning' },
    { name: 'SM activity agrees', ...work({ smActivity: 0.2 }) },
  ],
  clear: [
    { name: 'healthy', ...work({ load: 0.85 }) },
    { name: 'bound by memory bandwidth', ...work({ load: 0.55, memoryUtilization: 95 }) },
    { name: 'the GPU waits as well', ...work({ utilization: 70 }) },
    { name: 'slowed by heat', ...work({ throttled: 0.3 }) },
    { name: 'SM activity says it is full', ...work({ smActivity: 0.9 }) },
  ],
  notJudged: [
    { name: 'no power', ...work({ load: null, watts: null }) },
    { name: 'power without a limit to relate it to', ...work({ load: null, watts: 250 }) },
    { name: 'no memory utilization', ...work({ memoryUtilization: null }) },
    { name: 'half a minute', gpu: aGpu().busy('30s', { load: 0.35 }) },
    { name: 'MIG', gpu: aGpu().busy('10m', { load: 0.35 }).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { load: 0.35 }) },
      { gpu: aGpu().busy('59999ms', { load: 0.35 }) },
    ],
    utilizationFrom: [work({ utilization: 90 }), work({ utilization: 89.9 })],
    loadBelow: [work({ load: 0.599 }), work({ load: 0.6 })],
    memoryBusyBelow: [work({ memoryUtilization: 59.9 }), work({ memoryUtilization: 60 })],
    throttledBelow: [work({ throttled: 0.049 }), work({ throttled: 0.0501 })],
    fullSm: [work({ smActivity: 0.799 }), work({ smActivity: 0.8 })],
  },
});
