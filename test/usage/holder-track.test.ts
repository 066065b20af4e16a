import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Divider, jobSpans } from '../../src/usage/attribution.ts';
import { type Epoch, partLength, splitBases } from '../../src/usage/epoch.ts';
import { type Holder, holderOf } from '../../src/usage/holder.ts';
import { HolderTrack } from '../../src/usage/holder-track.ts';
import { anOwner } from '../kit/owners.ts';
import '../kit/property-seed.ts';

const process = (pid: number, startedAt: number | null = null): Holder =>
  holderOf({ pid, name: 'python3', owner: anOwner({ startTicks: pid, startedAt }) });

const present = (
  pid: number,
  memoryMib: number | null = 1000,
  startedAt: number | null = null,
) => ({
  holder: process(pid, startedAt),
  memoryMib,
});

/** Milliseconds of work by pid and basis over all epochs. */
function work(epochs: readonly Epoch[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { holders, ms } of epochs) {
    for (const [i, { pid }] of holders.entries()) {
      for (const [b, basis] of splitBases.entries()) {
        const value = ms[i * partLength + b] ?? 0;
        const key = `${pid} ${basis}`;
        if (value > 0) sums[key] = Math.round((sums[key] ?? 0) + value);
      }
    }
  }
  return sums;
}

describe('the holders of a GPU', () => {
  test('one process alone has all of it, until a list without it', () => {
    const track = new HolderTrack();
    track.list(1000, true, [present(1)]);
    track.list(5000, true, []);
    track.end(9000);
    expect(work(track.epochs(9000))).toEqual({ '1 alone': 4000 });
  });

  test('several share by memory, by SM utilization where it is known, equally where nothing is', () => {
    const byMemory = new HolderTrack();
    byMemory.list(0, true, [present(1, 3000), present(2, 1000)]);
    byMemory.shares(
      10_000,
      new Map([
        [1, 10],
        [2, 30],
      ]),
    );
    expect(work(byMemory.epochs(14_000))).toEqual({
      '1 smUtilization': 2500,
      '2 smUtilization': 7500,
      '1 memory': 3000,
      '2 memory': 1000,
    });
    const unknown = new HolderTrack();
    unknown.list(0, true, [present(1, null), present(2, 1000)]);
    expect(work(unknown.epochs(4000))).toEqual({ '1 equal': 2000, '2 equal': 2000 });
  });

  test('SM utilization of zero on all of them says nothing: by memory', () => {
    const track = new HolderTrack();
    track.list(0, true, [present(1, 3000), present(2, 1000)]);
    track.shares(
      4000,
      new Map([
        [1, 0],
        [2, 0],
      ]),
    );
    expect(work(track.epochs(4000))).toEqual({ '1 memory': 3000, '2 memory': 1000 });
  });

  test('a new process is taken back to its start, but not before the list that lacked it', () => {
    const from = (startedAt: number | null) => {
      const track = new HolderTrack();
      track.list(0, true, []);
      track.list(20_000, true, [present(1, 1000, startedAt)]);
      return track.epochs(30_000).find(({ holders }) => holders.length > 0)?.startMs;
    };
    expect([17_000, 3000, null, 25_000].map(from)).toEqual([17_000, 10_000, 20_000, 20_000]);
  });

  test('hidden processes are nobody that we know, and no jobs', () => {
    const track = new HolderTrack();
    track.list(0, false, [present(1)]);
    expect(track.isVisible).toBe(false);
    expect(work(track.epochs(5000))).toEqual({});
    expect(jobSpans(track, 5000)).toBeNull();
  });

  test('ranks of one job are one, and what else is there at the time is told', () => {
    const launcher = { pid: 9, startTicks: 9, name: 'torchrun' };
    const rank = (pid: number) => ({
      holder: holderOf({ pid, name: 'python3', owner: anOwner({ startTicks: pid, launcher }) }),
      memoryMib: 1,
    });
    const track = new HolderTrack();
    track.list(0, true, [rank(1), rank(2)]);
    track.list(10_000, true, [rank(1), rank(2), present(3)]);
    track.end(20_000);
    expect(jobSpans(track, 20_000)).toMatchObject([
      {
        key: 'tree 9 9',
        name: 'torchrun',
        startMs: 0,
        endMs: 10_000,
        shared: false,
        isWhole: true,
      },
      { key: 'tree 9 9', startMs: 10_000, endMs: 20_000, shared: true },
      { startMs: 10_000, endMs: 20_000, shared: true, isWhole: false },
    ]);
  });

  test('stays small over weeks of change, and loses no time', () => {
    const track = new HolderTrack();
    const lists = 50_000;
    for (let i = 0; i < lists; i++) track.list(i * 10_000, true, [present(i)]);
    const epochs = track.epochs(lists * 10_000);
    expect(epochs.length).toBeLessThan(20_000);
    expect(track.uses.length).toBeLessThanOrEqual(512);
    const sum = Object.values(work(epochs)).reduce((ms, value) => ms + value, 0);
    expect(sum).toBeCloseTo(lists * 10_000, 0);
  });

  test('is the same merged from parts, cut anywhere and joined in any order', () => {
    type Step = { t: number; pids: number[]; sm: number[] | null; ends: boolean };
    const feed = (steps: readonly Step[]) => {
      const track = new HolderTrack();
      for (const { t, pids, sm, ends } of steps) {
        if (ends) track.end(t);
        else if (sm) track.shares(t, new Map(sm.map((value, i) => [i, value])));
        else
          track.list(
            t,
            true,
            pids.map((pid) => present(pid, 100 * (pid + 1), t - 3000)),
          );
      }
      return track;
    };
    const step = fc.record({
      pids: fc.uniqueArray(fc.integer({ min: 0, max: 3 })),
      sm: fc.option(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 })),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(20), fc.nat(20), (drawn, x, y) => {
        const steps = drawn.map((s, i) => ({
          ...s,
          t: 1_000_000 + 7000 * i,
          // A recorder writes lists that differ; the last place names each for itself.
          pids: [...s.pids, 10 + i],
          ends: s.ends && i % 5 === 4,
        }));
        const [a, b] = [Math.min(x, y), Math.max(x, y)];
        const parts = [steps.slice(0, a), steps.slice(a, b), steps.slice(b)].map(feed);
        const [one, two, three] = parts;
        if (!one || !two || !three) return;
        const untilMs = 2_000_000;
        const whole = work(feed(steps).epochs(untilMs));
        const left = HolderTrack.merge(HolderTrack.merge(one, two), three);
        const right = HolderTrack.merge(one, HolderTrack.merge(two, three));
        expect(close(work(left.epochs(untilMs)), whole)).toBe(true);
        expect(close(work(right.epochs(untilMs)), whole)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Sums of real numbers in another order. */
function close(a: Record<string, number>, b: Record<string, number>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => Math.abs((a[key] ?? 0) - (b[key] ?? 0)) <= 2);
}

test('a row longer than its observed time, as at the ends of a recording, is all its holder’s', () => {
  const track = new HolderTrack();
  track.list(1000, true, [present(1)]);
  track.end(3000);
  const divider = new Divider(track.epochs(3000));
  const part = { observedMs: 2000, busyMs: 2000, effectiveMs: 1500, throttledMs: 0 };
  const rest = { unreadMs: 0, effectiveLowMs: 0, effectiveHighMs: 2000, waitingMs: 0 };
  divider.add(0, 0, 5000, { ...part, ...rest, heldMs: 0, emptyMs: 0 });
  const [claims = []] = divider.cells([{ startMs: 0 } as Parameters<Divider['cells']>[0][number]], {
    startMs: -Infinity,
    endMs: Infinity,
    atMs: [],
  });
  expect(claims.map(({ holder, byState }) => [holder?.pid ?? null, byState.effective])).toEqual([
    [1, 1500],
  ]);
});
