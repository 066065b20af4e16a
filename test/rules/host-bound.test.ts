import { expect, test } from 'vitest';
import { hostBound } from '../../src/rules/host-bound.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const waits = (signals: object, utilization = 40) => ({
  gpu: aGpu().busy('10m', { utilization, ...signals }),
});
const fullThread = host({}, { busiestThreadShare: 0.99 });

testRule(hostBound, {
  detected: [
    {
      name: 'a thread that shares its core with strangers',
      ...waits(host({}, { busiestThreadShare: 0.35, busiestThreadQueuedShare: 0.62, workers: 0 })),
    },
    { name: 'one thread is full, loaders are quiet', ...waits(fullThread) },
    {
      name: 'no loaders at all',
      ...waits(host({}, { busiestThreadShare: 0.99, workers: 0 })),
    },
  ],
  clear: [
    {
      name: 'loaders want the cores that others have',
      ...waits(host({}, { busiestThreadShare: 0.99, workerCpuShare: 0.3, workerQueuedShare: 0.3 })),
    },
    { name: 'no thread is full', ...waits(quietHost) },
    { name: 'the GPU is full as well', ...waits(fullThread, 96) },
    {
      name: 'loaders are busy too',
      ...waits(host({}, { busiestThreadShare: 0.99, workerCpuShare: 0.8 })),
    },
    {
      name: 'storage shows pressure',
      ...waits(
        host(
          { psiIoShare: 0.5, diskReadBytesPerS: 90 * mib },
          { busiestThreadShare: 1, readBytesPerS: 80 * mib },
        ),
      ),
    },
  ],
  notJudged: [
    { name: 'the job is not visible', ...waits({ host: quietHost.host }) },
    { name: 'loaders are not visible', ...waits({ job: { busiestThreadShare: 0.99 } }) },
    { name: 'MIG', gpu: aGpu().busy('10m', fullThread).mig() },
  ],
  wording: ['coresShort'],
  edges: {
    // Busy disks are another program's where they move at least `reading` and the job's part is below `ownPart`.
    reading: [
      waits(host({ diskBusyShare: 0.95, diskReadBytesPerS: 10 * mib }, { busiestThreadShare: 1 })),
      waits(
        host({ diskBusyShare: 0.95, diskReadBytesPerS: 9.99 * mib }, { busiestThreadShare: 1 }),
      ),
    ],
    ownPart: [
      waits(
        host(
          { diskBusyShare: 0.95, diskReadBytesPerS: 100 * mib },
          { busiestThreadShare: 1, readBytesPerS: 24.9 * mib },
        ),
      ),
      waits(
        host(
          { diskBusyShare: 0.95, diskReadBytesPerS: 100 * mib },
          { busiestThreadShare: 1, readBytesPerS: 25 * mib },
        ),
      ),
    ],
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

const first = (signals: object) => {
  const [finding] = judgeCase(hostBound, waits(signals)).findings;
  return { summary: finding?.summary, action: finding?.remediation[0]?.action };
};

test('without loader workers the thread may prepare the data as well', () => {
  const { summary, action } = first(host({}, { busiestThreadShare: 0.99, workers: 0 }));
  expect(summary).toContain('99 % of a core, no loader worker ran and 14 cores were free');
  expect(action).toContain('Try num_workers=4: no loader worker runs');
});

test('workers that wait show that the data is ready: then it is the step', () => {
  const { summary, action } = first(fullThread);
  expect(summary).toContain('its 4 loader workers waited');
  expect(action).toContain('synchronizing');
});

test('without a free core no number of workers is named', () => {
  const full = host({ cpuCoresAllowed: 1 }, { busiestThreadShare: 1, workers: 0, cpuCores: 1 });
  expect(first(full).action).toBe('Take data preparation out of the training thread.');
});

test('a thread that others take the core from gets cores first (coresShort)', () => {
  const shared = (busiestThreadShare: number, busiestThreadQueuedShare: number) =>
    judgeCase(
      hostBound,
      waits(host({}, { busiestThreadShare, busiestThreadQueuedShare, workers: 0 })),
    ).findings[0];
  const finding = shared(0.35, 0.62);
  expect(finding?.summary).toBe(
    'The GPU waited while one thread of its process had 35 % of a core and waited for one in 62 % of the time, and no loader worker ran.',
  );
  expect(finding?.remediation[0]?.action).toContain('Free cores for the job');
  expect(shared(0.8, 0.2)?.remediation[0]?.action).toContain('Free cores for the job');
  expect(shared(0.8, 0.199)?.remediation[0]?.action).toContain('Try num_workers=4');
});
