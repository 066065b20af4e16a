import type { Clock } from './clock.ts';
import type { GpuIdentity } from './columns.ts';
import { parseText } from './parse-value.ts';
import { askOnce, type Smi } from './smi.ts';

/** A start may take half a minute on a large host. */
const timeoutMs = 30_000;

const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];

/** Names and memory of the visible GPUs by one short question; without them, nvidia-smi's own words. Never throws. */
export async function listGpus(
  smi: Smi,
  clock: Clock,
): Promise<{
  readonly gpus: readonly Pick<GpuIdentity, 'name' | 'memoryTotalMib'>[];
  readonly failure: string | null;
}> {
  const { lines, failure } = await askOnce(smi, clock, query, timeoutMs);
  if (failure !== null) return { gpus: [], failure };
  const gpus = lines.flatMap((line) => {
    // Names hold no comma today; memory is behind the last one in any case.
    const comma = line.lastIndexOf(',');
    if (comma < 0) return [];
    const memory = line.slice(comma + 1).trim();
    return [
      {
        name: parseText(line.slice(0, comma)),
        memoryTotalMib: /^\d+$/.test(memory) ? Number(memory) : null,
      },
    ];
  });
  return { gpus, failure: gpus.length === 0 ? 'no GPU is listed' : null };
}
