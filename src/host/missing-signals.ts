import type { HostSnapshot } from './host-snapshot.ts';

/** What the host does not offer, in words for a person. */
export function missingHostSignals(snapshot: HostSnapshot): string[] {
  const { pressureUs } = snapshot;
  const signals: readonly (readonly [string, unknown])[] = [
    ['CPU times (/proc/stat)', snapshot.cpu],
    [
      'pressure stall information (/proc/pressure; kernel 4.20 or later, and not with psi=0)',
      pressureUs.cpu ?? pressureUs.io ?? pressureUs.memory,
    ],
    ['disk counters (/proc/diskstats)', snapshot.disks],
    ['network counters (/proc/net/dev)', snapshot.network],
    ['available memory (/proc/meminfo)', snapshot.memoryAvailableMib],
    ['swap-in (/proc/vmstat)', snapshot.swapInBytes],
    ['CPU affinity (/proc/self/status)', snapshot.allowedCpus],
    ['cgroup CPU limits (/sys/fs/cgroup)', snapshot.cgroup],
  ];
  return signals.filter(([, reading]) => reading === null).map(([name]) => name);
}
