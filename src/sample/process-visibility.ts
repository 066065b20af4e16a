import { readFileSync, readlinkSync } from 'node:fs';
import process from 'node:process';
import { baseName, type ComputeApp } from './compute-apps.ts';

/** The names under which our own /proc knows a pid; null if it has no such process or there is no /proc. */
export type ProcessNames = (pid: number) => readonly string[] | null;

/** Reads the names of a process from /proc: command line, short name and executable. */
export const namesFromProc: ProcessNames = (pid) => {
  const read = (what: () => string): string => {
    try {
      return what();
    } catch {
      // Gone, or another user's: the other names decide.
      return '';
    }
  };
  const names = [
    read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 1)[0] ?? ''),
    read(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()),
    read(() => readlinkSync(`/proc/${pid}/exe`)),
  ].filter((name) => name !== '');
  return names.length === 0 ? null : names;
};

/**
 * True if one of the listed processes is ours: in a foreign PID namespace (a container without the host's) the
 * driver's pids match nothing, or a stranger. Windows has no such namespaces.
 */
export function matchesOurProcesses(apps: readonly ComputeApp[], names: ProcessNames): boolean {
  if (process.platform !== 'linux') return true;
  return apps.some(({ pid, path }) => {
    const ours = path === null ? null : names(pid);
    return ours?.some((name) => isSameName(name, path ?? '')) ?? false;
  });
}

/** The kernel keeps 15 characters of a process's short name. */
const commLength = 15;

function isSameName(ours: string, listed: string): boolean {
  const a = baseName(ours);
  const b = baseName(listed);
  return a === b || (a.length === commLength && b.startsWith(a));
}
