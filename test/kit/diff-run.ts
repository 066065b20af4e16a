import type { Recording } from '../../src/store/recording.ts';
import { normalOf, randomOf } from './random.ts';
import { identityOf, type Reading, recordingOf, tenOClock } from './samples.ts';

export interface JobRun {
  readonly seed: number;
  /** How much longer each wait takes, and each step's work. */
  readonly waits?: number;
  readonly work?: number;
  /** How often a spell of slow reading begins or ends, a step; 0 is a steady job. */
  readonly bursts?: number;
  readonly minutes?: number;
  /** Whether the run shows its steps. */
  readonly withSteps?: boolean;
  readonly startMs?: number;
}

/**
 * A synthetic job: steps of about 4 s of work and about 1 s of waiting, each jittered by its seed, spells of slow reading
 * of about two minutes, sampled once a second as nvidia-smi would.
 */
export function aJobRun(run: JobRun): Recording {
  const { seed, waits = 1, work = 1, bursts = 0.04, minutes = 30 } = run;
  const { withSteps = true, startMs = tenOClock } = run;
  const random = randomOf(seed);
  const totalMs = minutes * 60_000;
  const stepEnds: number[] = [];
  const isBusy = new Uint8Array(totalMs / 100);
  for (let t = 0, slow = false; t < totalMs; ) {
    if (random() < bursts) slow = !slow;
    const busyMs = Math.max(500, 4_000 + 300 * normalOf(random)) * work;
    const wait = Math.max(0, (slow ? 1_500 : 800) + 250 * normalOf(random)) * waits;
    isBusy.fill(1, Math.floor(t / 100), Math.min(isBusy.length, Math.floor((t + busyMs) / 100)));
    t += busyMs + wait;
    if (t < totalMs) stepEnds.push(t);
  }
  const readings = Array.from({ length: totalMs / 1000 }, (_, second): Reading => {
    const busy = isBusy.subarray(second * 10, second * 10 + 10).reduce((sum, b) => sum + b, 0) / 10;
    return {
      timeMs: startMs + (second + 1) * 1000,
      utilizationGpuPct: Math.round(100 * busy),
      memoryUsedMib: 40_000,
      memoryTotalMib: 81_559,
      powerDrawW: 110 + 430 * busy + 12 * normalOf(random),
      powerLimitW: 700,
      clockSmMhz: 1_755,
    };
  });
  const recording = recordingOf(new Map([[identityOf(), readings]]), {
    name: `seed ${seed}`,
    startedAt: startMs,
    endedAt: startMs + totalMs,
    wrapsCommand: true,
  });
  if (!withSteps) return recording;
  return {
    ...recording,
    async *items() {
      yield* recording.items();
      for (const [i, t] of stepEnds.entries()) {
        const line = { unit: 'step', label: '', count: i + 1, total: null, done: i + 1 } as const;
        yield {
          kind: 'progress',
          reading: { kind: 'progress', t: startMs + Math.round(t), ...line },
        };
      }
    },
  };
}
