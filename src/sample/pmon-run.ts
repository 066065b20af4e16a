import type { Clock } from './clock.ts';
import { type KeptRun, keptRun } from './kept-run.ts';
import { pmonReader } from './pmon.ts';
import type { Smi } from './smi.ts';

export interface PmonRun {
  /** Starts it once; further calls do nothing. */
  start(): void;
  /**
   * Mean SM utilization of each process on a GPU index since the last call, by pid. A process without a reading
   * beside one that has some did nothing; empty where nobody has.
   */
  take(index: number): ReadonlyMap<number, number>;
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface PmonRunOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly startTimeoutMs: number;
  /** Called at most once. */
  readonly onUnsupported: (message: string) => void;
}

/** A reading is of about a second, so a slower pace would look at too little; pmon takes 1 to 10. */
const seconds = 2;

interface Sums {
  /** Rounds in which any process of the GPU had a reading. */
  rounds: number;
  smByPid: Map<number, number>;
}

/** One long-lived `pmon`, for what each process does on a GPU that several share. */
export function pmonRun(options: PmonRunOptions): PmonRun {
  const sums = new Map<number, Sums>();
  let reader = pmonReader();
  let isStarted = false;
  let round = new Map<number, Map<number, number>>();
  const seen = new Set<string>();

  const endRound = (): void => {
    for (const [index, smByPid] of round) {
      const sum = sums.get(index) ?? { rounds: 0, smByPid: new Map<number, number>() };
      sum.rounds += 1;
      for (const [pid, sm] of smByPid) sum.smByPid.set(pid, (sum.smByPid.get(pid) ?? 0) + sm);
      sums.set(index, sum);
    }
    round = new Map();
    seen.clear();
  };

  const kept: KeptRun = keptRun({
    smi: options.smi,
    clock: options.clock,
    args: () => {
      reader = pmonReader();
      return ['pmon', '-s', 'u', '-d', String(seconds)];
    },
    startTimeoutMs: options.startTimeoutMs,
    silenceMs: Math.max(10_000, 5000 * seconds),
    onLines: (lines) => {
      for (const line of lines) {
        const row = reader.read(line);
        // A GPU without processes has a row of hyphens.
        if (/^\s*\d/.test(line)) kept.alive();
        if (row === null) continue;
        const process = `${row.index} ${row.pid}`;
        if (seen.has(process)) endRound();
        seen.add(process);
        if (row.smPct === null) continue;
        const smByPid = round.get(row.index) ?? new Map<number, number>();
        smByPid.set(row.pid, row.smPct);
        round.set(row.index, smByPid);
      }
    },
    onEnd: ({ words, lived, finished }) => {
      if (finished) return 'never';
      if (lived) return 'back-off';
      options.onUnsupported(
        `nvidia-smi pmon gives no SM utilization of processes here: ${words}; shared GPUs are split by memory`,
      );
      return 'never';
    },
  });

  return {
    start() {
      if (!isStarted) kept.start();
      isStarted = true;
    },
    take(index) {
      endRound();
      const sum = sums.get(index);
      sums.delete(index);
      const rounds = sum?.rounds ?? 1;
      return new Map([...(sum?.smByPid ?? [])].map(([pid, sm]) => [pid, sm / rounds]));
    },
    stop: () => (isStarted ? kept.stop() : Promise.resolve()),
    pause: kept.pause,
    resume: kept.resume,
  };
}
