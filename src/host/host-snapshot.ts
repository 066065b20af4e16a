import { join } from 'node:path';
import { type CgroupLevel, type CgroupMount, parseCgroupPath, readLevels } from './cgroup.ts';
import { countedDisks, countedInterfaces } from './devices.ts';
import {
  type CpuTicks,
  type DiskCounters,
  memoryAvailableMib,
  type NetworkCounters,
  pageBytes,
  parseCpuTicks,
  parseDiskstats,
  parseNetDev,
  parsePressureUs,
  swappedInPages,
} from './host-counters.ts';
import { type ProcFiles, textOf } from './proc-file.ts';
import { allowedCpus } from './process-stat.ts';

/** Where the kernel's files are; other folders only in tests. */
export interface KernelRoots {
  readonly procRoot: string;
  readonly sysRoot: string;
}

/** The host's counters at one moment; null is what it does not offer. */
export interface HostSnapshot {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly cpu: CpuTicks | null;
  readonly pressureUs: {
    readonly cpu: number | null;
    readonly io: number | null;
    readonly memory: number | null;
  };
  readonly disks: ReadonlyMap<string, DiskCounters> | null;
  readonly network: ReadonlyMap<string, NetworkCounters> | null;
  readonly memoryAvailableMib: number | null;
  readonly swapInBytes: number | null;
  readonly allowedCpus: number | null;
  /** Our own cgroup and those above it. */
  readonly cgroup: readonly CgroupLevel[] | null;
}

/** Reads the host's counters, /proc/self standing for this process. */
export function readHostSnapshot(
  atMs: number,
  { procRoot, sysRoot }: KernelRoots,
  mount: CgroupMount | null,
  files: ProcFiles,
): HostSnapshot {
  const read = (path: string): string | null => textOf(files.read(join(procRoot, path)));
  const parsed = <T>(path: string, parse: (text: string) => T | null): T | null => {
    const text = read(path);
    return text === null ? null : parse(text);
  };
  const pages = parsed('vmstat', swappedInPages);
  const bytesPerPage = pages === null ? null : parsed('self/auxv', pageBytes);
  return {
    atMs,
    cpu: parsed('stat', parseCpuTicks),
    pressureUs: {
      cpu: parsed('pressure/cpu', parsePressureUs),
      io: parsed('pressure/io', parsePressureUs),
      memory: parsed('pressure/memory', parsePressureUs),
    },
    disks: pick(parsed('diskstats', parseDiskstats), (names) =>
      countedDisks(names, sysRoot, files),
    ),
    network: pick(parsed('net/dev', parseNetDev), (names) =>
      countedInterfaces(names, sysRoot, files),
    ),
    memoryAvailableMib: parsed('meminfo', memoryAvailableMib),
    swapInBytes: pages === null || bytesPerPage === null ? null : pages * bytesPerPage,
    allowedCpus: parsed('self/status', allowedCpus),
    cgroup: readCgroup('self', procRoot, mount, files),
  };
}

/** The cgroup levels that limit a process ("self" or a pid); null where they can't be seen. */
export function readCgroup(
  process: string,
  procRoot: string,
  mount: CgroupMount | null,
  files: ProcFiles,
): readonly CgroupLevel[] | null {
  if (mount === null) return null;
  const text = textOf(files.read(join(procRoot, process, 'cgroup')));
  const path = text === null ? null : parseCgroupPath(text, mount.version);
  return path === null ? null : readLevels(path, mount, files);
}

/** The counted ones; null where the list is missing or holds none that counts: unknown, not quiet. */
function pick<T>(
  all: ReadonlyMap<string, T> | null,
  counted: (names: Iterable<string>) => readonly string[],
): ReadonlyMap<string, T> | null {
  if (all === null) return null;
  const names = new Set(counted(all.keys()));
  return names.size === 0 ? null : new Map([...all].filter(([name]) => names.has(name)));
}
