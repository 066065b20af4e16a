import { expect, test } from 'vitest';
import type { ProcessStat } from '../../src/host/process-stat.ts';
import { createWorkerBirths } from '../../src/host/worker-births.ts';

function table(processes: Readonly<Record<number, readonly [name: string, start: number]>>) {
  return new Map(
    Object.entries(processes).map(([pid, [name, startTicks]]): [number, ProcessStat] => [
      Number(pid),
      {
        name,
        startTicks,
        state: 'S',
        parent: 1,
        isKernelThread: false,
        majorFaults: 0,
        ownTicks: 0,
        reapedTicks: 0,
      },
    ]),
  );
}

test('workers in place of ended ones are counted, the first ones are not', () => {
  const births = createWorkerBirths();
  const take = (processes: Parameters<typeof table>[0]) =>
    births.take(1, Object.keys(processes).map(Number), table(processes));
  expect(take({ 1: ['python', 1] })).toBeNull();
  expect(take({ 1: ['python', 1], 2: ['python', 10], 3: ['python', 10] })).toBe(0);
  // Ended and made anew between two scans, with a pid taken again.
  expect(take({ 1: ['python', 1], 2: ['python', 20], 4: ['python', 20] })).toBe(2);
  expect(take({ 1: ['python', 1], 2: ['python', 20], 4: ['python', 20] })).toBe(0);
  expect(take({ 1: ['python', 1] })).toBe(0);
  expect(take({ 1: ['python', 1], 5: ['python', 40] })).toBe(1);
});

test('compilers and shells that come and go are no workers, those that say so are', () => {
  const births = createWorkerBirths();
  const take = (processes: Parameters<typeof table>[0]) =>
    births.take(1, Object.keys(processes).map(Number), table(processes));
  take({ 1: ['python', 1], 2: ['ptxas', 5], 3: ['pt_data_worker', 5] });
  expect(take({ 1: ['python', 1], 4: ['ptxas', 9], 5: ['pt_data_worker', 9] })).toBe(1);
});
