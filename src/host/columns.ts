/** Host-wide readings over one host interval. Share is 0–1; what the host does not offer is null. */
export const hostColumns = [
  'cpuUserShare',
  'cpuSystemShare',
  'cpuIowaitShare',
  /** Cores that this process may use: affinity and cgroup quota, whichever is less. */
  'cpuCoresAllowed',
  /** Pressure stall information, "some": share of the interval in which at least one task waited. */
  'psiCpuShare',
  'psiIoShare',
  'psiMemoryShare',
  'diskReadBytesPerS',
  'diskWriteBytesPerS',
  /** Busy share of the busiest block device. */
  'diskBusyShare',
  'networkRxBytesPerS',
  'networkTxBytesPerS',
  'memoryAvailableMib',
  'swapInBytesPerS',
  /** Share of the interval's scheduler periods in which our cgroup was throttled (cpu.stat). */
  'cgroupThrottledShare',
] as const;

export type HostColumn = (typeof hostColumns)[number];

/** Readings of one GPU process with its descendants ("job") over one host interval. */
export const jobColumns = [
  /** CPU of the whole tree, in cores. */
  'cpuCores',
  /** CPU of the GPU process itself, in cores. */
  'mainCpuCores',
  /** Share of one core that the busiest thread of the GPU process used. */
  'busiestThreadShare',
  /** Descendants that used CPU, read data or waited in D state: loader workers as a rule. */
  'workers',
  /** Mean share of one core that a worker used. */
  'workerCpuShare',
  /**
   * Of the looks at the workers (and at the GPU process where it waits itself, or has none), the share that found one
   * waiting in the kernel: in uninterruptible sleep (D) other than in a call on a device, or in a call on a FUSE file.
   */
  'dStateShare',
  /** Bytes fetched from and sent to storage (block devices, NFS); what the page cache answers is not in it. */
  'readBytesPerS',
  'writeBytesPerS',
  /** Cores that the job's cgroup allows; null where it has no limit. */
  'cgroupCpuLimitCores',
  'cgroupThrottledShare',
  /** Cores that the GPU process may use: affinity and cgroup quota, whichever is less. */
  'cpuCoresAllowed',
  /** Bytes that read calls returned, wherever they came from: page cache, FUSE mounts and pipes too. */
  'requestedReadBytesPerS',
  /** Of one core, by the worker that used most. */
  'busiestWorkerShare',
  /** Page faults that had to fetch the page: misses of the page cache in mapped files, and swap. */
  'majorFaultsPerS',
  /** Workers started in place of ended ones of the same name: loaders made anew each epoch. */
  'workersBornPerHour',
  /** Pressure stall information, "some", of the job's own cgroup (version 2 only). */
  'cgroupPsiCpuShare',
  'cgroupPsiIoShare',
  'cgroupPsiMemoryShare',
  /**
   * Share of the time in which a worker's main thread could have run and waited for a core (/proc/PID/schedstat), mean
   * of the workers; a used-up CPU quota counts as well.
   */
  'workerQueuedShare',
  /** The same of the busiest thread of the GPU process. */
  'busiestThreadQueuedShare',
] as const;

export type JobColumn = (typeof jobColumns)[number];
