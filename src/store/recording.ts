import type { HostColumn, JobColumn } from '../host/columns.ts';
import type { GpuIdentity, SampleBlock } from '../sample/columns.ts';
import type {
  EndLine,
  EventLine,
  GpuProcess,
  HostIdentity,
  MachineFacts,
  MountWait,
  ProgressLine,
  SharesLine,
} from './lines.ts';

/**
 * What a session or a log turns into: facts, then a stream of items to be read once.
 * Items of one GPU come in the order in which they were taken; GPUs may be interleaved in any way.
 */
export interface Recording {
  readonly kind: 'session' | 'nvidia-smi-csv';
  /** File name, for people. */
  readonly name: string;
  readonly host: HostIdentity | null;
  readonly machine: MachineFacts | null;
  /** When watching began; null for logs, which begin with their first row. */
  readonly startedAt: number | null;
  /** The interval that was asked for; null where a log does not say, and its median is used. */
  readonly intervalMs: number | null;
  /** True if a command was wrapped: idle inside it is waiting. */
  readonly wrapsCommand: boolean;
  items(): AsyncIterable<RecordingItem>;
}

export type RecordingItem =
  | { readonly kind: 'gpus'; readonly gpus: readonly GpuIdentity[] }
  | { readonly kind: 'samples'; readonly block: SampleBlock }
  | { readonly kind: 'host'; readonly block: SignalBlock<HostColumn> }
  | {
      readonly kind: 'job';
      readonly gpus: readonly string[];
      readonly pid: number;
      readonly name: string;
      readonly block: SignalBlock<JobColumn>;
    }
  | {
      readonly kind: 'processes';
      readonly timeMs: number;
      readonly visible: boolean;
      readonly processes: readonly GpuProcess[];
    }
  | {
      readonly kind: 'waits';
      readonly timeMs: number;
      readonly pid: number;
      readonly gpus: readonly string[];
      readonly mounts: readonly MountWait[];
      readonly unplaced: number;
    }
  | { readonly kind: 'shares'; readonly timeMs: number; readonly rows: SharesLine['rows'] }
  | { readonly kind: 'event'; readonly event: EventLine }
  | { readonly kind: 'progress'; readonly reading: ProgressLine }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  /** The end of the watched time; a log ends with its last row, and so does a session that was cut off. */
  | { readonly kind: 'end'; readonly timeMs: number; readonly reason?: EndLine['reason'] };

/** Host or job readings as columns; each reading covers the time since the previous one. NaN is missing. */
export interface SignalBlock<C extends string> {
  readonly length: number;
  readonly timeMs: Float64Array;
  readonly columns: Readonly<Partial<Record<C, Float64Array>>>;
}
