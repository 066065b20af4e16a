import { expect, test } from 'vitest';
import { undersizedBatch } from '../../src/rules/undersized-batch.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const work = (more: object) => ({
  gpu: aGpu().busy('10m', { utilization: 97, load: 0.35, heldMib: 40_000, ...quietHost, ...more }),
});

/** The quiet host without one of its signals. */
const without = (column: keyof typeof quietHost.host) =>
  Object.fromEntries(Object.entries(quietHost.host).filter(([name]) => name !== column));

testRule(undersizedBatch, {
  detected: [
    { name: 'always busy at a third of the power', ...work({}), severity: 'warning' },
    { name: 'half busy, less power still', ...work({ utilization: 55, load: 0.2 }) },
    { name: 'with PCIe quiet', ...work({ pcie: 30 }) },
    {
      name: 'loaders are watched, the cores that are allowed are not known',
      ...work({
        host: without('cpuCoresAllowed'),
        job: { workers: 4, workerCpuShare: 0.2, readBytesPerS: 0 },
      }),
    },
  ],
  clear: [
    { name: 'healthy', ...work({ load: 0.85 }) },
    { name: 'the GPU hardly works', ...work({ utilization: 12, load: 0.03 }) },
    { name: 'loaders are at their limit', ...work(host({}, { workerCpuShare: 0.97 })) },
    { name: 'PCIe is busy', ...work({ pcie: 4000 }) },
    {
      name: 'fed over the network, which no process of the job shows',
      ...work({
        utilization: 45,
        load: 0.2,
        host: { psiIoShare: 0, cgroupThrottledShare: 0, networkRxBytesPerS: 1.2e9 },
        job: {},
      }),
    },
    {
      name: 'the job reads from storage or the page cache',
      ...work(host({}, { requestedReadBytesPerS: 80 * mib })),
    },
  ],
  notJudged: [
    { name: 'no host signals: slow input looks the same', ...work({ host: {}, job: {} }) },
    {
      name: 'only our own cgroup was watched, not the CPU use of the job',
      ...work({ host: { ...quietHost.host, cgroupThrottledShare: 0 }, job: {} }),
    },
    {
      name: 'CPU use without the cores that are allowed',
      ...work({ host: without('cpuCoresAllowed'), job: { cpuCores: 2 } }),
    },
    { name: 'no network', ...work({ host: without('networkRxBytesPerS') }) },
    {
      name: 'no reads',
      ...work({
        host: without('diskReadBytesPerS'),
        job: { cpuCores: 2, workers: 4, workerCpuShare: 0.2, dStateShare: 0 },
      }),
    },
    {
      name: 'no pressure on storage',
      ...work({
        host: { diskReadBytesPerS: 0, networkRxBytesPerS: 0, cpuCoresAllowed: 16 },
        job: { cpuCores: 2 },
      }),
    },
    { name: 'memory may be pre-allocated', ...work({ heldMib: 72_000 }) },
    { name: 'no power', ...work({ load: null, watts: null }) },
    { name: 'power without a limit to relate it to', ...work({ load: null, watts: 250 }) },
    { name: 'no memory', ...work({ heldMib: null }) },
    {
      name: 'half a minute',
      gpu: aGpu().busy('30s', { utilization: 97, load: 0.35, heldMib: 40_000, ...quietHost }),
    },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { load: 0.35, ...quietHost }) },
      { gpu: aGpu().busy('59999ms', { load: 0.35, ...quietHost }) },
    ],
    utilizationFrom: [work({ utilization: 30, load: 0.1 }), work({ utilization: 29.9, load: 0.1 })],
    loadOfUtilization: [
      work({ utilization: 90, load: 0.449 }),
      work({ utilization: 90, load: 0.45 }),
    ],
    loadBelow: [work({ utilization: 60, load: 0.399 }), work({ utilization: 60, load: 0.4 })],
    memoryBelow: [work({ heldMib: 47_999 }), work({ heldMib: 48_000 })],
    pcieQuiet: [work({ pcie: 476 }), work({ pcie: 477 })],
    reading: [
      work(host({ networkRxBytesPerS: 10 * mib - 1 })),
      work(host({ networkRxBytesPerS: 10 * mib })),
    ],
    dState: [work(host({}, { dStateShare: 0.199 })), work(host({}, { dStateShare: 0.2 }))],
    psiIo: [work(host({ psiIoShare: 0.199 })), work(host({ psiIoShare: 0.2 }))],
    iowait: [work(host({ cpuIowaitShare: 0.049 })), work(host({ cpuIowaitShare: 0.05 }))],
    diskBusy: [work(host({ diskBusyShare: 0.799 })), work(host({ diskBusyShare: 0.8 }))],
    workerBusy: [
      work(host({}, { workerCpuShare: 0.899 })),
      work(host({}, { workerCpuShare: 0.9 })),
    ],
    coresBusy: [work(host({}, { cpuCores: 14.3 })), work(host({}, { cpuCores: 14.4 }))],
    cgroupThrottled: [
      work(host({}, { cgroupThrottledShare: 0.249 })),
      work(host({}, { cgroupThrottledShare: 0.25 })),
    ],
  },
});

test('it says what was not watched', () => {
  const example = work({ host: { psiIoShare: 0, diskReadBytesPerS: 0 }, job: {} });
  expect(judgeCase(undersizedBatch, example).notJudged[0]?.reason).toContain(
    "network traffic, the job's CPU use",
  );
});

test('how much larger the batch can be depends on the memory in use', () => {
  const action = (heldMib: number) =>
    judgeCase(undersizedBatch, work({ heldMib })).findings[0]?.remediation[0]?.action;
  expect(action(10_000)).toContain('four times');
  expect(action(34_000)).toContain('twice');
  expect(action(34_001)).toBe('Raise the batch size until memory is about 85 % full.');
});
