import { join } from 'node:path';
import type { FileCall } from './file-calls.ts';
import type { FileWait, FileWaits } from './file-waits.ts';
import type { Mount } from './mounts.ts';
import type { ProcFiles } from './proc-file.ts';
import type { ProcessStat } from './process-stat.ts';
import { type ProcessTable, readStat } from './process-table.ts';

/** A process whose state is looked at between two scans. */
export interface WatchedProcess {
  readonly pid: number;
  readonly startTicks: number;
  /** Its threads that used CPU: one that waits for storage shows only in its own state. */
  readonly threads: readonly number[];
}

/** Looks at one process's state. */
export interface StateLooks {
  readonly looks: number;
  /**
   * Those that found it waiting in the kernel: in uninterruptible sleep (D), or in a call on a FUSE file, which the
   * kernel lets sleep interruptibly. Sleep in a call on a device, the GPU driver's among them, is not counted.
   */
  readonly inDState: number;
  readonly waits: readonly MountWaits[];
}

/** Of the looks that found a process waiting, those that could be placed on a mount; null: not to be told which. */
export interface MountWaits {
  readonly mount: Mount | null;
  readonly found: number;
  /** Of those, in a call that writes. */
  readonly writing: number;
}

/** Counts how often processes are found waiting in the kernel, and for which mount. */
export interface StateWatch {
  look(): void;
  /** Adds the scan itself as a look, hands out the counts since the last call, and starts anew. */
  take(
    members: ProcessTable,
    blockedThread: (pid: number) => number | null,
  ): ReadonlyMap<number, StateLooks>;
  watch(processes: readonly WatchedProcess[]): void;
}

/** Placing a blocked thread takes two or three reads: no more than this many at a look, the others stay unplaced. */
const mostPlaced = 32;
/** Sleeping processes are looked into only where FUSE is mounted, and so many at a look. */
const mostSleepersPlaced = 16;

interface Counts {
  looks: number;
  inDState: number;
  readonly waits: Map<Mount | null, { found: number; writing: number }>;
}

export function createStateWatch(
  procRoot: string,
  files: ProcFiles,
  fileWaits: FileWaits,
): StateWatch {
  let watched: readonly WatchedProcess[] = [];
  let counts = new Map<number, Counts>();
  let looks = 0;

  const add = (pid: number, wait: FileWait | null): void => {
    let count = counts.get(pid);
    if (count === undefined) {
      count = { looks: 0, inDState: 0, waits: new Map() };
      counts.set(pid, count);
    }
    count.looks += 1;
    if (wait === null || wait.on === 'something-else') return;
    count.inDState += 1;
    const mount = wait.on === 'file' ? wait.mount : null;
    const call: FileCall = wait.on === 'file' ? wait.call : 'other';
    const so = count.waits.get(mount) ?? { found: 0, writing: 0 };
    so.found += 1;
    if (call === 'write') so.writing += 1;
    count.waits.set(mount, so);
  };
  /** Places as many as `left` allows. */
  const budget = () => {
    let left = mostPlaced;
    let sleepersLeft = mostSleepersPlaced;
    return {
      blocked(pid: number, thread: number): FileWait {
        left -= 1;
        return left < 0 ? { on: 'unknown' } : fileWaits.ofBlocked(pid, thread);
      },
      sleeping(pid: number): FileWait | null {
        if (sleepersLeft <= 0 || !fileWaits.hasFuse(pid)) return null;
        sleepersLeft -= 1;
        return fileWaits.ofSleeping(pid, pid);
      },
    };
  };
  const threadStat = (pid: number, thread: number): ProcessStat | null =>
    readStat(join(procRoot, String(pid), 'task', String(thread), 'stat'), files);

  return {
    look() {
      const place = budget();
      looks += 1;
      watched.forEach((_, i) => {
        // Another one first at each look, so that what is beyond the budget is not always the same.
        const process = watched[(i + looks) % watched.length];
        if (process === undefined) return;
        const { pid, startTicks, threads } = process;
        const stat = readStat(join(procRoot, String(pid), 'stat'), files);
        if (stat === null || stat.startTicks !== startTicks) return;
        const blocked =
          stat.state === 'D'
            ? pid
            : threads.find((thread) => threadStat(pid, thread)?.state === 'D');
        if (blocked !== undefined) add(pid, place.blocked(pid, blocked));
        else add(pid, stat.state === 'S' ? place.sleeping(pid) : null);
      });
    },
    take(members, blockedThread) {
      const place = budget();
      for (const [pid, stat] of members) {
        const blocked = stat.state === 'D' ? pid : blockedThread(pid);
        add(pid, blocked === null ? null : place.blocked(pid, blocked));
      }
      const taken = new Map<number, StateLooks>();
      for (const [pid, { waits, ...rest }] of counts) {
        const placed = Array.from(waits, ([mount, so]) => ({ mount, ...so }));
        taken.set(pid, { ...rest, waits: placed });
      }
      counts = new Map();
      return taken;
    },
    watch(processes) {
      watched = processes;
    },
  };
}
