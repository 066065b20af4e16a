import { expect, test } from 'vitest';
import { pcieDegraded } from '../../src/rules/pcie-degraded.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const narrow = { gen: 5, width: 8 };
const old = { gen: 1, width: 16 };
const full = { gen: 5, width: 16 };

testRule(pcieDegraded, {
  detected: [
    {
      name: 'half the lanes of a job that waits',
      gpu: aGpu().busy('1h', { utilization: 60, link: narrow }),
      severity: 'warning',
    },
    {
      name: 'the first generation of five',
      gpu: aGpu().busy('1h', { utilization: 60, link: old }),
      severity: 'warning',
    },
    {
      name: 'low, but nothing waits for it',
      gpu: aGpu().busy('1h', { utilization: 100, link: narrow }),
      severity: 'info',
    },
    {
      name: 'low, but hardly anything is copied',
      gpu: aGpu().busy('1h', { utilization: 60, link: narrow, pcie: 20 }),
      severity: 'info',
    },
  ],
  clear: [
    { name: 'the whole link', gpu: aGpu().busy('1h', { link: full }) },
    { name: 'low only while idle', gpu: aGpu().busy('1h').idle('1h', { heldMib: 20_000 }) },
    { name: 'low now and then', gpu: aGpu().busy('2m', { link: old }).busy('10m') },
  ],
  notJudged: [
    { name: 'the link was not reported', gpu: aGpu().busy('1h', { link: null }) },
    { name: 'never under load', gpu: aGpu().busy('1h', { utilization: 30, link: old }) },
    { name: 'idle', gpu: aGpu().idle('1h') },
    { name: 'MIG', gpu: aGpu().busy('1h', { link: narrow }).mig() },
  ],
  edges: {
    lowFor: [
      { gpu: aGpu().busy('60s', { link: narrow }) },
      { gpu: aGpu().busy('59999ms', { link: narrow }).busy('1s') },
    ],
    lowShare: [
      { gpu: aGpu().busy('10m', { link: narrow }).busy('10m') },
      { gpu: aGpu().busy('10m', { link: narrow }).busy('601s') },
    ],
  },
});

test('wins back no more than its copies could, and never more than was waited', () => {
  const recoverable = (pcie: number | null) =>
    judgeCase(pcieDegraded, { gpu: aGpu().busy('1h', { utilization: 60, link: narrow, pcie }) })
      .findings[0]?.recoverableMs;
  // Waited 24 min; on twice the lanes half of it.
  expect(recoverable(null)).toBe(720_000);
  expect(recoverable(25_000)).toBe(720_000);
  // 3,004 MiB/s is a tenth of what 8 lanes of the fifth generation carry: 6 min of copies, half of them too many.
  expect(recoverable(3_004.5)).toBeGreaterThan(179_000);
  expect(recoverable(3_004.5)).toBeLessThan(181_000);
});
