import { throttled } from '../../src/rules/throttled.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const work = (more: object) => ({
  gpu: aGpu()
    .busy('1h', { utilization: 99 })
    .busy('10m', { utilization: 99, ...more }),
});

testRule(throttled, {
  detected: [
    {
      name: 'a third slower for ten minutes of eleven',
      gpu: aGpu().busy('1m').busy('10m', { throttled: 0.33, clockMhz: 1270 }),
      severity: 'warning',
    },
    { name: 'several spells', gpu: aGpu().busy('5m').busy('30s', { throttled: 0.4 }).times(4) },
  ],
  clear: [
    { name: 'not slowed', ...work({}) },
    {
      name: 'no reasons, and no load either',
      gpu: aGpu().idle('1h').busy('10m', { reasons: 0, utilization: 30 }),
    },
    { name: 'a little', ...work({ throttled: 0.03 }) },
    { name: 'while the GPU waits anyway', ...work({ throttled: 0.3, utilization: 50 }) },
  ],
  notJudged: [
    { name: 'event reasons never reported', gpu: aGpu().busy('1h', { reasons: 0 }) },
    { name: 'no clock', gpu: aGpu().busy('1h', { clockMhz: null }) },
    { name: 'MIG', gpu: aGpu().busy('1h').mig() },
  ],
  edges: {
    slowedFor: [
      { gpu: aGpu().busy('1h').busy('60s', { utilization: 100, throttled: 0.3 }) },
      { gpu: aGpu().busy('1h').busy('55s', { utilization: 100, throttled: 0.3 }) },
    ],
    utilizationFrom: [
      work({ throttled: 0.3, utilization: 90 }),
      work({ throttled: 0.3, utilization: 89.9 }),
    ],
    reportedShare: [
      { gpu: aGpu().busy('1h', { reasons: 0.5 }), outcome: 'clear' },
      { gpu: aGpu().busy('1h', { reasons: 0.4999 }) },
    ],
    lostShare: [
      work({ throttled: 0.1, utilization: 100 }),
      work({ throttled: 0.099, utilization: 100 }),
    ],
  },
});
