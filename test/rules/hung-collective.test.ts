import { hungCollective } from '../../src/rules/hung-collective.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu, type GpuBuilder, type Work } from '../kit/usage-builder.ts';

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

/** Light work of both GPUs for 400 s between work and what comes then. */
const light: Work = { utilization: 99, memoryUtilization: 1, watts: 300 };
const followed = (then: (gpu: GpuBuilder) => GpuBuilder) => {
  const gpu = (index: number) => then(aGpu(index).busy('600s').busy('400s', light));
  return { gpu: gpu(0), others: [gpu(1)] };
};

testRule(hungCollective, {
  detected: [
    { name: 'light work until the recording ends', ...followed((gpu) => gpu) },
    { name: 'until the job was killed', ...followed((gpu) => gpu.idle('1h')) },
    {
      name: 'killed in the middle of a window',
      ...followed((gpu) => gpu.busy('4s', light).idle('1h')),
    },
    { name: 'and then nobody looked', ...followed((gpu) => gpu.gap('5m').busy('10m')) },
    {
      name: 'with a reading lost on the way',
      ...followed((gpu) => gpu.gap('10s').busy('400s', light)),
    },
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
    { name: 'it recovered: training goes on', ...followed((gpu) => gpu.busy('600s')) },
    { name: 'training went on just before the end', ...followed((gpu) => gpu.busy('5s')) },
    {
      name: 'training goes on behind a short gap',
      ...followed((gpu) => gpu.gap('10s').busy('600s')),
    },
    {
      name: 'slower work goes on, at the same power',
      ...followed((gpu) => gpu.busy('600s', { ...light, utilization: 60 })),
    },
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
