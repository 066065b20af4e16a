import { join } from 'node:path';
import { unescapePath } from './mounts.ts';
import { absent, type ProcFiles, textOf } from './proc-file.ts';
import { countAfter } from './process-stat.ts';

/** Where the cgroups that limit CPU are mounted: version 1's cpu controller, or version 2's one hierarchy. */
export interface CgroupMount {
  readonly version: 1 | 2;
  /** The cgroup that is mounted; "/" unless a container sees a part of its host's hierarchy. */
  readonly root: string;
  readonly folder: string;
}

/** One cgroup on the way from a process's own to the highest visible one. */
export interface CgroupLevel {
  readonly path: string;
  /** Quota in cores; null where this level has none. */
  readonly quotaCores: number | null;
  /** Scheduler periods that began, and those in which the quota ran out. */
  readonly periods: number | null;
  readonly throttled: number | null;
}

/**
 * From /proc/self/mountinfo (proc_pid_mountinfo(5)). A host can have both versions mounted; CPU is then limited
 * by version 1 where it has the cpu controller. Null where no cgroups are to be seen.
 */
export function findCpuMount(mountinfo: string, sysRoot: string): CgroupMount | null {
  let unified: CgroupMount | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const cells = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    const [root, folder] = [cells[3], cells[4]];
    if (root === undefined || folder === undefined) continue;
    const place = { root: unescapePath(root), folder: underRoot(unescapePath(folder), sysRoot) };
    if (type === 'cgroup' && options?.split(',').includes('cpu') === true) {
      return { version: 1, ...place };
    }
    if (type === 'cgroup2') unified ??= { version: 2, ...place };
  }
  return unified;
}

/** A process's cgroup in the hierarchy of `mount`, from /proc/PID/cgroup; null where it has none. */
export function parseCgroupPath(cgroup: string, version: 1 | 2): string | null {
  for (const line of cgroup.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    const controllers = match[2] ?? '';
    const isOurs = version === 2 ? controllers === '' : controllers.split(',').includes('cpu');
    if (isOurs) return match[3] ?? null;
  }
  return null;
}

/**
 * The levels from a process's cgroup up to the highest visible one: every quota on the way holds
 * (kernel: admin-guide/cgroup-v2.rst, cpu.max). Null where the cgroup lies outside of what is mounted here.
 */
export function readLevels(
  path: string,
  mount: CgroupMount,
  files: ProcFiles,
): readonly CgroupLevel[] | null {
  const inside = pathInside(path, mount.root);
  if (inside === null || files.list(join(mount.folder, inside)) === null) return null;
  const levels: CgroupLevel[] = [];
  for (let at = inside; ; at = parentOf(at)) {
    levels.push(readLevel(join(mount.folder, at), mount.version, files));
    if (at === '') return levels;
  }
}

/** The tightest quota in cores; null where no level has one. */
export function quotaCores(levels: readonly CgroupLevel[]): number | null {
  const quotas = levels.map((level) => level.quotaCores).filter((quota) => quota !== null);
  return quotas.length === 0 ? null : Math.min(...quotas);
}

/**
 * Share of the scheduler periods between two readings in which the quota ran out, at the worst level.
 * 0 where no level has a quota; null where a level with one can't be compared (moved, reset, unreadable).
 */
export function throttledShare(
  before: readonly CgroupLevel[],
  after: readonly CgroupLevel[],
): number | null {
  let worst = 0;
  for (const level of after) {
    if (level.quotaCores === null) continue;
    const earlier = before.find((candidate) => candidate.path === level.path);
    const periods = difference(earlier?.periods, level.periods);
    const throttled = difference(earlier?.throttled, level.throttled);
    if (periods === null || throttled === null) return null;
    if (periods > 0) worst = Math.max(worst, Math.min(1, throttled / periods));
  }
  return worst;
}

function readLevel(folder: string, version: 1 | 2, files: ProcFiles): CgroupLevel {
  const stat = textOf(files.read(join(folder, 'cpu.stat'))) ?? '';
  return {
    path: folder,
    quotaCores: version === 2 ? readQuotaV2(folder, files) : readQuotaV1(folder, files),
    periods: countAfter(stat, 'nr_periods'),
    throttled: countAfter(stat, 'nr_throttled'),
  };
}

function readQuotaV2(folder: string, files: ProcFiles): number | null {
  const [quota, period] = (textOf(files.read(join(folder, 'cpu.max'))) ?? '').trim().split(/\s+/);
  return coresOf(quota, period);
}

function readQuotaV1(folder: string, files: ProcFiles): number | null {
  const quota = files.read(join(folder, 'cpu.cfs_quota_us'));
  if (quota === absent) return null;
  const period = textOf(files.read(join(folder, 'cpu.cfs_period_us')));
  return coresOf(textOf(quota)?.trim(), period?.trim());
}

/** "max" (version 2) and -1 (version 1) mean no quota. */
function coresOf(quotaUs: string | undefined, periodUs: string | undefined): number | null {
  const cores = Number(quotaUs) / Number(periodUs);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}

function difference(before: number | null | undefined, after: number | null): number | null {
  if (before === null || before === undefined || after === null || after < before) return null;
  return after - before;
}

/** Relative to the mounted cgroup, "" for that itself; null where it lies outside. */
function pathInside(path: string, root: string): string | null {
  // A process outside of our cgroup namespace shows a path that climbs out of it.
  if (path.split('/').includes('..')) return null;
  if (root === '/') return path === '/' ? '' : path;
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function underRoot(folder: string, sysRoot: string): string {
  return folder === '/sys' || folder.startsWith('/sys/') ? join(sysRoot, folder.slice(4)) : folder;
}
