import { expect, test } from 'vitest';
import { undeterminedWait } from '../../src/rules/undetermined-wait.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const utilizationOnly = { load: null, heldMib: null, memoryUtilization: null };
const waits = (utilization: number, more: object = {}) => ({
  gpu: aGpu().busy('10m', { utilization, ...more }),
});

testRule(undeterminedWait, {
  detected: [
    { name: 'a log with utilization only', ...waits(38, utilizationOnly), severity: 'warning' },
    { name: 'host signals that decide nothing', ...waits(38, quietHost) },
    { name: 'lightly used with most of the memory held', ...waits(2, { heldMib: 72_000 }) },
    {
      name: 'half of a day',
      gpu: aGpu().busy('12h', { utilization: 38 }),
      severity: 'critical',
    },
    {
      name: 'five minutes of work, two minutes of nothing, again and again',
      gpu: aGpu().busy('2m', { utilization: 97 }).idle('2m', { heldMib: 9000 }).times(8).busy('1m'),
    },
    {
      name: 'a second phase at 84 % after one at 70 %',
      gpu: aGpu()
        .busy('10m', { utilization: 70 })
        .idle('10m', { heldMib: 9000 })
        .busy('10m', { utilization: 84 }),
    },
  ],
  clear: [
    { name: 'well fed', ...waits(97) },
    {
      name: 'eight equal ranks between 83.8 and 85.2 %',
      gpu: aGpu(0).busy('10m', { utilization: 83.8 }),
      others: [84.7, 85.1, 84.6, 85, 85, 84.8, 85.2].map((utilization, i) =>
        aGpu(i + 1).busy('10m', { utilization }),
      ),
    },
    { name: 'idle, not waiting', gpu: aGpu().idle('8h', { heldMib: 9000 }) },
    {
      name: 'slow only while it warms up',
      gpu: aGpu().warmup('10m', { utilization: 20 }).busy('50m', { utilization: 97 }),
    },
  ],
  notJudged: [
    { name: 'half a minute', gpu: aGpu().busy('30s', { utilization: 38 }) },
    { name: 'MIG does not report utilization', gpu: aGpu().busy('10m', { utilization: 38 }).mig() },
  ],
  wording: ['lightBelow', 'swapIn'],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 38 }) },
      { gpu: aGpu().busy('59999ms', { utilization: 38 }) },
    ],
    waitBelow: [waits(80), waits(80.1)],
    waitUntil: [
      {
        gpu: aGpu(0).busy('10m', { utilization: 88 }),
        others: [aGpu(1).busy('10m', { utilization: 80 })],
      },
      {
        gpu: aGpu(0).busy('10m', { utilization: 88.1 }),
        others: [aGpu(1).busy('10m', { utilization: 80 })],
      },
    ],
  },
});

test('below lightBelow it is called lightly used', () => {
  const summary = (utilization: number) =>
    judgeCase(undeterminedWait, waits(utilization)).findings[0]?.summary;
  expect(summary(9.9)).toContain('lightly used');
  expect(summary(10)).not.toContain('lightly used');
});

test('it says which signals are missing', () => {
  const summary = (more: object) =>
    judgeCase(undeterminedWait, waits(38, more)).findings[0]?.summary;
  expect(summary({})).toContain('were not recorded');
  expect(summary({ host: quietHost.host })).toContain('processes were not visible');
  expect(summary(quietHost)).toContain('do not settle the cause');
});

test('a host that is short of memory (swapIn) is told, and comes first', () => {
  const swapping = (swapInBytesPerS: number) =>
    judgeCase(undeterminedWait, waits(38, host({ swapInBytesPerS }))).findings[0];
  expect(swapping(mib)?.summary).toContain('short of memory');
  expect(swapping(mib)?.remediation[0]?.action).toContain('more host memory');
  expect(swapping(mib - 1)?.summary).not.toContain('short of memory');
});

test('it does not advise to record what was recorded', () => {
  const first = (more: object) =>
    judgeCase(undeterminedWait, waits(38, more)).findings[0]?.remediation[0]?.action;
  expect(first({})).toContain('gpucost watch');
  expect(first(quietHost)).toContain('synthetic data');
});

test('waits that are too few to name a cause are told all the same', () => {
  const place = {
    point: '/data',
    type: 'nfs4',
    store: 'network',
    share: 1,
    writingShare: 0,
    readBytesPerS: null,
    readMs: null,
  } as const;
  const seldom = { ...host({}, { dStateShare: 0.1 }), waitPlaces: [place] };
  expect(judgeCase(undeterminedWait, waits(38, seldom)).findings[0]?.summary).toContain(
    'found waiting on nfs4 mount /data, but in 10 % of the looks only',
  );
});

test('it names no cause, and the run that would', () => {
  const [finding] = judgeCase(undeterminedWait, waits(38, utilizationOnly)).findings;
  expect(finding?.alternatives).toEqual([]);
  expect(finding?.decidingTest?.action).toContain('synthetic data');
});

test('of several phases the first numbers are those of the evidence, and all are told apart', () => {
  const gpu = aGpu()
    .busy('10m', { utilization: 40 })
    .idle('10m', { heldMib: 9000 })
    .busy('30m', { utilization: 50 });
  const [finding] = judgeCase(undeterminedWait, { gpu }).findings;
  const waited = finding?.evidence.find(({ signal }) => signal === 'no kernel was resident');
  const minutes = Math.round((waited?.value ?? 0) / 60_000);
  expect(minutes).toBe(15);
  expect(finding?.summary).toMatch(/^[^.]*no kernel ran for 15 min of 30 min\./);
  expect(finding?.summary).toContain('In all 2 such phases no kernel ran for 21 min of 40 min.');
});
