import type { GpuIdentity } from '../sample/columns.ts';
import type { DetectedBy } from '../store/lines.ts';

/** What doctor found out about this host; every check follows from it alone. */
export interface DoctorFacts {
  readonly smi: SmiFacts;
  readonly host: HostFacts;
  readonly data: DataFacts;
  readonly machine: MachineFindings;
}

export interface Problem {
  readonly message: string;
  readonly hint: string | null;
}

/** nvidia-smi was not found or can't be run, or it was asked once for everything. */
export type SmiFacts = { readonly path: null; readonly problem: Problem } | SmiAnswers;

export interface SmiAnswers {
  readonly path: string;
  /** How long one reading of all fields took, start included. */
  readonly answerMs: number;
  /** nvidia-smi's own words where it gave no reading. */
  readonly failure: string | null;
  readonly driver: string | null;
  readonly gpus: readonly GpuIdentity[];
  /** GPUs that answer only that they are lost, or fail to answer. */
  readonly lost: readonly string[];
  /** Catalogued fields that this driver knows, and those that it does not. */
  readonly fieldsOffered: number;
  readonly fieldsMissing: readonly string[];
  /** Indices of GPUs that gave no value for utilization, memory or power. */
  readonly silent: {
    readonly utilization: readonly string[];
    readonly memory: readonly string[];
    readonly power: readonly string[];
  };
  readonly processes: ProcessFacts;
  readonly dmon: DmonFacts;
}

/** What `nvidia-smi dmon` gives beside the query. */
export interface DmonFacts {
  readonly hasPcie: boolean;
  /** SM, tensor-core and DRAM activity (Hopper and later). */
  readonly hasGpm: boolean;
  /** nvidia-smi's own words where it gives neither. */
  readonly failure: string | null;
}

export type ProcessFacts =
  | { readonly failure: string }
  /** `matched`: a listed process is one of ours; null where none is listed. */
  | { readonly failure: null; readonly listed: number; readonly matched: boolean | null };

export interface HostFacts {
  readonly container: boolean;
  /** Null on systems without user ids. */
  readonly userId: number | null;
  readonly coresAllowed: number | null;
  readonly cpus: number;
  /** Which signals the host does not offer, in words; null if it offers all. */
  readonly missingSignals: string | null;
  /** Why XIDs can't be seen in the kernel's log; null if they can. */
  readonly xidsHidden: 'denied' | 'absent' | null;
  /** Device files of the NVIDIA driver that this user may not open. */
  readonly deniedDevices: readonly string[];
  /** Whether performance counters are for administrators only (the driver's RmProfilingAdminOnly); null unknown. */
  readonly profilingAdminOnly: boolean | null;
}

export interface DataFacts {
  readonly folder: string;
  /** Why it can't be written; null if it can. */
  readonly problem: string | null;
  readonly freeBytes: number | null;
}

export interface MachineFindings {
  readonly provider: string | null;
  readonly type: string | null;
  readonly region: string | null;
  readonly detectedBy: DetectedBy;
  /** Types that the shape allows, where it allows several. */
  readonly candidates: readonly string[];
  readonly rate: RateFacts | null;
  /** Why there is no rate. */
  readonly rateProblem: Problem | null;
}

export interface RateFacts {
  readonly currency: string;
  readonly perHourNanos: bigint;
  readonly region: string;
  readonly purchase: string;
  readonly asOf: string | null;
  /** Codes of the doubts that the rate carries, such as a stale price. */
  readonly doubts: readonly string[];
}
