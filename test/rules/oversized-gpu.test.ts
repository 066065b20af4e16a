import { expect, test } from 'vitest';
import { oversizedGpu } from '../../src/rules/oversized-gpu.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const small = (more: object) => ({ gpu: aGpu().busy('10m', { heldMib: 8000, ...more }) });

testRule(oversizedGpu, {
  detected: [
    { name: 'light inference on a large card', ...small({ utilization: 6, load: 0.02 }) },
    { name: 'full of tiny kernels', ...small({ utilization: 97, load: 0.2 }) },
    {
      name: 'without power, lightly used',
      ...small({ utilization: 6, load: null, watts: null }),
    },
    {
      name: 'waits, and the host is quiet',
      ...small({ utilization: 40, load: 0.15, ...quietHost }),
    },
  ],
  clear: [
    { name: 'well used', ...small({ utilization: 97, load: 0.85 }) },
    {
      name: 'one of two phases needs the GPU',
      gpu: aGpu()
        .busy('10m', { heldMib: 8000, utilization: 6, load: 0.02 })
        .idle('10m', { heldMib: 8000 })
        .busy('10m', { heldMib: 8000, utilization: 97, load: 0.9 }),
    },
    { name: 'never at work', gpu: aGpu().idle('1h', { heldMib: 8000 }) },
  ],
  notJudged: [
    {
      name: 'most memory is held, perhaps pre-allocated',
      ...small({ utilization: 6, load: 0.02, heldMib: 72_000 }),
    },
    { name: 'it waits, and nobody watched the host', ...small({ utilization: 40, load: 0.15 }) },
    {
      name: 'it waits for storage',
      ...small({
        utilization: 40,
        load: 0.15,
        ...host({ psiIoShare: 0.6, diskReadBytesPerS: 90 * mib }),
      }),
    },
    {
      name: 'it waits, and nobody watched the network',
      ...small({
        utilization: 40,
        load: 0.15,
        host: { psiIoShare: 0, diskReadBytesPerS: 0, cpuCoresAllowed: 16 },
        job: quietHost.job,
      }),
    },
    { name: 'busy, and power is unknown', ...small({ utilization: 97, load: null, watts: null }) },
    { name: 'memory is not reported', ...small({ utilization: 6, heldMib: null }) },
    {
      name: 'unified memory: the size is not known',
      gpu: aGpu().busy('10m', { utilization: 6, heldMib: 8000 }).identity({ memoryTotalMib: null }),
    },
    { name: 'half a minute', gpu: aGpu().busy('30s', { utilization: 6, heldMib: 8000 }) },
    { name: 'MIG', gpu: aGpu().busy('10m', { utilization: 6, heldMib: 8000 }).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 6, load: 0.02, heldMib: 8000 }) },
      { gpu: aGpu().busy('59999ms', { utilization: 6, load: 0.02, heldMib: 8000 }) },
    ],
    memoryBelow: [
      small({ utilization: 6, load: 0.02, heldMib: 31_999 }),
      small({ utilization: 6, load: 0.02, heldMib: 32_000 }),
    ],
    lightBelow: [small({ utilization: 9.9, load: 0.02 }), small({ utilization: 10, load: 0.02 })],
    utilizationBelow: [
      small({ utilization: 49.9, load: 0.4, ...quietHost }),
      small({ utilization: 50, load: 0.4, ...quietHost }),
    ],
    loadBelow: [small({ utilization: 97, load: 0.299 }), small({ utilization: 97, load: 0.3 })],
    waitBelow: [small({ utilization: 80.1, load: 0.2 }), small({ utilization: 80, load: 0.2 })],
    waitUntil: [
      {
        ...small({ utilization: 88.1, load: 0.2 }),
        others: [aGpu(1).busy('10m', { utilization: 70 })],
      },
      {
        ...small({ utilization: 88, load: 0.2 }),
        others: [aGpu(1).busy('10m', { utilization: 70 })],
      },
    ],
    reading: [
      small({
        utilization: 40,
        load: 0.15,
        ...host({ networkRxBytesPerS: 10 * mib - 1 }),
      }),
      small({ utilization: 40, load: 0.15, ...host({ networkRxBytesPerS: 10 * mib }) }),
    ],
    dState: [
      small({ utilization: 40, load: 0.15, ...host({}, { dStateShare: 0.199 }) }),
      small({ utilization: 40, load: 0.15, ...host({}, { dStateShare: 0.2 }) }),
    ],
    psiIo: [
      small({ utilization: 40, load: 0.15, ...host({ psiIoShare: 0.199 }) }),
      small({ utilization: 40, load: 0.15, ...host({ psiIoShare: 0.2 }) }),
    ],
    iowait: [
      small({ utilization: 40, load: 0.15, ...host({ cpuIowaitShare: 0.049 }) }),
      small({ utilization: 40, load: 0.15, ...host({ cpuIowaitShare: 0.05 }) }),
    ],
    diskBusy: [
      small({ utilization: 40, load: 0.15, ...host({ diskBusyShare: 0.799 }) }),
      small({ utilization: 40, load: 0.15, ...host({ diskBusyShare: 0.8 }) }),
    ],
    workerBusy: [
      small({ utilization: 40, load: 0.15, ...host({}, { workerCpuShare: 0.899 }) }),
      small({ utilization: 40, load: 0.15, ...host({}, { workerCpuShare: 0.9 }) }),
    ],
    coresBusy: [
      small({ utilization: 40, load: 0.15, ...host({}, { cpuCores: 14.3 }) }),
      small({ utilization: 40, load: 0.15, ...host({}, { cpuCores: 14.4 }) }),
    ],
    cgroupThrottled: [
      small({ utilization: 40, load: 0.15, ...host({}, { cgroupThrottledShare: 0.249 }) }),
      small({ utilization: 40, load: 0.15, ...host({}, { cgroupThrottledShare: 0.25 }) }),
    ],
  },
});

test('a wrapped command that ran no kernel shows no need of any size', () => {
  const held = judgeCase(oversizedGpu, small({ utilization: 0, load: 0 }));
  expect(held.findings).toEqual([]);
  expect(held.notJudged[0]?.reason).toContain('no kernel ran');
  expect(judgeCase(oversizedGpu, small({ utilization: 1, load: 0 })).findings).toHaveLength(1);
});
