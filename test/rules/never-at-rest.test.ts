import { expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** Ten minutes of even work, from the first row to the last: the idle power is not in it. */
async function judged(readings: string) {
  const startMs = Date.UTC(2026, 0, 5);
  const rows = Array.from({ length: 600 }, (_, second) => {
    const stamp = new Date(startMs + 1000 * second).toISOString();
    return `${stamp}, ${readings}`;
  });
  const head =
    'timestamp, utilization.gpu [%], utilization.memory [%], memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W]';
  const usage = await usageOfLog(`${[head, ...rows].join('\n')}\n`);
  const of = (gpu: { readonly nominalMs: number }) => ({ spec: null, intervalMs: gpu.nominalMs });
  return judge(usage, of, {}, rules);
}

const found = async (readings: string) => (await judged(readings)).findings.map(({ rule }) => rule);
const paging = (watts: number) => `99 %, 99 %, 12200 MiB, 12282 MiB, ${watts} W, 285 W`;
const hollow = (watts: number) => `99 %, 12 %, 50000 MiB, 81559 MiB, ${watts} W, 700 W`;

test('paging is found by power below the share of the limit that load can not exceed', async () => {
  expect(await found(paging(95))).toEqual(['memory-oversubscribed']);
  expect(await found(paging(128.2))).toEqual(['memory-oversubscribed']);
  const [finding] = (await judged(paging(95))).findings;
  expect(finding?.evidence.at(-1)).toMatchObject({ threshold: 0.45, comparison: '<' });
  expect(finding?.severity).toBe('warning');
  expect(finding?.evidence.at(-1)?.value).toBeCloseTo(95 / 285);
});

test('so is a GPU that is hollow', async () => {
  expect(await found(hollow(260))).toEqual(['hollow-busy']);
  expect(await found(hollow(419.9))).toEqual(['hollow-busy']);
});

test('above it nothing is said, nor called clear', async () => {
  for (const [readings, rule] of [
    [paging(128.3), 'memory-oversubscribed'],
    [hollow(420), 'hollow-busy'],
  ] as const) {
    const { findings, notJudged } = await judged(readings);
    expect(findings).toEqual([]);
    expect(notJudged.find((one) => one.rule === rule)?.reason).toContain('at rest');
  }
});

test('work at full power stays silent', async () => {
  expect(await found('99 %, 45 %, 70000 MiB, 81559 MiB, 640 W, 700 W')).toEqual([]);
});
