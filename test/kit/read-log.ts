import { Readable } from 'node:stream';
import { type GpuColumn, type GpuIdentity, gpuColumns } from '../../src/sample/columns.ts';
import { openLog } from '../../src/store/log/open-log.ts';
import type { LogOptions } from '../../src/store/log/options.ts';
import type { Recording } from '../../src/store/recording.ts';

interface ReadSample {
  readonly timeMs: number;
  readonly values: Readonly<Partial<Record<GpuColumn, number | null>>>;
}

/** A recording with its items gathered; NaN becomes null. */
export interface ReadRecording {
  readonly recording: Recording;
  readonly gpus: readonly GpuIdentity[];
  readonly samples: ReadonlyMap<string, readonly ReadSample[]>;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly endMs: number | null;
}

export async function gather(recording: Recording): Promise<ReadRecording> {
  let gpus: readonly GpuIdentity[] = [];
  const samples = new Map<string, ReadSample[]>();
  const warnings: { code: string; message: string }[] = [];
  let endMs: number | null = null;
  for await (const item of recording.items()) {
    switch (item.kind) {
      case 'gpus':
        gpus = item.gpus;
        break;
      case 'samples': {
        const { block } = item;
        if (!gpus.some(({ id }) => id === block.gpu)) throw new Error(`${block.gpu} was not told`);
        const rows = samples.get(block.gpu) ?? [];
        samples.set(block.gpu, rows);
        for (let i = 0; i < block.length; i++) {
          const values: Partial<Record<GpuColumn, number | null>> = {};
          for (const column of gpuColumns) {
            const cells = block.columns[column];
            if (cells === undefined) continue;
            const value = cells[i] ?? Number.NaN;
            values[column] = Number.isNaN(value) ? null : value;
          }
          rows.push({ timeMs: block.timeMs[i] ?? Number.NaN, values });
        }
        break;
      }
      case 'warning':
        warnings.push({ code: item.code, message: item.message });
        break;
      case 'end':
        endMs = item.timeMs;
        break;
      case 'host':
      case 'job':
      case 'waits':
      case 'processes':
      case 'shares':
      case 'progress':
      case 'event':
        throw new Error(`a log has no item ${item.kind}`);
    }
  }
  return { recording, gpus, samples, warnings, endMs };
}

/** Reads a log from memory, in chunks of the sizes given (the rest in one). */
export async function readLog(
  content: string | Uint8Array,
  options: LogOptions = {},
  chunkSizes: readonly number[] = [],
): Promise<ReadRecording> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of chunkSizes) {
    if (at >= bytes.length) break;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at < bytes.length) chunks.push(bytes.subarray(at));
  return gather(await openLog({ name: 'test.csv', stream: Readable.from(chunks) }, options));
}
