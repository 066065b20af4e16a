import type { ProcessTable } from './process-table.ts';

/** Counts workers that are started in place of ended ones, over the scans of one job. */
export interface WorkerBirths {
  /** Those since the previous call; null at the first one. */
  take(main: number, members: readonly number[], table: ProcessTable): number | null;
}

/** Loader processes that name themselves (PyTorch: pt_data_worker). */
const workerName = /worker|loader/i;

/**
 * A loader that is forked has its parent's name, or calls itself a worker; compilers and shells that a job starts
 * have other names, and are not counted.
 */
export function createWorkerBirths(): WorkerBirths {
  let living: ReadonlyMap<number, { readonly startTicks: number; readonly name: string }> | null =
    null;
  const ended = new Set<string>();
  return {
    take(main, members, table) {
      const mainName = table.get(main)?.name;
      const now = new Map<number, { readonly startTicks: number; readonly name: string }>();
      for (const pid of members) {
        const stat = table.get(pid);
        if (pid === main || stat === undefined) continue;
        if (stat.name !== mainName && !workerName.test(stat.name)) continue;
        now.set(pid, { startTicks: stat.startTicks, name: stat.name });
      }
      const before = living;
      living = now;
      if (before === null) return null;
      for (const [pid, worker] of before) {
        if (now.get(pid)?.startTicks !== worker.startTicks) ended.add(worker.name);
      }
      let born = 0;
      for (const [pid, worker] of now) {
        const isNew = before.get(pid)?.startTicks !== worker.startTicks;
        if (isNew && ended.has(worker.name)) born += 1;
      }
      return born;
    },
  };
}
