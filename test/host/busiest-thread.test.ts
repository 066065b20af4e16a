import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createThreadWatch } from '../../src/host/busiest-thread.ts';
import { createProcFiles, type ProcFiles } from '../../src/host/proc-file.ts';
import { kernelTree, statLine } from './kernel-tree.ts';

/** A process with the given threads' ticks, and a count of the files read. */
function process(initial: Readonly<Record<number, number>>) {
  const tree = kernelTree();
  const files = createProcFiles();
  let reads = 0;
  const counting: ProcFiles = {
    read: (path) => {
      reads += 1;
      return files.read(path);
    },
    list: (path) => files.list(path),
  };
  const set = (ticks: Readonly<Record<number, number>>, start = 1, state = 'S') => {
    for (const [pid, user] of Object.entries(ticks)) {
      const line = statLine({ pid: Number(pid), user, start, state });
      tree.write({ [`proc/100/task/${pid}/stat`]: line });
    }
  };
  const queue = (thread: number, ranNs: number, queuedNs: number) =>
    tree.write({ [`proc/100/task/${thread}/schedstat`]: `${ranNs} ${queuedNs} 12\n` });
  set(initial);
  return {
    set,
    queue,
    end: (thread: number) => tree.remove(`proc/100/task/${thread}`),
    watch: createThreadWatch(join(tree.procRoot, '100'), counting),
    readsOf: (act: () => void): number => {
      const before = reads;
      act();
      return reads - before;
    },
  };
}

it('finds the busiest thread of an interval', () => {
  const { watch, set } = process({ 100: 5000, 101: 10, 102: 10 });
  expect(watch.look(0, null).busiestShare).toBeNull();
  set({ 100: 5100, 101: 490, 102: 20 });
  expect(watch.look(5000, 1.18)).toEqual({
    busiestShare: 0.96,
    busiestQueuedShare: null,
    active: [101, 100],
    blockedThread: null,
  });
});

it('counts a thread that is new from its birth, also under a used id', () => {
  const { watch, set, end } = process({ 100: 0, 101: 400 });
  watch.look(0, null);
  end(101);
  set({ 101: 100 }, 55);
  expect(watch.look(5000, 0.2).busiestShare).toBeCloseTo(0.2);
  set({ 102: 450 }, 66);
  expect(watch.look(10_000, 0.9).busiestShare).toBeCloseTo(0.9);
});

it('reads no thread of a process that did nothing', () => {
  const { watch, readsOf } = process({ 100: 10, 101: 10 });
  watch.look(0, null);
  let look = watch.look(5000, 0);
  expect(look.busiestShare).toBe(0);
  const reads = readsOf(() => {
    look = watch.look(10_000, 0.01);
  });
  expect(look.busiestShare).toBe(0);
  expect(reads).toBe(0);
});

it('sees a thread in D state', () => {
  const { watch, set } = process({ 100: 0 });
  set({ 101: 0 }, 1, 'D');
  expect(watch.look(0, null).blockedThread).not.toBeNull();
});

it('is unknown for a process that is gone', () => {
  const { watch, end } = process({ 100: 0 });
  watch.look(0, null);
  end(100);
  expect(watch.look(5000, null).busiestShare).toBeNull();
});

it('stops reading once no other thread can be the busiest', () => {
  const idle = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [200 + i, 0]));
  const { watch, set, readsOf } = process(idle);
  expect(readsOf(() => watch.look(0, null))).toBe(300);
  set({ 499: 400, 498: 50 });
  // Not known yet as busy, so it has to be searched for.
  expect(watch.look(5000, 0.9).busiestShare).toBeCloseTo(0.8);
  set({ 499: 800, 498: 100 });
  let share: number | null = null;
  const reads = readsOf(() => {
    share = watch.look(10_000, 0.9).busiestShare;
  });
  expect(share).toBeCloseTo(0.8);
  // Its CPU, and how long it waited for a core.
  expect(reads).toBe(2);
  // Another becomes the busiest: when it used its CPU since it was last read is not known, but then it is.
  set({ 499: 810, 350: 480 });
  expect(watch.look(15_000, 0.98).busiestShare).toBeNull();
  set({ 499: 820, 350: 480 + 450 });
  expect(watch.look(20_000, 0.92).busiestShare).toBeCloseTo(0.9);
});

it('says nothing where too many threads could be the busiest', () => {
  const ids = Array.from({ length: 600 }, (_, i) => 1000 + i);
  const all = (ticks: number) => Object.fromEntries(ids.map((id) => [id, ticks]));
  const { watch, set } = process(all(0));
  watch.look(0, null);
  set(all(5));
  expect(watch.look(5000, 6).busiestShare).toBeNull();
});

it('says how long the busiest thread waited for a core', () => {
  const { watch, set, queue } = process({ 100: 0, 101: 0 });
  watch.look(0, null);
  set({ 101: 150 });
  queue(101, 1_500_000_000, 3_000_000_000);
  expect(watch.look(5000, 0.3).busiestQueuedShare).toBeNull();
  set({ 101: 300 });
  queue(101, 3_000_000_000, 6_250_000_000);
  expect(watch.look(10_000, 0.3)).toMatchObject({ busiestShare: 0.3, busiestQueuedShare: 0.65 });
});

it('does not take a kernel that does not count for one in which nobody waits', () => {
  const { watch, set, queue } = process({ 100: 0 });
  for (const [i, ticks] of [0, 300, 600, 900].entries()) {
    set({ 100: ticks });
    queue(100, 0, 0);
    expect(watch.look(i * 5000, 0.6).busiestQueuedShare).toBeNull();
  }
});
