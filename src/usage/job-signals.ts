import { type JobColumn, jobColumns } from '../host/columns.ts';
import type { SignalBlock } from '../store/recording.ts';
import { SignalTrack } from './signals.ts';

/** What several processes of one GPU have in common adds up; the rest are shares, of which the mean is taken. */
const additive: ReadonlySet<JobColumn> = new Set<JobColumn>([
  'cpuCores',
  'mainCpuCores',
  'workers',
  'readBytesPerS',
  'writeBytesPerS',
  'requestedReadBytesPerS',
  'majorFaultsPerS',
  'workersBornPerHour',
]);

/** Processes of one GPU that are told apart; more share the last place. */
const maxProcesses = 16;

/** Readings of the processes on one GPU. */
export class JobSignals {
  readonly #tracks = new Map<string, SignalTrack<JobColumn>>();

  get isEmpty(): boolean {
    return this.#tracks.size === 0;
  }

  /** Adds readings of one process; see SignalTrack.add. */
  add(process: string, block: SignalBlock<JobColumn>, firstMs: number, maxGapMs: number): void {
    const key =
      this.#tracks.has(process) || this.#tracks.size < maxProcesses - 1 ? process : 'others';
    let track = this.#tracks.get(key);
    if (!track) {
      track = new SignalTrack<JobColumn>(jobColumns);
      this.#tracks.set(key, track);
    }
    track.add(block, firstMs, maxGapMs);
  }

  /** Sums of the processes by step of the grid, of a column that adds up. */
  steps(column: JobColumn, startMs: number, endMs: number): Map<number, number> {
    const sums = new Map<number, number>();
    for (const track of this.#tracks.values()) {
      for (const [step, value] of track.steps(column, startMs, endMs)) {
        sums.set(step, (sums.get(step) ?? 0) + value);
      }
    }
    return sums;
  }

  /** Sums of the processes over a span, for shares their mean weighted by time; a column without readings is left out. */
  means(startMs: number, endMs: number): Partial<Record<JobColumn, number>> {
    const all = Array.from(this.#tracks.values(), (track) => track.sums(startMs, endMs));
    const means: Partial<Record<JobColumn, number>> = {};
    for (const column of jobColumns) {
      const known = all.flatMap((sums) => sums[column] ?? []);
      if (known.length === 0) continue;
      const sum = known.reduce((total, { sum: part }) => total + part, 0);
      const longest = Math.max(...known.map(({ ms }) => ms));
      const together = known.reduce((total, { ms }) => total + ms, 0);
      means[column] = sum / (additive.has(column) ? longest : together);
    }
    return means;
  }
}
