import { countAfter } from './process-stat.ts';

/** CPU time of the whole machine since boot, in ticks. */
export interface CpuTicks {
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  /** Idle and stolen time. */
  readonly rest: number;
}

/** The "cpu" line of /proc/stat (proc_stat(5)): nice counts as user, interrupts as system. */
export function parseCpuTicks(stat: string): CpuTicks | null {
  const line = /^cpu\s+(.*)$/m.exec(stat)?.[1];
  if (line === undefined) return null;
  const ticks = line.trim().split(/\s+/).map(Number);
  const [user, nice, system, idle, iowait, irq = 0, softirq = 0, steal = 0] = ticks;
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) {
    return null;
  }
  if (iowait === undefined || ticks.some((value) => !Number.isFinite(value))) return null;
  return {
    user: user + nice,
    system: system + irq + softirq,
    iowait,
    rest: idle + steal,
  };
}

/** Microseconds in which at least one task waited (the "some" line of /proc/pressure/*). */
export function parsePressureUs(text: string): number | null {
  const total = /^some .*\btotal=(\d+)/m.exec(text)?.[1];
  return total === undefined ? null : Number(total);
}

export interface DiskCounters {
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Time in which at least one request was in flight. */
  readonly busyMs: number;
}

/** All block devices of /proc/diskstats, by name; a sector there is 512 bytes whatever the device's is. */
export function parseDiskstats(text: string): ReadonlyMap<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/);
    const name = cells[2];
    const busyMs = Number(cells[12]);
    if (name === undefined || !Number.isFinite(busyMs)) continue;
    disks.set(name, {
      readBytes: Number(cells[5]) * 512,
      writeBytes: Number(cells[9]) * 512,
      busyMs,
    });
  }
  return disks;
}

export interface NetworkCounters {
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** All interfaces of /proc/net/dev, by name. */
export function parseNetDev(text: string): ReadonlyMap<string, NetworkCounters> {
  const interfaces = new Map<string, NetworkCounters>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\S+):\s*(\d.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const cells = match[2].trim().split(/\s+/).map(Number);
    const [rxBytes, txBytes] = [cells[0], cells[8]];
    if (rxBytes === undefined || txBytes === undefined) continue;
    interfaces.set(match[1], { rxBytes, txBytes });
  }
  return interfaces;
}

/** MiB that could be used without swapping (kernel 3.14 and later). */
export function memoryAvailableMib(meminfo: string): number | null {
  return kibToMib(countAfter(meminfo, 'MemAvailable'));
}

export function memoryTotalMib(meminfo: string): number | null {
  return kibToMib(countAfter(meminfo, 'MemTotal'));
}

/** Pages read back from swap since boot. */
export function swappedInPages(vmstat: string): number | null {
  return countAfter(vmstat, 'pswpin');
}

/** Bytes of a memory page from /proc/self/auxv (getauxval(3), AT_PAGESZ): 4 KiB, or 64 KiB on some ARM hosts. */
export function pageBytes(auxv: string): number | null {
  const bytes = Buffer.from(auxv, 'latin1');
  const pageSizeKey = 6n;
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === pageSizeKey) return Number(bytes.readBigUInt64LE(at + 8));
  }
  return null;
}

function kibToMib(kib: number | null): number | null {
  return kib === null ? null : kib / 1024;
}
