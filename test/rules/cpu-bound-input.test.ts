import { expect, test } from 'vitest';
import { cpuBoundInput } from '../../src/rules/cpu-bound-input.ts';
import { host, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const waits = (signals: object, utilization = 40) => ({
  gpu: aGpu().busy('10m', { utilization, ...signals }),
});
const fullWorkers = host({}, { workers: 2, workerCpuShare: 0.99, cpuCores: 2.4 });

testRule(cpuBoundInput, {
  detected: [
    { name: 'two workers at their limit, 13 cores free', ...waits(fullWorkers) },
    {
      name: 'all allowed cores are used',
      ...waits(host({ cpuCoresAllowed: 4 }, { cpuCores: 3.9 })),
    },
    { name: 'the quota is used up', ...waits(host({}, { cgroupThrottledShare: 0.8 })) },
  ],
  clear: [
    { name: 'the host is quiet', ...waits(quietHost) },
    { name: 'full workers that keep up', ...waits(fullWorkers, 96) },
    { name: 'a busy share without workers', ...waits(host({}, { workers: 0, workerCpuShare: 1 })) },
  ],
  notJudged: [
    { name: 'the job is not visible', ...waits({ host: quietHost.host }) },
    { name: 'no CPU signal of the job', ...waits({ job: { dStateShare: 0.1 } }) },
    { name: 'MIG', gpu: aGpu().busy('10m', fullWorkers).mig() },
  ],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 40, ...fullWorkers }) },
      { gpu: aGpu().busy('59999ms', { utilization: 40, ...fullWorkers }) },
    ],
    waitBelow: [waits(fullWorkers, 80), waits(fullWorkers, 80.1)],
    waitUntil: [
      {
        gpu: aGpu(0).busy('10m', { utilization: 88, ...fullWorkers }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...fullWorkers })],
      },
      {
        gpu: aGpu(0).busy('10m', { utilization: 88.1, ...fullWorkers }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...fullWorkers })],
      },
    ],
    workerBusy: [
      waits(host({}, { workerCpuShare: 0.9 })),
      waits(host({}, { workerCpuShare: 0.899 })),
    ],
    coresBusy: [
      waits(host({ cpuCoresAllowed: 10 }, { cpuCores: 9 })),
      waits(host({ cpuCoresAllowed: 10 }, { cpuCores: 8.99 })),
    ],
    cgroupThrottled: [
      waits(host({}, { cgroupThrottledShare: 0.25 })),
      waits(host({}, { cgroupThrottledShare: 0.249 })),
    ],
  },
});

test('the first remedy names how many workers would keep up', () => {
  const { findings } = judgeCase(cpuBoundInput, waits(fullWorkers));
  expect(findings[0]?.remediation[0]?.action).toBe(
    'Use 5 loader workers: 2 are at their limit and 13 cores are free.',
  );
});

test('without a free core, more workers are the last remedy', () => {
  const full = host({ cpuCoresAllowed: 2 }, { workers: 2, workerCpuShare: 0.97, cpuCores: 2 });
  const remedies = judgeCase(cpuBoundInput, waits(full)).findings[0]?.remediation ?? [];
  expect(remedies.at(-1)?.action).toContain('more loader workers');
});
