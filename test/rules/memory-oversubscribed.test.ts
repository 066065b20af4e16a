import { memoryOversubscribed } from '../../src/rules/memory-oversubscribed.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const work = (more: object) => ({
  gpu: aGpu().busy('10m', {
    utilization: 99,
    load: 0.28,
    memoryUtilization: 99,
    heldMib: 79_800,
    ...more,
  }),
});

testRule(memoryOversubscribed, {
  detected: [{ name: 'all counters full at a third of the power', ...work({}) }],
  clear: [
    { name: 'bound by bandwidth, memory not full', ...work({ load: 0.6, heldMib: 50_000 }) },
    { name: 'full memory and full power', ...work({ load: 0.85 }) },
    { name: 'pre-allocated memory, quiet interface', ...work({ memoryUtilization: 20 }) },
  ],
  notJudged: [
    { name: 'no power', ...work({ load: null, watts: null }) },
    { name: 'power without a limit to relate it to', ...work({ load: null, watts: 100 }) },
    { name: 'no memory utilization', ...work({ memoryUtilization: null }) },
    { name: 'MIG', gpu: aGpu().busy('10m').mig() },
    {
      name: 'half a minute',
      gpu: aGpu().busy('30s', { load: 0.28, memoryUtilization: 99, heldMib: 79_800 }),
    },
  ],
  edges: {
    workFor: [
      {
        gpu: aGpu().busy('1m', {
          utilization: 99,
          load: 0.28,
          memoryUtilization: 99,
          heldMib: 79_800,
        }),
      },
      {
        gpu: aGpu().busy('59999ms', {
          utilization: 99,
          load: 0.28,
          memoryUtilization: 99,
          heldMib: 79_800,
        }),
      },
    ],
    memoryFull: [work({ heldMib: 76_000 }), work({ heldMib: 75_999 })],
    busyFrom: [work({ memoryUtilization: 95 }), work({ memoryUtilization: 94.9 })],
    loadBelow: [work({ load: 0.449 }), work({ load: 0.45 })],
  },
});
