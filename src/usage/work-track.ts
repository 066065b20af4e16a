import type { Cuts } from './cuts.ts';

export type WorkUnit = 'step' | 'epoch' | 'token';

/** What one counter of one recording counted, over time. Counters without a label are told apart by their totals. */
export interface WorkTrack {
  readonly recording: string;
  readonly unit: WorkUnit;
  readonly label: string;
  /** Epoch milliseconds, ascending, with what had been counted by then. */
  readonly timeMs: readonly number[];
  readonly done: readonly number[];
  /** As it was shown last. */
  readonly lastCount: number;
  readonly lastTotal: number | null;
  /** It has begun anew: its total is that of one round. */
  readonly isRepeated: boolean;
  /** The command that counted has ended: nothing more will come. */
  readonly hasEnded: boolean;
}

/** A reading of a counter, as sessions hold it. */
interface Reading {
  readonly t: number;
  readonly unit: WorkUnit;
  readonly label: string;
  readonly count: number;
  readonly total: number | null;
  readonly done: number;
}

interface Track {
  readonly recording: string;
  readonly unit: WorkUnit;
  readonly label: string;
  timeMs: number[];
  done: number[];
  lastCount: number;
  readonly lastTotal: number | null;
  isRepeated: boolean;
  hasEnded: boolean;
}

/** Weeks of readings are thinned to this many: every second one goes. */
const maxReadings = 4096;

/** Gathers the counters' readings inside a window. */
export class WorkTracks {
  readonly #tracks = new Map<string, Track>();

  add(recording: string, reading: Reading, cuts: Cuts): void {
    const { t, unit, label, count, total, done } = reading;
    if (t < cuts.startMs || t >= cuts.endMs) return;
    const key = `${recording} ${unit} ${total} ${label}`;
    const known = this.#tracks.get(key);
    if (known === undefined) {
      this.#tracks.set(key, {
        recording,
        unit,
        label,
        timeMs: [t],
        done: [done],
        lastCount: count,
        lastTotal: total,
        isRepeated: false,
        hasEnded: false,
      });
      return;
    }
    if (count < known.lastCount) known.isRepeated = true;
    known.lastCount = count;
    // A clock that was set back, or a line held twice, says nothing new.
    if (t <= (known.timeMs.at(-1) ?? 0) || done < (known.done.at(-1) ?? 0)) return;
    known.timeMs.push(t);
    known.done.push(done);
    if (known.timeMs.length <= maxReadings) return;
    const isKept = (_: number, i: number): boolean => i % 2 === 0 || i === maxReadings;
    known.timeMs = known.timeMs.filter(isKept);
    known.done = known.done.filter(isKept);
  }

  /** The command of a recording has ended. */
  end(recording: string): void {
    for (const track of this.#tracks.values()) {
      if (track.recording === recording) track.hasEnded = true;
    }
  }

  tracks(): readonly WorkTrack[] {
    return [...this.#tracks.values()];
  }
}
