import { hungCollective } from '../../src/rules/hung-collective.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu, type Work } from '../kit/usage-builder.ts';

const spin: Work = { utilization: 100, load: 0.05, memoryUtilization: 1 };

const hung = (more: Work, time = '10m', index = 0) =>
  aGpu(index)
    .busy('30m')
    .busy(time, { ...spin, ...more });

/** Two GPUs of one job that do the same. */
const both = (more: Work, time = '10m') => ({
  gpu: hung(more, time, 0),
  others: [hung(more, time, 1)],
});

/** Power that goes up and down by so many watts around 200 W. */
const swinging = (watts: number) => {
  const gpu = (index: number) => {
    let built = aGpu(index).busy('30m');
    for (let i = 0; i < 60; i++) {
      built = built.busy('5s', { ...spin, watts: 200 + (i % 2 === 0 ? watts : -watts) });
    }
    return built;
  };
  return { gpu: gpu(0), others: [gpu(1)] };
};

testRule(hungCollective, {
  detected: [
    { name: 'two GPUs spin after half an hour of work', ...both({}) },
    {
      name: 'a third GPU was never used',
      ...both({}),
      others: [hung({}, '10m', 1), aGpu(2).idle('40m')],
    },
  ],
  clear: [
    { name: 'one of them still works', gpu: hung({}), others: [aGpu(1).busy('40m')] },
    { name: 'work', gpu: aGpu(0).busy('1h'), others: [aGpu(1).busy('1h')] },
    {
      name: 'light from the beginning',
      gpu: aGpu(0).busy('1h', spin),
      others: [aGpu(1).busy('1h', spin)],
    },
    { name: 'a barrier of a minute', ...both({}, '1m') },
    { name: 'memory is in use', ...both({ memoryUtilization: 30 }) },
  ],
  notJudged: [
    { name: 'a single GPU', gpu: hung({}) },
    { name: 'no power', gpu: aGpu().busy('1h', { load: null, watts: null }) },
    { name: 'MIG', gpu: hung({}).mig() },
  ],
  edges: {
    gpus: [both({}), { gpu: hung({}) }],
    hungFor: [both({}, '180s'), both({}, '175s')],
    utilizationFrom: [both({ utilization: 95 }), both({ utilization: 94.9 })],
    memoryQuiet: [both({ memoryUtilization: 2 }), both({ memoryUtilization: 2.1 })],
    powerShare: [
      both({ watts: 0.6 * (120 + 580 * 0.85) - 0.1 }),
      both({ watts: 0.6 * (120 + 580 * 0.85) + 0.1 }),
    ],
    powerSpread: [swinging(10), swinging(10.1)],
  },
});
