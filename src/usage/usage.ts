import type { HostColumn, JobColumn } from '../host/columns.ts';
import type { MountKind } from '../host/mounts.ts';
import type { GpuIdentity } from '../sample/columns.ts';
import type { Attribution, JobSpan } from './attribution.ts';
import type { PcieLink } from './sample-source.ts';
import type { State } from './states.ts';

export const unobservedCauses = [
  'beforeFirstSample',
  'gap',
  'hiddenGpus',
  'driver',
  'notReported',
  'machineOff',
] as const;

export type UnobservedCause = (typeof unobservedCauses)[number];

/** GPU-milliseconds by state; integers that add up to `billedMs`. */
export interface StateMs {
  readonly billedMs: number;
  readonly byState: Readonly<Record<State, number>>;
  readonly unobservedBy: Readonly<Record<UnobservedCause, number>>;
  /** effective + underfilled + throttled: some kernel was resident. */
  readonly busyMs: number;
  /** The band of `effective`: low ≤ byState.effective ≤ high ≤ busyMs. */
  readonly effectiveLowMs: number;
  readonly effectiveHighMs: number;
}

/** One GPU over one period: at most a clock hour, cut at the ends of runs and of the window asked for. */
export interface Cell extends StateMs {
  readonly startMs: number;
  readonly endMs: number;
}

export type Basis = 'gpm' | 'power' | 'utilization';

/** What is known of one GPU over the window; what rules and reports read. */
export interface GpuUsage {
  readonly identity: GpuIdentity;
  /** Median time between samples. */
  readonly nominalMs: number;
  readonly samples: number;
  readonly total: StateMs;
  readonly cells: readonly Cell[];
  readonly basis: Basis;
  /** The power that the load was measured against; null without the power basis. */
  readonly powerFloorW: number | null;
  readonly powerReferenceW: number | null;
  readonly utilizationPct: Distribution | null;
  readonly memoryUsedMib: { readonly mean: number; readonly max: number } | null;
  readonly powerW: { readonly mean: number; readonly max: number } | null;
  readonly idleStretches: readonly IdleStretch[];
  /** Active phases, in order: separated by held or empty idle time and by gaps. */
  readonly phases: readonly Phase[];
  /** Start-ups that were seen from their beginning to the work that followed. */
  readonly starts: readonly Start[];
  /** Stalls that come back at regular times, at most one rhythm a phase. */
  readonly stalls: readonly RecurringStall[];
  readonly windows: Windows;
  /** Null where compute processes were never visible. */
  readonly maxComputeProcesses: number | null;
  /** Which jobs were on the GPU, in order of time; null where processes were never visible. */
  readonly jobs: readonly JobSpan[] | null;
  /** Who held the GPU; null where processes were never visible. */
  readonly attribution: Attribution | null;
  readonly loaded: LoadedTime;
  /** Uncorrected ECC errors counted while it was watched; null where they were not reported. */
  readonly eccErrors: number | null;
}

/** Time at a utilization of 50 % and more, and how much of it came with the readings that some rules need. */
export interface LoadedTime {
  readonly ms: number;
  /** Clock event reasons or slowdown counters were reported. */
  readonly reasonsKnownMs: number;
  /** The PCIe link and its maximum were reported. */
  readonly linkKnownMs: number;
  /** The link that was seen longest below the maximum; null where it never was. */
  readonly lowLink: PcieLink | null;
}

export interface Distribution {
  readonly mean: number;
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

export interface IdleStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly heldMs: number;
  readonly emptyMs: number;
  /** Highest memory in use during the stretch; null without the column. */
  readonly memoryUsedMib: number | null;
}

/**
 * A stretch of work. Means are weighted by time over the phase's steady part
 * (without warm-up and tear-down, see phases.ts); null where the column is missing.
 */
export interface Phase {
  readonly startMs: number;
  readonly endMs: number;
  /** The part that rules judge; equal to the phase where nothing stands out. */
  readonly steadyStartMs: number;
  readonly steadyEndMs: number;
  /** Observed milliseconds of the steady part, and how they divide. */
  readonly observedMs: number;
  readonly busyMs: number;
  readonly effectiveMs: number;
  readonly throttledMs: number;
  readonly waitingMs: number;
  /** Over windows of max(5 s, interval). */
  readonly utilizationPct: Distribution;
  /** Power above the floor over power limit above the floor, 0–1; null without the power basis. */
  readonly load: Distribution | null;
  readonly utilizationMemoryPct: number | null;
  readonly memoryUsedMib: {
    readonly mean: number;
    readonly max: number;
    readonly p95: number;
  } | null;
  readonly powerW: number | null;
  readonly clockSmMhz: number | null;
  readonly pcieMibPerS: number | null;
  readonly smActivityShare: number | null;
  readonly dramActivityShare: number | null;
  readonly tensorActivityShare: number | null;
  /** Means over the steady part; a column is left out where the host does not offer it. */
  readonly host: Readonly<Partial<Record<HostColumn, number>>>;
  /** Of the processes on this GPU, summed (shares: the mean). */
  readonly job: Readonly<Partial<Record<JobColumn, number>>>;
  readonly jobNames: readonly string[];
  /** Mounts that the job's processes were found waiting for, the most often first. */
  readonly waitPlaces: readonly WaitPlace[];
  /** How data came in, against the highest that was seen; left out where it was not recorded. */
  readonly rates: Readonly<Partial<Record<RateName, RateLevel>>>;
}

/** A mount that processes were found waiting for. */
export interface WaitPlace {
  readonly point: string;
  /** nfs4, gcsfuse, ext4, … */
  readonly type: string;
  readonly store: MountKind;
  /** Of the looks that found a process waiting, those that found it here; 0–1. */
  readonly share: number;
  /** Of those here, in a call that writes; 0–1. */
  readonly writingShare: number;
  /** NFS alone counts these: bytes from its server, and milliseconds of a read there. */
  readonly readBytesPerS: number | null;
  readonly readMs: number | null;
}

export type RateName =
  | 'readBytesPerS'
  | 'requestedReadBytesPerS'
  | 'diskReadBytesPerS'
  | 'networkRxBytesPerS';

/** A rate over a phase. */
export interface RateLevel {
  readonly mean: number;
  /** The highest that was kept up for a minute anywhere in the recording. */
  readonly highest: number;
  /** Share of the phase's time at 90 to 110 % of its own median: near 1 is flat. */
  readonly levelShare: number;
}

/** From a process's appearance, or a wrapped command's start, to the first steady work. */
export interface Start {
  readonly startMs: number;
  readonly endMs: number;
  readonly by: 'command' | 'process';
  readonly observedMs: number;
  readonly busyMs: number;
  readonly waitingMs: number;
  readonly heldMs: number;
  readonly emptyMs: number;
  /** Means over the start-up; see Phase. */
  readonly host: Readonly<Partial<Record<HostColumn, number>>>;
  readonly job: Readonly<Partial<Record<JobColumn, number>>>;
}

/** Dips of a phase's utilization at equal distances. */
export interface RecurringStall {
  /** The phase's steady part, in which they were looked for. */
  readonly startMs: number;
  readonly endMs: number;
  /** Median time from one stall's beginning to the next one's. */
  readonly periodMs: number;
  /** Median length, a half-deep dip counted as half. */
  readonly stallMs: number;
  readonly count: number;
  /** Time without a kernel in all of them. */
  readonly waitingMs: number;
  /** The part of the phase's observed time that waitingMs is. */
  readonly share: number;
  /** How likely stalls at random times would look as regular. */
  readonly chance: number;
  /** Bytes written per second during the stalls and in the rest of the phase; null where nothing tells. */
  readonly writes: { readonly during: number; readonly between: number } | null;
  readonly intervals: readonly { readonly startMs: number; readonly endMs: number }[];
}

/** Milliseconds of windows: 16 bits where they fit. */
export type MsColumn = Uint16Array | Uint32Array;

/**
 * The timeline as columns, one entry a window that was observed, ordered by time.
 * Windows lie on an absolute grid of `windowMs`; `NaN` is unknown.
 */
export interface Windows {
  readonly windowMs: number;
  readonly length: number;
  readonly startMs: Float64Array;
  /** Observed milliseconds and how they divide (busy + waiting + held + empty = observed). */
  readonly observedMs: MsColumn;
  readonly busyMs: MsColumn;
  readonly waitingMs: MsColumn;
  readonly heldMs: MsColumn;
  readonly emptyMs: MsColumn;
  readonly effectiveMs: MsColumn;
  readonly effectiveLowMs: MsColumn;
  readonly effectiveHighMs: MsColumn;
  readonly throttledMs: MsColumn;
  readonly utilizationPct: Float32Array;
  readonly utilizationMemoryPct: Float32Array;
  readonly powerW: Float32Array;
  readonly load: Float32Array;
  readonly memoryUsedMib: Float32Array;
  readonly clockSmMhz: Float32Array;
  readonly pcieMibPerS: Float32Array;
  readonly smActivityShare: Float32Array;
  readonly dramActivityShare: Float32Array;
  readonly tensorActivityShare: Float32Array;
  /** Under load on a PCIe link below its maximum; null where that never was. */
  readonly linkLowMs: MsColumn | null;
}

/** A machine's launch to its end, or under `start` the time that was watched. */
export interface Run {
  readonly startMs: number;
  /**
   * Where the uncut run began: equal to startMs unless a report window cut the run's head.
   * Its money is counted from here, so that the parts of a cut run add up to the whole to the micro.
   */
  readonly fullStartMs: number;
  readonly endMs: number;
  readonly startedBy: 'start' | 'boot' | 'launch' | 'time';
  /**
   * endMs − startMs, plus what increment and minimum add to the uncut run where its own end lies
   * inside the window; a run cut at its end has no rounding.
   */
  readonly billedMs: number;
}

/** A machine with its GPUs over the window asked for. */
export interface MachineUsage {
  readonly id: string;
  readonly gpus: readonly GpuUsage[];
  /** Runs cut to the window; billedMs − (endMs − startMs) is rounding, booked where the run ends. */
  readonly runs: readonly Run[];
  /** GPUs of the machine that could not be seen from here; 0 where the machine's count is unknown. */
  readonly hiddenGpus: number;
  readonly hidden: StateMs;
  readonly hiddenCells: readonly Cell[];
}
