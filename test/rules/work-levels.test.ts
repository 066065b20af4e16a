import { expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { judge } from '../../src/rules/run.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** Minutes at utilization, memory utilization and watts of 700; two GPUs of one machine do the same. */
type Part = readonly [minutes: number, utilization: number, memory: number, watts: number];

const startMs = Date.UTC(2026, 0, 5);

async function findingsOf(...parts: readonly Part[]): Promise<readonly Finding[]> {
  const held: Part = [1, 0, 0, 120];
  const seconds = [held, ...parts].flatMap(([minutes, ...readings]) =>
    Array.from({ length: 60 * minutes }, () => readings),
  );
  const rows = seconds.flatMap(([utilization, memory, watts], second) => {
    const stamp = new Date(startMs + 1000 * second).toISOString();
    return [0, 1].map(
      (gpu) => `${stamp}, ${gpu}, ${utilization} %, ${memory} %, 70000 MiB, ${watts} W, 700 W`,
    );
  });
  const head =
    'timestamp, index, utilization.gpu [%], utilization.memory [%], memory.used [MiB], power.draw [W], power.limit [W]';
  const usage = await usageOfLog(`${[head, ...rows].join('\n')}\n`);
  return judge(usage, (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }), {}, rules).findings;
}

const working: Part = [24, 97, 40, 600];
const minutes = (finding: Finding | undefined) =>
  finding?.intervals.map(({ startMs: a, endMs: b }) =>
    [a, b].map((ms) => Math.round((ms - startMs) / 60_000)),
  );

test('a hang at the end of good work is the hang alone, and the work before it is not accused', async () => {
  const findings = await findingsOf(working, [15, 100, 0, 152]);
  expect(findings.map(({ rule }) => rule)).toEqual(['hung-collective']);
  expect(minutes(findings[0])).toEqual([[25, 40]]);
});

test('an hour at little power does not make the hour before it hollow', async () => {
  const findings = await findingsOf([60, 97, 40, 640], [60, 98, 12, 220], [60, 97, 40, 640]);
  expect(findings.map(({ rule }) => rule)).toEqual(['hollow-busy']);
  expect(minutes(findings[0])).toEqual([[61, 121]]);
});

test('hours of good work do not hide a quarter of one at little power', async () => {
  const findings = await findingsOf([120, 97, 40, 640], [15, 98, 12, 220], [30, 97, 40, 640]);
  expect(findings.map(({ rule }) => rule)).toEqual(['hollow-busy']);
  expect(minutes(findings[0])).toEqual([[121, 136]]);
});

test('an hour of starving in a day of work is found, and only that', async () => {
  const findings = await findingsOf([600, 97, 40, 640], [60, 38, 15, 300], [720, 97, 40, 640]);
  expect(findings.map(({ rule }) => rule)).toEqual(['undetermined-wait']);
  expect(minutes(findings[0])).toEqual([[601, 661]]);
});
