import { expect, test } from 'vitest';
import { idleHeld } from '../../src/rules/idle-held.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const held = { heldMib: 16_000 };

testRule(idleHeld, {
  detected: [
    { name: 'left open overnight', gpu: aGpu().busy('1h').idle('8h', held), severity: 'critical' },
    {
      name: 'the tail of 883 s after three quarters of an hour',
      gpu: aGpu().busy('45m').idle('883s', held),
      severity: 'warning',
    },
    {
      name: 'six minutes in two hours',
      gpu: aGpu().busy('1h').idle('6m', held).busy('54m'),
      severity: 'info',
    },
    {
      name: 'a third of a short session',
      gpu: aGpu().busy('14m').idle('7m', held),
      severity: 'warning',
    },
    {
      name: 'memory is not reported: idle all the same',
      gpu: aGpu().busy('1h', { heldMib: null }).idle('8h', { heldMib: null }),
    },
    { name: 'loaded, and never asked', gpu: aGpu().idle('6m', held) },
    { name: 'on one of two GPUs', gpu: aGpu().idle('1h', held), others: [aGpu(1).busy('1h')] },
  ],
  clear: [
    { name: 'pauses for validation', gpu: aGpu().busy('40m').idle('2m', held).times(6) },
    { name: 'idle and empty', gpu: aGpu().busy('1h').idle('8h') },
    { name: 'always at work', gpu: aGpu().busy('8h') },
  ],
  notJudged: [
    { name: 'too short', gpu: aGpu().idle('3m', held) },
    { name: 'MIG does not report utilization', gpu: aGpu().idle('8h', held).mig() },
  ],
  edges: {
    idleFor: [
      { gpu: aGpu().busy('1h').idle('5m', held).busy('1h') },
      { gpu: aGpu().busy('1h').idle('299999ms', held) },
    ],
    mostlyIdle: [
      { gpu: aGpu().idle('3m', held).busy('6m').idle('3m', held) },
      { gpu: aGpu().idle('3m', held).busy('360001ms').idle('3m', held) },
    ],
    warningFor: [
      { gpu: aGpu().busy('4h').idle('14m', held), severity: 'warning' },
      { gpu: aGpu().busy('4h').idle('839999ms', held), severity: 'info' },
    ],
    warningShare: [
      { gpu: aGpu().busy('18m').idle('6m', held), severity: 'warning' },
      { gpu: aGpu().busy('1081s').idle('6m', held), severity: 'info' },
    ],
    criticalFor: [
      { gpu: aGpu().busy('8h').idle('1h', held), severity: 'critical' },
      { gpu: aGpu().busy('8h').idle('3599999ms', held), severity: 'warning' },
    ],
  },
});

test('says how long in a stretch, and of how many', () => {
  const said = (times: number) =>
    judgeCase(idleHeld, { gpu: aGpu().busy('1h').idle('20m', held).times(times).busy('1h') })
      .findings[0]?.summary;
  expect(said(1)).toContain(': 20 min in one stretch.');
  expect(said(2)).toContain(': 20 min in the longest of 2 stretches.');
});
