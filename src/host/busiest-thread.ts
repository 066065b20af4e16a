import { join } from 'node:path';
import type { ProcFiles } from './proc-file.ts';
import { ticksPerSecond } from './process-stat.ts';
import { readQueuedNs, readStat } from './process-table.ts';

/** The threads of one process over the time since the previous look. */
interface ThreadLook {
  /** Share of one core that the busiest thread used; null where that is unknown. */
  readonly busiestShare: number | null;
  /** Share of the time in which that thread waited for a core; null where that is unknown. */
  readonly busiestQueuedShare: number | null;
  /** Threads that used CPU, busiest first. */
  readonly active: readonly number[];
  /** A thread found in uninterruptible sleep (D); null where none was. */
  readonly blockedThread: number | null;
}

/** Follows the threads of one process. */
export interface ThreadWatch {
  /**
   * `processShare` is the CPU in cores that the whole process used since the previous look, null where unknown.
   * Threads are read in the order of how busy they were, and no further once the CPU left over cannot hold a
   * busier one. One that was left out and may now be the busiest makes the answer null this once: when it used
   * its CPU is not known.
   */
  look(atMs: number, processShare: number | null): ThreadLook;
}

/** In cores: searching hundreds of idle threads for one that used less than this would cost more than it used. */
const negligibleShare = 0.01;
/** Beyond this many that could each be the busiest, the answer is null: it is not worth what reading costs. */
const mostReadThreads = 512;

/** Of so many of the busiest threads it is kept how long they waited for a core: one of them is the next busiest. */
const mostQueuedThreads = 4;

interface QueuedThread {
  readonly ns: number;
  readonly startTicks: number;
  readonly atMs: number;
}

interface SeenThread {
  readonly ticks: number;
  readonly startTicks: number;
  readonly atMs: number;
}

export function createThreadWatch(processFolder: string, files: ProcFiles): ThreadWatch {
  let seen: ReadonlyMap<number, SeenThread> = new Map();
  let listed: ReadonlySet<number> = new Set();
  let listedAtMs: number | null = null;
  let active: readonly number[] = [];
  let queued: ReadonlyMap<number, QueuedThread> = new Map();

  /** What the thread's CPU is counted from; null where there is nothing to count from. */
  const baselineOf = (thread: number, startTicks: number): SeenThread | null => {
    const earlier = seen.get(thread);
    if (earlier !== undefined && earlier.startTicks === startTicks) return earlier;
    // Not there at the previous look, so all its CPU is of this interval.
    const isBornSince = listedAtMs !== null && (earlier !== undefined || !listed.has(thread));
    return isBornSince && listedAtMs !== null ? { ticks: 0, startTicks, atMs: listedAtMs } : null;
  };

  const readQueued = (
    threads: readonly number[],
    stats: ReadonlyMap<number, SeenThread>,
    atMs: number,
  ): ReadonlyMap<number, QueuedThread> =>
    new Map(
      threads.flatMap((thread) => {
        const ns = readQueuedNs(join(processFolder, 'task', String(thread)), files);
        const startTicks = stats.get(thread)?.startTicks;
        return ns === null || startTicks === undefined ? [] : [[thread, { ns, startTicks, atMs }]];
      }),
    );

  return {
    look(atMs, processShare) {
      const threads = files.list(join(processFolder, 'task'))?.map(Number) ?? [];
      const living = new Set(threads);
      const next = new Map([...seen].filter(([thread]) => living.has(thread)));
      const shares = new Map<number, number>();
      let left = processShare ?? Number.POSITIVE_INFINITY;
      let busiest = 0;
      /** The most that threads without a reading at the previous look can have used since. */
      let perhapsBusiest = 0;
      let blockedThread: number | null = null;
      let isSettled = true;
      let read = 0;
      for (const thread of inOrder(active, living)) {
        // New threads are always read: they need a baseline.
        if (seen.has(thread) && left <= busiest + negligibleShare) continue;
        if (read >= mostReadThreads) {
          isSettled = left <= busiest + negligibleShare;
          break;
        }
        read += 1;
        const stat = readStat(join(processFolder, 'task', String(thread), 'stat'), files);
        if (stat === null) continue;
        if (stat.state === 'D') blockedThread ??= thread;
        next.set(thread, { ticks: stat.ownTicks, startTicks: stat.startTicks, atMs });
        const baseline = baselineOf(thread, stat.startTicks);
        if (baseline === null || baseline.atMs >= atMs) continue;
        const coreMs = (Math.max(0, stat.ownTicks - baseline.ticks) * 1000) / ticksPerSecond;
        const share = coreMs / (atMs - baseline.atMs);
        if (share > 0) shares.set(thread, share);
        if (listedAtMs !== null && baseline.atMs < listedAtMs) {
          perhapsBusiest = Math.max(perhapsBusiest, Math.min(coreMs / (atMs - listedAtMs), left));
          continue;
        }
        left -= share;
        busiest = Math.max(busiest, share);
      }
      isSettled &&= perhapsBusiest <= busiest + negligibleShare;
      const isKnown = listedAtMs !== null && listedAtMs < atMs && threads.length > 0 && isSettled;
      seen = next;
      listed = living;
      listedAtMs = threads.length > 0 ? atMs : null;
      active = [...shares].sort(([, a], [, b]) => b - a).map(([thread]) => thread);
      const queuedBefore = queued;
      queued = readQueued(active.slice(0, mostQueuedThreads), next, atMs);
      const [first] = active;
      return {
        busiestShare: isKnown ? Math.min(1, busiest) : null,
        busiestQueuedShare:
          isKnown && first !== undefined
            ? queuedShare(queuedBefore.get(first), queued.get(first))
            : null,
        active,
        blockedThread,
      };
    },
  };
}

/** Null without both ends, and where the id went to another thread meanwhile. */
function queuedShare(
  before: QueuedThread | undefined,
  after: QueuedThread | undefined,
): number | null {
  if (before === undefined || before.startTicks !== after?.startTicks) return null;
  const elapsedNs = (after.atMs - before.atMs) * 1e6;
  const rise = after.ns - before.ns;
  return elapsedNs <= 0 || rise < 0 ? null : Math.min(1, rise / elapsedNs);
}

/** All of `living`, those of `first` before the others. */
function inOrder(first: readonly number[], living: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...first.filter((thread) => living.has(thread)), ...living]);
}
