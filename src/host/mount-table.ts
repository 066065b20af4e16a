import { join } from 'node:path';
import { type Mount, parseMounts } from './mounts.ts';
import { type ProcFiles, textOf } from './proc-file.ts';
import { countAfter } from './process-stat.ts';

/** Finds the mount of an open file by the numbers in fdinfo, so that no file's name is ever read. */
export interface MountTable {
  /** Null: not open, not permitted, or no file (a pipe, a socket). */
  ofOpenFile(pid: number, file: number): Mount | null;
  /** Mounts of what the process has open beyond its standard streams, devices included; null where that can't be seen. */
  ofOpenFiles(pid: number): readonly Mount[] | null;
  /** The mounts that a process sees; empty where they can't be read. */
  seenBy(pid: number): ReadonlyMap<number, Mount>;
  /** Forgets what was read more than a minute ago; call it now and then. */
  expire(atMs: number): void;
}

/** A busy container host has hundreds of mounts, and they hardly ever change. */
const keptMs = 60_000;
/** Of one process; a loader has few files open. */
const mostOpenFiles = 64;

export function createMountTable(procRoot: string, files: ProcFiles): MountTable {
  let byPid = new Map<number, ReadonlyMap<number, Mount>>();
  let readMs = Number.NEGATIVE_INFINITY;

  const seenBy = (pid: number): ReadonlyMap<number, Mount> => {
    const known = byPid.get(pid);
    if (known !== undefined) return known;
    const text = textOf(files.read(join(procRoot, String(pid), 'mountinfo')));
    const mounts = text === null ? new Map<number, Mount>() : parseMounts(text);
    byPid.set(pid, mounts);
    return mounts;
  };
  const mountOf = (pid: number, id: number): Mount | null => {
    // Workers share their parent's mounts as a rule: an id is unique on the host, so any table that has it will do.
    for (const mounts of byPid.values()) {
      const mount = mounts.get(id);
      if (mount !== undefined) return mount;
    }
    return seenBy(pid).get(id) ?? null;
  };
  const ofOpenFile = (pid: number, file: number): Mount | null => {
    const text = textOf(files.read(join(procRoot, String(pid), 'fdinfo', String(file))));
    const id = text === null ? null : countAfter(text, 'mnt_id');
    return id === null ? null : mountOf(pid, id);
  };

  return {
    seenBy,
    ofOpenFile,
    ofOpenFiles(pid) {
      const open = files.list(join(procRoot, String(pid), 'fdinfo'));
      if (open === null) return null;
      const mounts = new Set<Mount>();
      for (const file of open.slice(0, mostOpenFiles)) {
        if (Number(file) <= 2) continue;
        const mount = ofOpenFile(pid, Number(file));
        if (mount !== null) mounts.add(mount);
      }
      return [...mounts];
    },
    expire(atMs) {
      if (atMs - readMs < keptMs) return;
      readMs = atMs;
      byPid = new Map();
    },
  };
}
