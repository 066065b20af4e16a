import { quotaCores, throttledShare } from './cgroup.ts';
import type { HostColumn } from './columns.ts';
import type { HostSnapshot } from './host-snapshot.ts';

/**
 * The host's readings over the time between two snapshots; without an earlier one only what is known at once.
 * A counter that fell (reset, wrap, replaced device) gives null for this interval.
 */
export function hostReadings(
  before: HostSnapshot | null,
  after: HostSnapshot,
): Readonly<Record<HostColumn, number | null>> {
  const elapsedMs = before === null ? 0 : after.atMs - before.atMs;
  const share = (from: number | null | undefined, to: number | null, whole: number) =>
    clampShare(ratio(rise(from, to), whole));
  const perSecond = (from: number | null | undefined, to: number | null) =>
    ratio(rise(from, to), elapsedMs / 1000);
  return {
    ...cpuShares(before, after),
    cpuCoresAllowed: coresAllowed(after.allowedCpus, after.cgroup),
    psiCpuShare: share(before?.pressureUs.cpu, after.pressureUs.cpu, elapsedMs * 1000),
    psiIoShare: share(before?.pressureUs.io, after.pressureUs.io, elapsedMs * 1000),
    psiMemoryShare: share(before?.pressureUs.memory, after.pressureUs.memory, elapsedMs * 1000),
    diskReadBytesPerS: ratio(
      sumOfRises(before?.disks, after.disks, (disk) => disk.readBytes),
      elapsedMs / 1000,
    ),
    diskWriteBytesPerS: ratio(
      sumOfRises(before?.disks, after.disks, (disk) => disk.writeBytes),
      elapsedMs / 1000,
    ),
    diskBusyShare: clampShare(
      ratio(largest(rises(before?.disks, after.disks, (disk) => disk.busyMs)), elapsedMs),
    ),
    networkRxBytesPerS: ratio(
      sumOfRises(before?.network, after.network, (link) => link.rxBytes),
      elapsedMs / 1000,
    ),
    networkTxBytesPerS: ratio(
      sumOfRises(before?.network, after.network, (link) => link.txBytes),
      elapsedMs / 1000,
    ),
    memoryAvailableMib: after.memoryAvailableMib,
    swapInBytesPerS: perSecond(before?.swapInBytes, after.swapInBytes),
    cgroupThrottledShare:
      before?.cgroup == null || after.cgroup === null
        ? null
        : throttledShare(before.cgroup, after.cgroup),
  };
}

/** Cores by affinity and cgroup quota, whichever is less; null where either is unknown. */
export function coresAllowed(
  cpus: number | null,
  cgroup: Parameters<typeof quotaCores>[0] | null,
): number | null {
  if (cpus === null || cgroup === null) return null;
  return Math.min(cpus, quotaCores(cgroup) ?? cpus);
}

/** How far a counter rose; null where either reading is missing or it fell. */
export function rise(before: number | null | undefined, after: number | null): number | null {
  if (before === null || before === undefined || after === null || after < before) return null;
  return after - before;
}

/** Null where there is nothing to divide, or nothing to divide by. */
export function ratio(part: number | null, whole: number): number | null {
  return part === null || whole <= 0 ? null : part / whole;
}

function cpuShares(before: HostSnapshot | null, after: HostSnapshot) {
  const user = rise(before?.cpu?.user, after.cpu?.user ?? null);
  const system = rise(before?.cpu?.system, after.cpu?.system ?? null);
  const rest = rise(before?.cpu?.rest, after.cpu?.rest ?? null);
  // iowait alone may fall by a little: the kernel does not keep it exactly (proc_stat(5)).
  const iowait = rise(before?.cpu?.iowait, after.cpu?.iowait ?? null);
  if (user === null || system === null || rest === null) {
    return { cpuUserShare: null, cpuSystemShare: null, cpuIowaitShare: null };
  }
  const total = user + system + rest + (iowait ?? 0);
  return {
    cpuUserShare: ratio(user, total),
    cpuSystemShare: ratio(system, total),
    cpuIowaitShare: ratio(iowait, total),
  };
}

/** One rise for each device that both snapshots hold: one that has just appeared has no baseline. */
function rises<T>(
  before: ReadonlyMap<string, T> | null | undefined,
  after: ReadonlyMap<string, T> | null,
  counter: (device: T) => number,
): readonly (number | null)[] {
  const result: (number | null)[] = [];
  for (const [name, device] of after ?? []) {
    const earlier = before?.get(name);
    if (earlier !== undefined) result.push(rise(counter(earlier), counter(device)));
  }
  return result;
}

function sumOfRises<T>(...of: Parameters<typeof rises<T>>): number | null {
  const known = allKnown(rises(...of));
  return known === null ? null : known.reduce((sum, value) => sum + value, 0);
}

function largest(values: readonly (number | null)[]): number | null {
  const known = allKnown(values);
  return known === null ? null : Math.max(...known);
}

function allKnown(values: readonly (number | null)[]): readonly number[] | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : known;
}

/** The kernel's counters and our clock are read a moment apart, so a full interval can come out just above 1. */
export function clampShare(share: number | null): number | null {
  return share === null ? null : Math.min(1, share);
}
