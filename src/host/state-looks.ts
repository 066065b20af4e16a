import { join } from 'node:path';
import type { StateLooks } from './job-rates.ts';
import type { ProcFiles } from './proc-file.ts';
import { type ProcessTable, readStat } from './process-table.ts';

/** A process whose state is looked at between two scans. */
export interface WatchedProcess {
  readonly pid: number;
  readonly startTicks: number;
  /** Its threads that used CPU: one that waits for storage shows only in its own state. */
  readonly threads: readonly number[];
}

/** Counts how often processes are found in uninterruptible sleep. */
export interface StateWatch {
  look(): void;
  /** Adds the scan itself as a look, hands out the counts since the last call, and starts anew. */
  take(table: ProcessTable, inDState: (pid: number) => boolean): ReadonlyMap<number, StateLooks>;
  watch(processes: readonly WatchedProcess[]): void;
}

export function createStateWatch(procRoot: string, files: ProcFiles): StateWatch {
  let watched: readonly WatchedProcess[] = [];
  let counts = new Map<number, StateLooks>();

  const add = (pid: number, isInDState: boolean): void => {
    const so = counts.get(pid) ?? { looks: 0, inDState: 0 };
    counts.set(pid, { looks: so.looks + 1, inDState: so.inDState + (isInDState ? 1 : 0) });
  };
  const stateOf = (pid: number, thread: number): string | undefined =>
    readStat(join(procRoot, String(pid), 'task', String(thread), 'stat'), files)?.state;

  return {
    look() {
      for (const { pid, startTicks, threads } of watched) {
        const stat = readStat(join(procRoot, String(pid), 'stat'), files);
        if (stat === null || stat.startTicks !== startTicks) continue;
        add(pid, stat.state === 'D' || threads.some((thread) => stateOf(pid, thread) === 'D'));
      }
    },
    take(table, inDState) {
      for (const [pid, stat] of table) add(pid, stat.state === 'D' || inDState(pid));
      const taken = counts;
      counts = new Map();
      return taken;
    },
    watch(processes) {
      watched = processes;
    },
  };
}
