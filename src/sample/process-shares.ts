import type { GpuProcess, SharesLine } from '../store/lines.ts';
import { type PmonRunOptions, pmonRun } from './pmon-run.ts';
import type { ProcessList } from './process-poll.ts';

/** What each process does on the GPUs that several share, told at the pace of the process lists. */
export interface ProcessShares {
  /** A new list: tells what was done since the one before, and begins to look where a GPU is shared. */
  next(list: ProcessList): void;
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface ProcessSharesOptions extends PmonRunOptions {
  /** nvidia-smi's index of a position. */
  readonly indexOf: (position: number) => number | null;
  readonly onShares: (t: number, rows: SharesLine['rows']) => void;
}

/** Runs `pmon` from the first shared GPU on: where each GPU has one process there is nothing to divide. */
export function processShares(options: ProcessSharesOptions): ProcessShares {
  const pmon = pmonRun(options);
  let shared: ReadonlyMap<number, readonly GpuProcess[]> = new Map();
  return {
    next({ t, visible, processes }) {
      const rows = [...shared].flatMap(([position, sharing]) => {
        const index = options.indexOf(position);
        return index === null ? [] : sharesOf(position, sharing, pmon.take(index));
      });
      if (rows.length > 0) options.onShares(t, rows);
      shared = visible ? sharedGpus(processes) : new Map();
      if (shared.size > 0) pmon.start();
    },
    stop: () => pmon.stop(),
    pause: () => pmon.pause(),
    resume: () => pmon.resume(),
  };
}

function sharedGpus(processes: readonly GpuProcess[]): Map<number, readonly GpuProcess[]> {
  const byGpu = new Map<number, GpuProcess[]>();
  for (const process of processes) {
    const others = byGpu.get(process.gpu);
    if (others) others.push(process);
    else byGpu.set(process.gpu, [process]);
  }
  return new Map([...byGpu].filter(([, sharing]) => sharing.length > 1));
}

/** A process without a reading beside one that has some did nothing. */
function sharesOf(
  position: number,
  sharing: readonly GpuProcess[],
  smByPid: ReadonlyMap<number, number>,
): SharesLine['rows'] {
  if (!sharing.some(({ pid }) => smByPid.has(pid))) return [];
  return sharing.map(({ pid }) => [position, pid, Math.round(10 * (smByPid.get(pid) ?? 0)) / 10]);
}
