import { hostBound } from '../../src/rules/host-bound.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const waits = (signals: object, utilization = 40) => ({
  gpu: aGpu().busy('10m', { utilization, ...signals }),
});
const fullThread = host({}, { busiestThreadShare: 0.99 });

testRule(hostBound, {
  detected: [
    { name: 'one thread is full, loaders are quiet', ...waits(fullThread) },
    {
      name: 'no loaders at all',
      ...waits(host({}, { busiestThreadShare: 0.99, workers: 0 })),
    },
  ],
  clear: [
    { name: 'no thread is full', ...waits(quietHost) },
    { name: 'the GPU is full as well', ...waits(fullThread, 96) },
    {
      name: 'loaders are busy too',
      ...waits(host({}, { busiestThreadShare: 0.99, workerCpuShare: 0.8 })),
    },
    {
      name: 'storage shows pressure',
      ...waits(host({ psiIoShare: 0.5, diskReadBytesPerS: 90 * mib }, { busiestThreadShare: 1 })),
    },
  ],
  notJudged: [
    { name: 'the job is not visible', ...waits({ host: quietHost.host }) },
    { name: 'loaders are not visible', ...waits({ job: { busiestThreadShare: 0.99 } }) },
    { name: 'MIG', gpu: aGpu().busy('10m', fullThread).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 40, ...fullThread }) },
      { gpu: aGpu().busy('59999ms', { utilization: 40, ...fullThread }) },
    ],
    waitBelow: [waits(fullThread, 80), waits(fullThread, 80.1)],
    waitUntil: [
      {
        gpu: aGpu(0).busy('10m', { utilization: 88, ...fullThread }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...fullThread })],
      },
      {
        gpu: aGpu(0).busy('10m', { utilization: 88.1, ...fullThread }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...fullThread })],
      },
    ],
    threadBusy: [
      waits(host({}, { busiestThreadShare: 0.95 })),
      waits(host({}, { busiestThreadShare: 0.949 })),
    ],
    workersQuiet: [
      waits(host({}, { busiestThreadShare: 1, workerCpuShare: 0.499 })),
      waits(host({}, { busiestThreadShare: 1, workerCpuShare: 0.5 })),
    ],
    pcieQuiet: [waits({ ...fullThread, pcie: 476 }), waits({ ...fullThread, pcie: 477 })],
    dState: [
      waits(host({}, { busiestThreadShare: 1, dStateShare: 0.199 })),
      waits(host({}, { busiestThreadShare: 1, dStateShare: 0.2 })),
    ],
    psiIo: [
      waits(host({ psiIoShare: 0.199 }, { busiestThreadShare: 1 })),
      waits(host({ psiIoShare: 0.2 }, { busiestThreadShare: 1 })),
    ],
    iowait: [
      waits(host({ cpuIowaitShare: 0.049 }, { busiestThreadShare: 1 })),
      waits(host({ cpuIowaitShare: 0.05 }, { busiestThreadShare: 1 })),
    ],
    diskBusy: [
      waits(host({ diskBusyShare: 0.799 }, { busiestThreadShare: 1 })),
      waits(host({ diskBusyShare: 0.8 }, { busiestThreadShare: 1 })),
    ],
  },
});
