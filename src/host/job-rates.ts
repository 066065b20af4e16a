import type { CgroupLevel } from './cgroup.ts';
import { quotaCores, throttledShare } from './cgroup.ts';
import type { JobColumn } from './columns.ts';
import { clampShare, coresAllowed, ratio, rise } from './host-rates.ts';
import { type ProcessIo, type ProcessStat, ticksPerSecond } from './process-stat.ts';
import type { ProcessTable, ScannedProcesses } from './process-table.ts';
import type { StateLooks } from './state-looks.ts';

/** One GPU process with its descendants at one moment. */
export interface JobSnapshot {
  readonly main: number;
  /** The GPU process and its descendants. */
  readonly members: readonly number[];
  /** By member; null where reading it is not permitted, no entry where it was gone. */
  readonly io: ReadonlyMap<number, ProcessIo | null>;
  /** Nanoseconds that a member's main thread waited for a core, since it began; no entry where it is not told. */
  readonly queuedNs: ReadonlyMap<number, number>;
  readonly cgroup: readonly CgroupLevel[] | null;
  readonly allowedCpus: number | null;
  /** Microseconds in which a task of the job's cgroup waited; null where the cgroup does not tell. */
  readonly pressureUs: Readonly<Record<'cpu' | 'io' | 'memory', number | null>>;
}

export interface JobInterval {
  readonly elapsedMs: number;
  /** Null where there was no scan. */
  readonly before: ScannedProcesses | null;
  readonly after: ProcessTable;
  readonly earlier: JobSnapshot | null;
  readonly job: JobSnapshot;
  /** Looks at each member's state, and how many of them found it in D state. */
  readonly looks: ReadonlyMap<number, StateLooks>;
  readonly busiestThreadShare: number | null;
  readonly busiestThreadQueuedShare: number | null;
  /** Workers started in place of ended ones since the scan before; null where there was none. */
  readonly workersBorn: number | null;
}

/**
 * A descendant is a worker from 1 % of a core: helpers that only wait for messages stay at 0–2 ticks in 5 s.
 */
const workerCpuShare = 0.01;
/** Or from 16 KiB/s of reads: far below any data loader, above a process that polls a pipe. */
const workerReadBytesPerS = 16 * 1024;

/** The job's readings over one interval; null is what could not be known. */
export function jobReadings(interval: JobInterval): Readonly<Record<JobColumn, number | null>> {
  const { job, earlier, elapsedMs } = interval;
  const seconds = elapsedMs / 1000;
  const coresOf = (ticks: number | null) =>
    ratio(ticks === null ? null : ticks / ticksPerSecond, seconds);
  const reads = job.members.map((pid) => ioRise(pid, interval));
  const workers = jobWorkers(interval);
  const workerCpu = workers
    .map((pid) => coresOf(ownTicks(pid, interval)))
    .filter((cores) => cores !== null);
  const isMeasured = interval.before !== null && seconds > 0;
  const rate = (pick: (io: ProcessIo) => number) => ratio(total(reads, pick), seconds);
  const pressure = (of: keyof JobSnapshot['pressureUs']) =>
    clampShare(ratio(rise(earlier?.pressureUs[of], job.pressureUs[of]), elapsedMs * 1000));
  return {
    cpuCores: coresOf(treeTicks(interval)),
    mainCpuCores: coresOf(ownTicks(job.main, interval)),
    busiestThreadShare: interval.busiestThreadShare,
    workers: isMeasured ? workers.length : null,
    workerCpuShare:
      isMeasured && workerCpu.length > 0
        ? workerCpu.reduce((sum, cores) => sum + cores, 0) / workerCpu.length
        : null,
    dStateShare: dStateShare(job.main, workers, interval.looks),
    readBytesPerS: rate((io) => io.readBytes),
    writeBytesPerS: rate((io) => io.writeBytes),
    cgroupCpuLimitCores: job.cgroup === null ? null : quotaCores(job.cgroup),
    cgroupThrottledShare:
      job.cgroup === null || earlier?.cgroup == null
        ? null
        : throttledShare(earlier.cgroup, job.cgroup),
    cpuCoresAllowed: coresAllowed(job.allowedCpus, job.cgroup),
    requestedReadBytesPerS: rate((io) => io.requestedReadBytes),
    busiestWorkerShare: isMeasured && workerCpu.length > 0 ? Math.max(...workerCpu) : null,
    majorFaultsPerS: ratio(majorFaults(interval), seconds),
    workersBornPerHour: ratio(interval.workersBorn, seconds / 3600),
    cgroupPsiCpuShare: pressure('cpu'),
    cgroupPsiIoShare: pressure('io'),
    cgroupPsiMemoryShare: pressure('memory'),
    workerQueuedShare: isMeasured ? queuedShare(workers, interval) : null,
    busiestThreadQueuedShare: interval.busiestThreadQueuedShare,
  };
}

/** Descendants of the GPU process that used CPU, read, or were found in D state in the interval. */
export function jobWorkers(interval: JobInterval): readonly number[] {
  const { job, elapsedMs, looks } = interval;
  const seconds = elapsedMs / 1000;
  return job.members.filter((pid) => {
    if (pid === job.main) return false;
    if ((looks.get(pid)?.inDState ?? 0) > 0) return true;
    if (seconds <= 0) return false;
    const cores = (ownTicks(pid, interval) ?? 0) / ticksPerSecond / seconds;
    if (cores >= workerCpuShare) return true;
    const io = ioRise(pid, interval);
    const readBytes = Math.max(io?.readBytes ?? 0, io?.requestedReadBytes ?? 0);
    return readBytes / seconds >= workerReadBytesPerS;
  });
}

/**
 * CPU ticks of one process in the interval; null where there is nothing to count from. A pid that is new or
 * belongs to a new process counts from its birth.
 */
export function ownTicks(
  pid: number,
  { before, after }: Pick<JobInterval, 'before' | 'after'>,
): number | null {
  const stat = after.get(pid);
  if (before === null || stat === undefined || before.isUnread(pid)) return null;
  const ticks = stat.ownTicks - (sameProcess(before.table.get(pid), stat)?.ownTicks ?? 0);
  return ticks < 0 ? null : ticks;
}

/**
 * CPU ticks of the whole tree: of its living processes, and of children that ended in the interval as far as
 * their parent waited for them (their CPU moves to the parent, less what was counted while they lived).
 */
function treeTicks(interval: JobInterval): number | null {
  const { job, before, after } = interval;
  if (before === null || ownTicks(job.main, interval) === null) return null;
  const ended = endedTicks(before.table, after);
  let sum = 0;
  for (const pid of job.members) {
    const stat = after.get(pid);
    if (stat === undefined) continue;
    const earlier = sameProcess(before.table.get(pid), stat);
    const reaped = stat.reapedTicks - (earlier?.reapedTicks ?? 0) - (ended.get(pid) ?? 0);
    // Below zero where an ended child was not waited for: then its last CPU is not known.
    sum += (ownTicks(pid, interval) ?? 0) + Math.max(0, reaped);
  }
  return sum;
}

/** Ticks already counted of processes that ended, by the nearest ancestor that still lives. */
function endedTicks(before: ProcessTable, after: ProcessTable): ReadonlyMap<number, number> {
  const lives = (pid: number, stat: ProcessStat): boolean =>
    sameProcess(stat, after.get(pid)) !== null;
  const ended = new Map<number, number>();
  for (const [pid, stat] of before) {
    if (lives(pid, stat)) continue;
    let heir = stat.parent;
    // Bounded, because the scan is not one instant and could hold a circle.
    for (let depth = 0; depth < before.size; depth += 1) {
      const heirStat = before.get(heir);
      if (heirStat === undefined || lives(heir, heirStat)) break;
      heir = heirStat.parent;
    }
    ended.set(heir, (ended.get(heir) ?? 0) + stat.ownTicks + stat.reapedTicks);
  }
  return ended;
}

/** Of the living processes; null where there is nothing to count from. */
function majorFaults({ job, before, after }: JobInterval): number | null {
  if (before === null) return null;
  let sum = 0;
  for (const pid of job.members) {
    const stat = after.get(pid);
    if (stat === undefined || before.isUnread(pid)) continue;
    const earlier = sameProcess(before.table.get(pid), stat);
    sum += Math.max(0, stat.majorFaults - (earlier?.majorFaults ?? 0));
  }
  return sum;
}

/** Mean of the workers of which it is known; null where it is of none. */
function queuedShare(workers: readonly number[], interval: JobInterval): number | null {
  const { job, earlier, before, after, elapsedMs } = interval;
  const shares = workers.flatMap((pid) => {
    const stat = after.get(pid);
    const now = job.queuedNs.get(pid);
    if (before === null || stat === undefined || now === undefined || before.isUnread(pid)) {
      return [];
    }
    const isBornSince = sameProcess(before.table.get(pid), stat) === null;
    const from = isBornSince ? 0 : earlier?.queuedNs.get(pid);
    return clampShare(ratio(rise(from, now), elapsedMs * 1e6)) ?? [];
  });
  return ratio(
    shares.reduce((sum, share) => sum + share, 0),
    shares.length,
  );
}

/** Null: not permitted or nothing to count from; undefined: the process was gone. */
function ioRise(pid: number, interval: JobInterval): ProcessIo | null | undefined {
  const { before, after, earlier, job } = interval;
  const io = job.io.get(pid);
  if (io === null || io === undefined) return io;
  const stat = after.get(pid);
  if (before === null || stat === undefined || before.isUnread(pid)) return null;
  const isBornSince = sameProcess(before.table.get(pid), stat) === null;
  const from = isBornSince ? noIo : earlier?.io.get(pid);
  if (from === null || from === undefined) return null;
  const rise = {
    requestedReadBytes: io.requestedReadBytes - from.requestedReadBytes,
    readBytes: io.readBytes - from.readBytes,
    writeBytes: io.writeBytes - from.writeBytes,
  };
  return Object.values(rise).some((bytes) => bytes < 0) ? null : rise;
}

const noIo: ProcessIo = { requestedReadBytes: 0, readBytes: 0, writeBytes: 0 };

/** Null where one process of the tree is unknown: a part is not the whole. */
function total(
  rises: readonly (ProcessIo | null | undefined)[],
  pick: (io: ProcessIo) => number,
): number | null {
  let sum = 0;
  let count = 0;
  for (const rise of rises) {
    if (rise === null) return null;
    if (rise === undefined) continue;
    sum += pick(rise);
    count += 1;
  }
  return count === 0 ? null : sum;
}

function dStateShare(
  main: number,
  workers: readonly number[],
  looks: ReadonlyMap<number, StateLooks>,
): number | null {
  // A GPU process that sleeps while its workers read would only thin out what they say.
  const waitsItself = workers.length === 0 || (looks.get(main)?.inDState ?? 0) > 0;
  const pids = waitsItself ? [main, ...workers] : workers;
  let all = 0;
  let inDState = 0;
  for (const pid of pids) {
    all += looks.get(pid)?.looks ?? 0;
    inDState += looks.get(pid)?.inDState ?? 0;
  }
  return all === 0 ? null : inDState / all;
}

/** The earlier stat if it is of the same process, and not of another that had the pid. */
function sameProcess(a: ProcessStat | undefined, b: ProcessStat | undefined): ProcessStat | null {
  return a !== undefined && b !== undefined && a.startTicks === b.startTicks ? a : null;
}
