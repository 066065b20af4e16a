import type { HostColumn, JobColumn } from '../host/columns.ts';
import type { MountKind } from '../host/mounts.ts';
import type { ProcessOwner } from '../host/process-owner.ts';
import type { GpuColumn, GpuIdentity } from '../sample/columns.ts';

/**
 * The lines of a session (schema gpucost.session/1): JSON, one object a line, `kind` first.
 * The sampler makes them, the store keeps them, `watch --json` prints them, and the reader returns them.
 */
export type SessionLine =
  | HeaderLine
  | GpusLine
  | TickLine
  | HostLine
  | ProcessesLine
  | SharesLine
  | JobLine
  | WaitsLine
  | EventLine
  | ProgressLine
  | EndLine;

/** Opens a session, and each of its segments. */
export interface HeaderLine {
  readonly kind: 'header';
  readonly schema: 'gpucost.session/1';
  readonly id: string;
  readonly tool: string;
  /** Epoch milliseconds; when watching began, before nvidia-smi answered. */
  readonly startedAt: number;
  readonly intervalMs: number;
  readonly hostIntervalMs: number;
  readonly host: HostIdentity;
  readonly driver: string | null;
  readonly gpus: readonly GpuIdentity[];
  /** The order of values in tick rows. */
  readonly columns: readonly GpuColumn[];
  readonly hostColumns: readonly HostColumn[];
  readonly jobColumns: readonly JobColumn[];
  /** The name of the wrapped command (no arguments: they can hold secrets), or null. */
  readonly command: string | null;
  readonly machine: MachineFacts | null;
}

export interface HostIdentity {
  readonly name: string;
  /** A hash of the machine id: the same host in every session, without telling which. */
  readonly key: string;
  readonly cpus: number;
  readonly memoryMib: number;
  /** Epoch milliseconds: the kernel's boot, in a container the start of its PID 1. */
  readonly bootedAt: number | null;
  readonly container: boolean;
}

/** What is known of the machine type, by flag or by detection; stored so that a report elsewhere knows. */
export interface MachineFacts {
  readonly provider: string | null;
  readonly type: string | null;
  readonly region: string | null;
  readonly purchase: string | null;
  readonly detectedBy: DetectedBy;
  readonly launchedAt: number | null;
}

export type DetectedBy = 'flag' | 'config' | 'environment' | 'dmi' | 'metadata' | 'shape' | 'none';

/** The GPU list changed: a GPU appeared or its facts did. Replaces the header's list; positions are kept. */
export interface GpusLine {
  readonly kind: 'gpus';
  readonly t: number;
  readonly gpus: readonly GpuIdentity[];
}

/** One reading of all GPUs that answered. */
export interface TickLine {
  readonly kind: 'tick';
  readonly t: number;
  /** Each row: position in `gpus`, then one value for each entry of `columns`. */
  readonly rows: readonly (readonly (number | null)[])[];
}

export interface HostLine {
  readonly kind: 'host';
  readonly t: number;
  readonly values: readonly (number | null)[];
}

/** Compute processes by GPU; `visible` is false where the driver's pids are not ours (a foreign PID namespace). */
export interface ProcessesLine {
  readonly kind: 'processes';
  readonly t: number;
  readonly visible: boolean;
  readonly processes: readonly GpuProcess[];
}

export interface GpuProcess {
  /** Position in `gpus`. */
  readonly gpu: number;
  readonly pid: number;
  /** The executable's base name: arguments can hold secrets. */
  readonly name: string;
  readonly memoryMib: number | null;
  /** Left out where it could not be read, and by recorders before it was. */
  readonly owner?: ProcessOwner;
}

/** What each process did on a GPU that several share, since the line before (`nvidia-smi pmon`). */
export interface SharesLine {
  readonly kind: 'shares';
  readonly t: number;
  /** Each row: position in `gpus`, pid, SM utilization in per cent. */
  readonly rows: readonly (readonly [gpu: number, pid: number, smPct: number])[];
}

/** One GPU process with its descendants. */
export interface JobLine {
  readonly kind: 'job';
  readonly t: number;
  readonly pid: number;
  readonly name: string;
  /** Positions in `gpus`. */
  readonly gpus: readonly number[];
  readonly values: readonly (number | null)[];
}

/**
 * For which mounts the processes of a GPU process's tree were found waiting since the line before; written while they
 * wait. Mount points only: names of files are never read.
 */
export interface WaitsLine {
  readonly kind: 'waits';
  readonly t: number;
  readonly pid: number;
  /** Positions in `gpus`. */
  readonly gpus: readonly number[];
  readonly mounts: readonly MountWait[];
  /** Found waiting, and for which mount was not to be told. */
  readonly unplaced: number;
}

export interface MountWait {
  /** Where it is mounted, as the job's processes see it. */
  readonly point: string;
  /** The file system: nfs4, gcsfuse, ext4, … */
  readonly type: string;
  readonly store: MountKind;
  /** Looks that found a process waiting for it; of those, in a call that writes. */
  readonly found: number;
  readonly writing: number;
  /** Bytes that it read from its server, and milliseconds of a read there: NFS alone counts them. */
  readonly readBytesPerS: number | null;
  readonly readMs: number | null;
}

/** Something that happened to the sampling itself. */
export interface EventLine {
  readonly kind: 'event';
  readonly t: number;
  readonly code: EventCode;
  readonly message: string;
  /** With code `xid`. */
  readonly xid?: XidFact;
}

/** An error of a GPU that NVIDIA's driver wrote to the kernel's log; null is not said. */
export interface XidFact {
  readonly code: number;
  /** Position in the latest list of GPUs; null for a GPU that is not watched. */
  readonly gpu: number | null;
  readonly pid: number | null;
  readonly name: string | null;
  /** What the driver asks for from here on (code 154). */
  readonly recovery: string | null;
  /** Alike ones since the reading of the log before. */
  readonly count: number;
}

export type EventCode =
  | 'driver-lost'
  | 'driver-back'
  | 'gpu-lost'
  | 'gpu-back'
  | 'field-unsupported'
  | 'reading-failed'
  | 'persistence-off'
  | 'mig'
  | 'processes-hidden'
  | 'host-signal-missing'
  | 'xid'
  | 'gpu-health'
  | 'warning';

/** A reading of a counter of the run's own progress (`watch --progress`). */
export interface ProgressLine {
  readonly kind: 'progress';
  readonly t: number;
  readonly unit: 'step' | 'epoch' | 'token';
  /** Which of several counters of this unit; empty where there is one. */
  readonly label: string;
  /** As it was shown. */
  readonly count: number;
  readonly total: number | null;
  /** Counted in this session: the sum of its differences. */
  readonly done: number;
}

export interface EndLine {
  readonly kind: 'end';
  readonly t: number;
  readonly reason: 'duration' | 'interrupt' | 'terminated' | 'command-ended' | 'failed';
}
