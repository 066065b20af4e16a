import { join } from 'node:path';
import { type ProcFiles, textOf } from './proc-file.ts';
import { type ProcessStat, parseProcessStat, parseQueuedNs } from './process-stat.ts';

export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** Processes at one moment. */
export interface ScannedProcesses {
  readonly table: ProcessTable;
  /** Running, but not read: they are known to be outside of every job. */
  readonly isUnread: (pid: number) => boolean;
}

/**
 * A process outside of every job can come into one only by giving its pid to another, so such processes, kernel
 * threads above all, are read again only every so many scans: once a minute at a scan every 5 s.
 */
const scansBetweenFullScans = 12;

/** Reads the processes that can belong to a job. */
export interface ProcessScan {
  /** The processes of the jobs, and at times all others. */
  read(gpuPids: readonly number[]): ScannedProcesses;
}

export function createProcessScan(procRoot: string, files: ProcFiles): ProcessScan {
  let outside = new Set<string>();
  let roots = '';
  let scans = 0;
  return {
    read(gpuPids) {
      const asked = gpuPids.join();
      if (asked !== roots || scans % scansBetweenFullScans === 0) outside = new Set();
      roots = asked;
      scans += 1;
      const table = new Map<number, ProcessStat>();
      const unread = new Set<string>();
      const stillOutside = new Set<string>();
      for (const name of files.list(procRoot) ?? []) {
        if (!isPid(name)) continue;
        if (outside.has(name)) {
          unread.add(name);
          stillOutside.add(name);
          continue;
        }
        const stat = readStat(join(procRoot, name, 'stat'), files);
        if (stat === null) continue;
        if (stat.isKernelThread) stillOutside.add(name);
        else table.set(Number(name), stat);
      }
      const inside = new Set([...jobMembers(table, gpuPids).values()].flat());
      for (const pid of table.keys()) if (!inside.has(pid)) stillOutside.add(String(pid));
      outside = stillOutside;
      return { table, isUnread: (pid) => unread.has(String(pid)) };
    },
  };
}

/** Null where the process or thread is gone. */
export function readStat(path: string, files: ProcFiles): ProcessStat | null {
  const text = textOf(files.read(path));
  return text === null ? null : parseProcessStat(text);
}

/** Of the thread, or of a process's main thread, in `folder`; null where the kernel does not tell. */
export function readQueuedNs(folder: string, files: ProcFiles): number | null {
  const text = textOf(files.read(join(folder, 'schedstat')));
  return text === null ? null : parseQueuedNs(text);
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
