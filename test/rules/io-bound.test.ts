import { ioBound } from '../../src/rules/io-bound.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const slowDisk = host({ psiIoShare: 0.6, diskBusyShare: 0.97, diskReadBytesPerS: 180 * mib });
const waits = (signals: object, utilization = 40) => ({
  gpu: aGpu().busy('10m', { utilization, ...signals }),
});

testRule(ioBound, {
  detected: [
    { name: 'a disk that is always busy', ...waits(slowDisk), severity: 'warning' },
    {
      name: 'loaders in D state on NFS, which iowait does not see',
      ...waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.7 })),
    },
    {
      name: 'an object store by FUSE: only read calls show it',
      ...waits(host({ psiIoShare: 0.4 }, { requestedReadBytesPerS: 60 * mib })),
    },
    {
      name: 'another rank of the job reads 85 %',
      gpu: aGpu(0).busy('10m', { utilization: 85, ...slowDisk }),
      others: [aGpu(1).busy('10m', { utilization: 78, ...slowDisk })],
    },
  ],
  clear: [
    { name: 'the host is quiet', ...waits(quietHost) },
    { name: 'the disk is busy and the GPU too', ...waits(slowDisk, 96) },
    { name: 'one host-wide sign alone', ...waits(host({ psiIoShare: 0.5 })) },
    { name: 'much is read, but nothing waits', ...waits(host({ diskReadBytesPerS: 900 * mib })) },
    {
      name: 'the loaders compute',
      ...waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.98 })),
    },
    {
      name: 'the host swaps',
      ...waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: 50 * mib })),
    },
  ],
  notJudged: [
    { name: 'no host signals', ...waits({}) },
    { name: 'no signal on storage', ...waits({ job: { cpuCores: 2 } }) },
    { name: 'half a minute', gpu: aGpu().busy('30s', { utilization: 40, ...slowDisk }) },
    { name: 'MIG', gpu: aGpu().busy('10m', slowDisk).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 40, ...slowDisk }) },
      { gpu: aGpu().busy('59999ms', { utilization: 40, ...slowDisk }) },
    ],
    waitBelow: [waits(slowDisk, 80), waits(slowDisk, 80.1)],
    waitUntil: [
      {
        gpu: aGpu(0).busy('10m', { utilization: 88, ...slowDisk }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...slowDisk })],
      },
      {
        gpu: aGpu(0).busy('10m', { utilization: 88.1, ...slowDisk }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...slowDisk })],
      },
    ],
    dState: [
      waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.2 })),
      waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.199 })),
    ],
    psiIo: [
      waits(host({ psiIoShare: 0.2, diskReadBytesPerS: 90 * mib })),
      waits(host({ psiIoShare: 0.199, diskReadBytesPerS: 90 * mib })),
    ],
    iowait: [
      waits(host({ cpuIowaitShare: 0.05, diskReadBytesPerS: 90 * mib })),
      waits(host({ cpuIowaitShare: 0.0499, diskReadBytesPerS: 90 * mib })),
    ],
    diskBusy: [
      waits(host({ diskBusyShare: 0.8, diskReadBytesPerS: 90 * mib })),
      waits(host({ diskBusyShare: 0.799, diskReadBytesPerS: 90 * mib })),
    ],
    reading: [
      waits(host({ psiIoShare: 0.5, diskReadBytesPerS: 10 * mib })),
      waits(host({ psiIoShare: 0.5, diskReadBytesPerS: 10 * mib - 1 })),
    ],
    swapIn: [
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: mib - 1 })),
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: mib })),
    ],
    workerBusy: [
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.899 })),
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.9 })),
    ],
    signs: [waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 })), waits(host({ psiIoShare: 0.5 }))],
  },
});
