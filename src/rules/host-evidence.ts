import type { Phase } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import type { Evidence, Threshold } from './rule.ts';

const mibPerS = 1024 * 1024;

/** Thresholds on the signs that something waits for storage. */
export const pressureThresholds = {
  dState: {
    value: 0.2,
    unit: 'share',
    why: "untested start: a fifth of the looks at the job's workers found one waiting in the kernel; the one signal that also sees NFS and FUSE",
  },
  psiIo: {
    value: 0.2,
    unit: 'share',
    why: 'untested start: pressure stall information "some io": a task waited for storage a fifth of the time',
  },
  iowait: {
    value: 0.05,
    unit: 'share',
    why: 'untested start: 5 % of all cores; a few loaders on a large host are no more than that, and network storage does not show at all',
  },
  diskBusy: {
    value: 0.8,
    unit: 'share',
    why: 'the busiest block device was busy 80 % of the time: a device with one queue has little left',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

/** Thresholds on the signs that data came in, and that it came for another reason. */
export const feedThresholds = {
  reading: {
    value: 10 * mibPerS,
    unit: 'bytes/s',
    why: 'untested start: below 10 MiB/s (storage or network) there is hardly a feed to be slow, except for very small files',
  },
  ownPart: {
    value: 0.25,
    unit: 'share',
    why: "untested start: with less than a quarter of what the disks moved, and its processes not found waiting, it is another program's traffic",
  },
  swapIn: {
    value: mibPerS,
    unit: 'bytes/s',
    why: 'from 1 MiB/s of swapping in, the pressure on storage comes from short host memory, not from the feed',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

export type PressureLimits = { readonly [K in keyof typeof pressureThresholds]: number };

/** Signs of something that were found, and how many of its signals were recorded. */
export interface Signs {
  readonly known: number;
  readonly evidence: readonly Evidence[];
}

/** Signs that something waits for storage. */
export function pressureSigns({ host, job }: Phase, limits: PressureLimits): Signs {
  // The pressure in the job's own cgroup leaves out what other programs do to the host's.
  const psi: Sign =
    job.cgroupPsiIoShare === undefined
      ? ['tasks waiting for storage (PSI io, some)', host.psiIoShare, limits.psiIo, 'share']
      : [
          "tasks of the job's cgroup waiting for storage (PSI io, some)",
          job.cgroupPsiIoShare,
          limits.psiIo,
          'share',
        ];
  return signs([
    [
      "job's workers found waiting in the kernel (D state)",
      job.dStateShare,
      limits.dState,
      'share',
    ],
    psi,
    ['CPU time waiting for storage (iowait)', host.cpuIowaitShare, limits.iowait, 'share'],
    ['busiest disk busy', host.diskBusyShare, limits.diskBusy, 'share'],
  ]);
}

/** Signs that data came in, from storage or over the network. */
export function readingSigns(phase: Phase, limits: { readonly reading: number }): Signs {
  const { host } = phase;
  return signs([
    ["read by the job's processes", jobReading(phase), limits.reading, 'bytes/s'],
    ['read from disks', host.diskReadBytesPerS, limits.reading, 'bytes/s'],
    ['received from the network', host.networkRxBytesPerS, limits.reading, 'bytes/s'],
  ]);
}

/** True where the job is visible, was not found waiting, and moved a small part of what the disks moved. */
export function isOthersTraffic(
  phase: Phase,
  limits: { readonly dState: number; readonly reading: number; readonly ownPart: number },
): boolean {
  const { host, job } = phase;
  const own = jobReading(phase);
  if (job.dStateShare === undefined || own === undefined) return false;
  const moved = (host.diskReadBytesPerS ?? 0) + (host.diskWriteBytesPerS ?? 0);
  const ownMoved = own + (job.writeBytesPerS ?? 0);
  return (
    job.dStateShare < limits.dState && moved >= limits.reading && ownMoved < limits.ownPart * moved
  );
}

/** Storage that is mounted by FUSE (object stores, as a rule) shows only in what read calls returned. */
function jobReading({ job }: Phase): number | undefined {
  const known = [job.readBytesPerS, job.requestedReadBytesPerS].filter(
    (rate) => rate !== undefined,
  );
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Thresholds on what the host says of its cores. */
export const coreThresholds = {
  workerBusy: {
    value: 0.9,
    unit: 'share',
    why: 'untested start: a loader process that computes, or waits for a core, 90 % of the time has none left to wait for anything else',
  },
  coresBusy: {
    value: 0.9,
    unit: 'share',
    why: 'untested start: the job uses 90 % of the cores that it is allowed (affinity and cgroup), not of the machine: one starving process never fills 96 cores',
  },
  cgroupThrottled: {
    value: 0.25,
    unit: 'share',
    why: 'untested start: in a quarter of the scheduler periods the cgroup had used up its CPU quota',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

export type CoreLimits = { readonly [K in keyof typeof coreThresholds]: number };

/** Thresholds on waiting for a core. */
export const shortageThresholds = {
  coresShort: {
    value: 0.2,
    unit: 'share',
    why: 'untested start: who waits for a core a fifth of the time has too few of them; it changes the wording and the remedies only',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

export type ShortageLimits = { readonly [K in keyof typeof shortageThresholds]: number };

/** Cores that the job may use: the least of its cgroup's quota and what the host allows; null if unknown. */
export function coresAllowed(phase: Phase): number | null {
  const known = [
    phase.job.cpuCoresAllowed,
    phase.job.cgroupCpuLimitCores,
    phase.host.cpuCoresAllowed,
  ].filter((cores) => cores !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

/** Of the scheduler periods, those with the quota used up: of the job's cgroup, else of our own. */
export function throttledShare({ host, job }: Phase): number | undefined {
  return job.cgroupThrottledShare ?? host.cgroupThrottledShare;
}

/**
 * Of the time, what loader workers wanted a core: they had one, or waited in its queue. Undefined without workers. Where
 * the kernel does not count the wait it is what they had.
 */
export function workerWantedShare({ job }: Phase): number | undefined {
  if ((job.workers ?? 0) === 0 || job.workerCpuShare === undefined) return undefined;
  return job.workerCpuShare + (job.workerQueuedShare ?? 0);
}

/** The same of the busiest thread of the GPU process. */
export function threadWantedShare({ job }: Phase): number | undefined {
  if (job.busiestThreadShare === undefined) return undefined;
  return job.busiestThreadShare + (job.busiestThreadQueuedShare ?? 0);
}

/** A share that is wanted is what was had and what was waited for, each named where both are there. */
export function wantedEvidence(
  who: string,
  had: number,
  queued: number | undefined,
  threshold: number,
): readonly Evidence[] {
  if (queued === undefined || had >= threshold) {
    return [
      atLeast(`CPU of ${who}, of one core`, had, threshold, 'share'),
      ...(queued === undefined ? [] : [seen(`${who} waiting for a core`, queued, 'share')]),
    ];
  }
  return [
    atLeast(`${who} computing or waiting for a core`, had + queued, threshold, 'share'),
    seen(`CPU of ${who}, of one core`, had, 'share'),
    seen(`${who} waiting for a core`, queued, 'share'),
  ];
}

/** True where workers want a core that others have, so that more of them would only share the same cores. */
export function areCoresShort({ job }: Phase, limits: ShortageLimits): boolean {
  return (job.workers ?? 0) > 0 && (job.workerQueuedShare ?? 0) >= limits.coresShort;
}

/** Signs that the job's processes have no CPU to spare. */
export function coreSigns(phase: Phase, limits: CoreLimits): Signs {
  const { job } = phase;
  const allowed = coresAllowed(phase);
  const usedShare =
    allowed === null || job.cpuCores === undefined ? undefined : job.cpuCores / allowed;
  const wanted = workerWantedShare(phase);
  const workers =
    wanted !== undefined && wanted >= limits.workerBusy
      ? wantedEvidence(
          'a loader worker',
          job.workerCpuShare ?? 0,
          job.workerQueuedShare,
          limits.workerBusy,
        )
      : [];
  const others = signs([
    ['CPU of the job, of the cores allowed', usedShare, limits.coresBusy, 'share'],
    [
      'scheduler periods with the CPU quota used up',
      throttledShare(phase),
      limits.cgroupThrottled,
      'share',
    ],
  ]);
  return {
    known: others.known + (wanted === undefined ? 0 : 1),
    evidence: [...workers, ...others.evidence],
  };
}

/** What the host says of a phase; `missing` names what was not watched where that leaves it open. */
export type HostLoad =
  | { readonly is: 'quiet' | 'loaded' }
  | { readonly is: 'unknown'; readonly missing: readonly string[] };

/**
 * Loaded if storage, incoming data or the job's cores show any sign; quiet only if all of them were watched and show
 * none. The quota of a cgroup alone does not tell how busy the job's cores were.
 */
export function hostLoad(
  phase: Phase,
  limits: PressureLimits & CoreLimits & { readonly reading: number },
): HostLoad {
  const { host } = phase;
  const pressure = pressureSigns(phase, limits);
  const all = [pressure, readingSigns(phase, limits), coreSigns(phase, limits)];
  if (all.some(({ evidence }) => evidence.length > 0)) return { is: 'loaded' };
  const watched = [
    ['pressure on storage', pressure.known > 0],
    ['reads from storage', isKnown(host.diskReadBytesPerS) || isKnown(jobReading(phase))],
    ['network traffic', isKnown(host.networkRxBytesPerS)],
    ["the job's CPU use", knowsCores(phase)],
  ] as const;
  const missing = watched.flatMap(([signal, isWatched]) => (isWatched ? [] : [signal]));
  return missing.length === 0 ? { is: 'quiet' } : { is: 'unknown', missing };
}

function knowsCores(phase: Phase): boolean {
  const { cpuCores, workers, workerCpuShare } = phase.job;
  if ((workers ?? 0) > 0 && isKnown(workerCpuShare)) return true;
  return isKnown(cpuCores) && coresAllowed(phase) !== null;
}

function isKnown(value: number | undefined): boolean {
  return value !== undefined && !Number.isNaN(value);
}

type Sign = readonly [signal: string, value: number | undefined, threshold: number, unit: string];

function signs(candidates: readonly Sign[]): Signs {
  const evidence: Evidence[] = [];
  let known = 0;
  for (const [signal, value, threshold, unit] of candidates) {
    if (value === undefined || Number.isNaN(value)) continue;
    known++;
    if (value >= threshold) evidence.push(atLeast(signal, value, threshold, unit));
  }
  return { known, evidence };
}
