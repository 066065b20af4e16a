import type { Clock } from './clock.ts';
import { type DmonColumn, dmonColumns, dmonReader, gpmColumns } from './dmon.ts';
import { type KeptRun, keptRun } from './kept-run.ts';
import type { Smi } from './smi.ts';

export interface DmonRun {
  start(): void;
  /** Means of what arrived for this GPU index since the last call; null where nothing did. */
  take(index: number): Readonly<Record<DmonColumn, number | null>>;
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface DmonRunOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly startTimeoutMs: number;
  /** Called at most once: what this host does not give, and why. */
  readonly onUnsupported: (message: string) => void;
}

/** GPM is a difference of two samples, so the first rows are empty even where it works. */
const rowsUntilGpmIsMissing = 8;

/** dmon's pace: whole seconds, not faster than one. */
export function dmonSeconds(intervalMs: number): number {
  return Math.max(1, Math.round(intervalMs / 1000));
}

/** One long-lived `dmon` for PCIe throughput and GPM; without GPM where nvidia-smi does not know it. */
export function dmonRun(options: DmonRunOptions): DmonRun {
  const seconds = dmonSeconds(options.intervalMs);
  const sums = new Map<number, Float64Array>();
  const counts = new Map<number, Float64Array>();
  let reader = dmonReader();
  let withGpm = true;
  let gpmSeen = false;
  let rows = 0;
  let isSaid = false;
  const say = (message: string): void => {
    if (!isSaid) options.onUnsupported(message);
    isSaid = true;
  };

  const add = (
    index: number,
    values: Readonly<Partial<Record<DmonColumn, number | null>>>,
  ): void => {
    const sum = sums.get(index) ?? new Float64Array(dmonColumns.length);
    const n = counts.get(index) ?? new Float64Array(dmonColumns.length);
    dmonColumns.forEach((column, i) => {
      const value = values[column];
      if (typeof value !== 'number') return;
      sum[i] = (sum[i] ?? 0) + value;
      n[i] = (n[i] ?? 0) + 1;
    });
    sums.set(index, sum);
    counts.set(index, n);
    gpmSeen ||= gpmColumns.some((column) => typeof values[column] === 'number');
    rows++;
    if (!gpmSeen && rows === rowsUntilGpmIsMissing * Math.max(1, sums.size)) {
      say('this driver or GPU gives no GPM metrics (SM, tensor-core and DRAM activity)');
    }
  };

  const kept: KeptRun = keptRun({
    smi: options.smi,
    clock: options.clock,
    args: () => {
      reader = dmonReader();
      return [
        'dmon',
        '-s',
        't',
        ...(withGpm ? ['--gpm-metrics=2,3,5,10'] : []),
        '-d',
        `${seconds}`,
      ];
    },
    startTimeoutMs: options.startTimeoutMs,
    silenceMs: Math.max(10_000, 5000 * seconds),
    onLines: (lines) => {
      for (const line of lines) {
        const row = reader.read(line);
        if (row === null) continue;
        kept.alive();
        add(row.index, row.values);
      }
    },
    onEnd: ({ words, lived, finished }) => {
      if (finished) return 'never';
      if (lived || rows > 0) return 'back-off';
      if (withGpm) {
        withGpm = false;
        return 'at-once';
      }
      say(`nvidia-smi dmon gives no PCIe throughput and no GPM metrics here: ${words}`);
      return 'never';
    },
  });

  return {
    start: kept.start,
    take(index) {
      const sum = sums.get(index);
      const n = counts.get(index);
      const mean = (i: number): number | null => {
        const times = n?.[i] ?? 0;
        return times === 0 ? null : (sum?.[i] ?? 0) / times;
      };
      const taken = {
        pcieRxMibPerS: mean(0),
        pcieTxMibPerS: mean(1),
        smActivityShare: mean(2),
        smOccupancyShare: mean(3),
        tensorActivityShare: mean(4),
        dramActivityShare: mean(5),
      };
      sum?.fill(0);
      n?.fill(0);
      return taken;
    },
    stop: kept.stop,
    pause: kept.pause,
    resume: kept.resume,
  };
}
