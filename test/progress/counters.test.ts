import { expect, it } from 'vitest';
import { Counters } from '../../src/progress/counters.ts';

function doneAfter(...counts: readonly (readonly [number, number | null])[]): number | undefined {
  const counters = new Counters();
  counts.forEach(([count, total], i) => counters.add({ unit: 'step', label: '', count, total }, i));
  return counters.take().at(-1)?.done;
}

it('counts the difference, not the last value: a run resumed at 5000', () => {
  expect(doneAfter([5000, 9000], [5010, 9000], [5200, 9000])).toBe(200);
});

it('a bar that is drawn anew each epoch goes on counting', () => {
  expect(doneAfter([0, 100], [100, 100], [0, 100], [60, 100], [100, 100], [10, 100])).toBe(210);
});

it('a bar of another length is another counter, and the one it stands in goes on', () => {
  const counters = new Counters();
  const done = new Map<number | null, number>();
  const see = (count: number, total: number): void => {
    counters.add({ unit: 'step', label: '', count, total }, count);
    for (const reading of counters.take()) done.set(reading.total, reading.done);
  };
  for (let step = 0; step <= 200; step++) {
    see(step, 200);
    if (step > 0 && step % 50 === 0) for (let e = 0; e <= 25; e++) see(e, 25);
  }
  expect([...done]).toEqual([
    [200, 200],
    [25, 100],
  ]);
});

it('dozens of bars before the run leave room for its own', () => {
  const counters = new Counters();
  for (let i = 0; i < 40; i++) counters.add({ unit: 'step', label: `${i}`, count: 1, total: 1 }, i);
  counters.add({ unit: 'step', label: 'train', count: 0, total: 9 }, 50);
  counters.add({ unit: 'step', label: 'train', count: 5, total: 9 }, 51);
  expect(counters.take().at(-1)).toMatchObject({ label: 'train', done: 5 });
});

it('a run that goes back to its last checkpoint has done nothing new by that', () => {
  expect(doneAfter([400, 1000], [540, 1000], [500, 1000], [520, 1000])).toBe(160);
  expect(doneAfter([400, null], [540, null], [500, null], [520, null])).toBe(160);
});

it('nested bars are counters of their own, and a new one is told from its first reading', () => {
  const counters = new Counters();
  counters.add({ unit: 'step', label: 'train', count: 0, total: 10 }, 1);
  counters.add({ unit: 'step', label: 'val', count: 0, total: 5 }, 2);
  counters.add({ unit: 'step', label: 'train', count: 7, total: 10 }, 3);
  expect(counters.take().map(({ label, count, seenMs }) => [label, count, seenMs])).toEqual([
    ['train', 0, 1],
    ['train', 7, 3],
    ['val', 0, 2],
  ]);
  expect(counters.take()).toEqual([]);
});

it('a bar that stands still tells when it last moved', () => {
  const counters = new Counters();
  for (const seenMs of [1, 2, 3])
    counters.add({ unit: 'step', label: '', count: 4, total: 9 }, seenMs);
  expect(counters.take().map(({ seenMs }) => seenMs)).toEqual([1]);
});
