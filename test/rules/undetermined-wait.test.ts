import { expect, test } from 'vitest';
import { undeterminedWait } from '../../src/rules/undetermined-wait.ts';
import { quietHost } from '../kit/host-signals.ts';
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
  wording: ['lightBelow'],
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
