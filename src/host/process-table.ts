import { join } from 'node:path';
import { type ProcFiles, textOf } from './proc-file.ts';
import { type ProcessStat, parseProcessStat } from './process-stat.ts';

export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** Large hosts run a thousand kernel threads and more: their pids are looked at again only every so many scans. */
const scansBetweenKernelThreadChecks = 60;

/** Returns a function that reads the stat of every process once; kernel threads are left out. */
export function createProcessScan(procRoot: string, files: ProcFiles): () => ProcessTable {
  let kernelThreads = new Set<string>();
  let scans = 0;
  return () => {
    if (scans % scansBetweenKernelThreadChecks === 0) kernelThreads = new Set();
    scans += 1;
    const table = new Map<number, ProcessStat>();
    for (const name of files.list(procRoot) ?? []) {
      if (!isPid(name) || kernelThreads.has(name)) continue;
      const stat = readStat(join(procRoot, name, 'stat'), files);
      if (stat?.isKernelThread === true) kernelThreads.add(name);
      else if (stat !== null) table.set(Number(name), stat);
    }
    return table;
  };
}

/** Null where the process or thread is gone. */
export function readStat(path: string, files: ProcFiles): ProcessStat | null {
  const text = textOf(files.read(path));
  return text === null ? null : parseProcessStat(text);
}

/**
 * The processes of each GPU process's job: itself and its descendants. One below two GPU processes belongs to
 * the nearer one, so that no process counts twice.
 */
export function jobMembers(
  table: ProcessTable,
  gpuPids: Iterable<number>,
): ReadonlyMap<number, readonly number[]> {
  const members = new Map<number, number[]>();
  for (const pid of gpuPids) if (table.has(pid)) members.set(pid, []);
  const owners = new Map<number, number | null>();
  for (const pid of table.keys()) {
    const owner = ownerOf(pid, table, members, owners);
    if (owner !== null) members.get(owner)?.push(pid);
  }
  return members;
}

function ownerOf(
  pid: number,
  table: ProcessTable,
  jobs: ReadonlyMap<number, unknown>,
  owners: Map<number, number | null>,
): number | null {
  const path: number[] = [];
  let at = pid;
  let owner: number | null = null;
  // The scan is not one instant: a pid taken again meanwhile could close a circle.
  while (!path.includes(at)) {
    const known = owners.get(at);
    if (known !== undefined) {
      owner = known;
      break;
    }
    path.push(at);
    if (jobs.has(at)) {
      owner = at;
      break;
    }
    const parent = table.get(at)?.parent;
    if (parent === undefined) break;
    at = parent;
  }
  for (const passed of path) owners.set(passed, owner);
  return owner;
}

function isPid(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 0x31 && first <= 0x39;
}
