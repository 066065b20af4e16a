import { expect, test } from 'vitest';
import { periodicStall } from '../../src/rules/periodic-stall.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

const held = { heldMib: 40_000 };
const epochs = (busy: string, stall: string, times: number, work: object = {}) =>
  aGpu()
    .busy(busy, { utilization: 96, ...work })
    .idle(stall, held)
    .times(times)
    .busy(busy, { utilization: 96, ...work });

testRule(periodicStall, {
  detected: [
    { name: 'validation after each epoch', gpu: epochs('270s', '40s', 8), severity: 'warning' },
    { name: 'a few seconds in every minute', gpu: epochs('50s', '10s', 60), severity: 'warning' },
    {
      name: 'dips that do not reach zero',
      gpu: aGpu().busy('120s', { utilization: 96 }).busy('30s', { utilization: 40 }).times(10),
    },
  ],
  clear: [
    { name: 'even work', gpu: aGpu().busy('2h') },
    { name: 'a checkpoint an hour', gpu: epochs('1h', '30s', 8) },
    {
      name: 'pauses at irregular times',
      gpu: aGpu()
        .busy('4m')
        .idle('40s', held)
        .busy('11m')
        .idle('40s', held)
        .busy('1m')
        .idle('40s', held)
        .busy('17m')
        .idle('40s', held)
        .busy('7m')
        .idle('40s', held)
        .busy('2m')
        .idle('40s', held)
        .busy('23m'),
    },
    { name: 'idle', gpu: aGpu().idle('2h', held) },
  ],
  notJudged: [
    { name: 'a sample a minute', gpu: epochs('270s', '40s', 8).every('60s'), keepInterval: true },
    { name: 'worked for four minutes', gpu: aGpu().busy('4m') },
    { name: 'MIG', gpu: epochs('270s', '40s', 8).mig() },
  ],
  edges: {
    workFor: [{ gpu: epochs('20s', '8s', 10) }, { gpu: epochs('20s', '7s', 10) }],
    interval: [
      { gpu: epochs('270s', '40s', 8).every('9999ms') },
      { gpu: epochs('270s', '40s', 8).every('10s') },
    ],
    lostShare: [
      { gpu: epochs('255s', '15s', 9, { utilization: 100 }) },
      { gpu: epochs('260s', '15s', 9, { utilization: 100 }) },
    ],
  },
  wording: ['writeRise', 'writeFrom'],
});

const summaryWith = (during: number, between: number) => {
  const host = (diskWriteBytesPerS: number) => ({ host: { diskWriteBytesPerS } });
  const gpu = aGpu()
    .busy('260s', { utilization: 96, ...host(between) })
    .busy('40s', { utilization: 0, ...host(during) })
    .times(8);
  return judgeCase(periodicStall, { gpu }).findings[0]?.summary ?? '';
};

test.each([
  [3e8, 1e6, true],
  [1.1e7, 1e6, true],
  [0.9e7, 1e6, false],
  [3.3e8, 1e8, true],
  [2.7e8, 1e8, false],
])('writes of %d bytes/s against %d between are a checkpoint: %s', (during, between, is) => {
  expect(summaryWith(during, between).includes('checkpoint')).toBe(is);
});

test('says how often, how long and how much', () => {
  const [finding] = judgeCase(periodicStall, { gpu: epochs('260s', '40s', 8) }).findings;
  expect(finding?.summary).toMatch(/every 5 min for 4[0-5] s on average, 8 times/);
  expect(finding?.recoverableMs).toBeGreaterThan(300_000);
  expect(finding?.recoverableMs).toBeLessThan(440_000);
});

test('the length that it says is the mean of the intervals that it names', () => {
  const gpu = aGpu()
    .busy('300s', { utilization: 96 })
    .idle('40s', held)
    .busy('305s', { utilization: 96 })
    .idle('40s', held)
    .busy('320s', { utilization: 96 })
    .idle('20s', held)
    .times(4)
    .busy('300s', { utilization: 96 });
  const [finding] = judgeCase(periodicStall, { gpu }).findings;
  const lengths = (finding?.intervals ?? []).map(({ startMs, endMs }) => endMs - startMs);
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  const evidence = finding?.evidence.find(({ signal }) => signal === 'mean length of a stall');
  expect(lengths).toHaveLength(12);
  expect(evidence?.value).toBe(Math.round(mean));
  expect(finding?.summary).toContain(`for ${Math.round(mean / 1000)} s on average, 12 times`);
  // Not 6 min: the intervals begin 5.7 minutes apart.
  expect(finding?.summary).toMatch(/every 5\.\d min/);
});
