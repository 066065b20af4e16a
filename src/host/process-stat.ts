/** One process or thread in /proc/PID/stat (proc_pid_stat(5)); times in clock ticks since it began. */
export interface ProcessStat {
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly isKernelThread: boolean;
  /** Page faults that waited for storage, since it began. */
  readonly majorFaults: number;
  readonly ownTicks: number;
  /** CPU of children that ended and were waited for, with theirs. */
  readonly reapedTicks: number;
  /** Tells a process from an earlier one with the same pid. */
  readonly startTicks: number;
}

/**
 * USER_HZ, in which the kernel gives CPU times to programs: 100 on every architecture that CUDA runs on
 * (include/asm-generic/param.h), whatever the kernel's own tick is.
 */
export const ticksPerSecond = 100;

const kernelThreadFlag = 0x0020_0000;

/** Null for a text that is not a process's stat. */
export function parseProcessStat(text: string): ProcessStat | null {
  // The name may hold spaces and parentheses, so it ends with the last one.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  // Field 3 (state) comes first, field 22 (start time) is the last one needed.
  const fields = text.slice(close + 2).split(' ', 20);
  const startTicks = Number(fields[19]);
  const state = fields[0];
  if (state === undefined || !Number.isFinite(startTicks)) return null;
  return {
    name: text.slice(open + 1, close),
    state,
    parent: Number(fields[1]),
    isKernelThread: (Number(fields[6]) & kernelThreadFlag) !== 0,
    majorFaults: Number(fields[9]),
    ownTicks: Number(fields[11]) + Number(fields[12]),
    reapedTicks: Number(fields[13]) + Number(fields[14]),
    startTicks,
  };
}

/** Bytes of one process since it began (proc_pid_io(5)). */
export interface ProcessIo {
  /** Asked for by read calls: page cache, pipes and FUSE included. */
  readonly requestedReadBytes: number;
  /** Fetched from storage: block devices and NFS. */
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** Null for a text that is not a process's io. */
export function parseProcessIo(text: string): ProcessIo | null {
  const requestedReadBytes = countAfter(text, 'rchar');
  const readBytes = countAfter(text, 'read_bytes');
  const writeBytes = countAfter(text, 'write_bytes');
  if (requestedReadBytes === null || readBytes === null || writeBytes === null) return null;
  return { requestedReadBytes, readBytes, writeBytes };
}

/**
 * Nanoseconds in which a thread could have run and waited for a core: the second field of /proc/PID/task/TID/schedstat
 * (Documentation/scheduler/sched-stats.rst). Null for another text, and where the first field, its time on a core, is
 * 0: so a kernel answers that does not count.
 */
export function parseQueuedNs(text: string): number | null {
  const fields = /^(\d+) (\d+) \d+/.exec(text);
  return fields === null || Number(fields[1]) === 0 ? null : Number(fields[2]);
}

/** Number of CPUs in a list such as "0-3,8"; null where there is none. */
export function countCpuList(list: string): number | null {
  let count = 0;
  for (const part of list.trim().split(',')) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (range === null) return null;
    const first = Number(range[1]);
    count += Number(range[2] ?? first) - first + 1;
  }
  return count;
}

/** CPUs that a process may run on, from /proc/PID/status. */
export function allowedCpus(status: string): number | null {
  const line = /^Cpus_allowed_list:\s*(\S+)/m.exec(status);
  return line?.[1] === undefined ? null : countCpuList(line[1]);
}

/** The whole number after `name` and a colon or spaces at the start of a line; null where there is none. */
export function countAfter(text: string, name: string): number | null {
  const value = new RegExp(`^${name}[:\\s]\\s*(\\d+)`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value);
}
