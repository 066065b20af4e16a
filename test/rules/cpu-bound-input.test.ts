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
    {
      name: 'workers that share a core with strangers',
      ...waits(host({}, { workers: 2, workerCpuShare: 0.3, workerQueuedShare: 0.65 })),
    },
    { name: 'the quota is used up', ...waits(host({}, { cgroupThrottledShare: 0.8 })) },
  ],
  clear: [
    { name: 'the host is quiet', ...waits(quietHost) },
    { name: 'full workers that keep up', ...waits(fullWorkers, 96) },
    {
      name: 'workers that wait for something else than a core',
      ...waits(host({}, { workers: 2, workerCpuShare: 0.3, workerQueuedShare: 0.3 })),
    },
    { name: 'a busy share without workers', ...waits(host({}, { workers: 0, workerCpuShare: 1 })) },
  ],
  notJudged: [
    { name: 'the job is not visible', ...waits({ host: quietHost.host }) },
    { name: 'no CPU signal of the job', ...waits({ job: { dStateShare: 0.1 } }) },
    { name: 'MIG', gpu: aGpu().busy('10m', fullWorkers).mig() },
  ],
  wording: ['coresShort'],
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
    'Try num_workers=5: 2 loader workers use 99 % of a core each, 13 cores free.',
  );
});

test('without a free core, more workers are the last remedy', () => {
  const full = host({ cpuCoresAllowed: 2 }, { workers: 2, workerCpuShare: 0.97, cpuCores: 2 });
  const remedies = judgeCase(cpuBoundInput, waits(full)).findings[0]?.remediation ?? [];
  expect(remedies.at(-1)?.action).toContain('more loader workers');
});

test('the summary says what was full, and what was free', () => {
  const summary = (signals: object) =>
    judgeCase(cpuBoundInput, waits(signals)).findings[0]?.summary;
  expect(summary(fullWorkers)).toBe(
    'The GPU waited for 2 loader workers that each used 99 % of a core, and 13 cores were free.',
  );
  expect(summary(host({ cpuCoresAllowed: 4 }, { cpuCores: 3.9, workerCpuShare: 0.5 }))).toBe(
    'The GPU waited while the CPU side of the job had no core to spare: it used 3.9 of 4 cores.',
  );
});

test('a quota that is used up comes before more workers', () => {
  const limited = { cgroupCpuLimitCores: 2, cgroupThrottledShare: 0.8, cpuCoresAllowed: 2 };
  const [finding] = judgeCase(cpuBoundInput, waits(host({}, limited))).findings;
  expect(finding?.summary).toContain('CPU quota of 2 cores');
  expect(finding?.remediation[0]?.action).toBe(
    'Raise the CPU limit of 2 cores: it was used up in 80 % of the periods.',
  );
});

test('workers that are started anew are kept first', () => {
  const reborn = host({}, { ...fullWorkers.job, workersBornPerHour: 60 });
  const remedies = judgeCase(cpuBoundInput, waits(reborn)).findings[0]?.remediation ?? [];
  expect(remedies[0]?.action).toContain('2 of them are started anew about every 2 min');
  expect(remedies[1]?.action).toContain('num_workers=5');
  const once = host({}, { ...fullWorkers.job, workersBornPerHour: 1 });
  expect(judgeCase(cpuBoundInput, waits(once)).findings[0]?.remediation[0]?.action).toContain(
    'num_workers',
  );
});

test('workers that others take the cores from are said to lack cores, not workers (coresShort)', () => {
  const shared = (workerCpuShare: number, workerQueuedShare: number) =>
    judgeCase(
      cpuBoundInput,
      waits(host({}, { workers: 2, workerCpuShare, workerQueuedShare, cpuCores: 0.7 })),
    ).findings[0];
  const finding = shared(0.3, 0.65);
  expect(finding?.summary).toBe(
    'The GPU waited for 2 loader workers that each had 30 % of a core and waited for one in 65 % of the time: cores are short.',
  );
  expect(finding?.evidence).toContainEqual({
    signal: 'a loader worker computing or waiting for a core',
    value: 0.95,
    unit: 'share',
    threshold: 0.9,
    comparison: '>=',
  });
  expect(finding?.remediation[0]?.action).toContain('waited for one in 65 % of the time');
  expect(finding?.remediation.some(({ action }) => action.includes('more loader workers'))).toBe(
    false,
  );
  expect(shared(0.75, 0.2)?.summary).toContain('cores are short');
  expect(shared(0.75, 0.199)?.summary).not.toContain('cores are short');
});
