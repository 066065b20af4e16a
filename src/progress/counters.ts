import type { Mark } from './mark.ts';

/** The latest reading of a counter, with what was counted since its first one. */
export interface Reading extends Mark {
  /** When it was seen, milliseconds on the clock that was given. */
  readonly seenMs: number;
  /** Counted in this run: the sum of its differences, whatever it began with. */
  readonly done: number;
}

interface Counter {
  last: Reading;
  /** Readings not yet taken: the first of all, and the newest. */
  pending: Reading[];
}

/** Several bars at once are several counters; with hundreds of labels a command is not counting. */
const maxCounters = 16;

/** Adds up what counters count, over bars that are drawn anew and runs that are resumed. */
export class Counters {
  readonly #counters = new Map<string, Counter>();

  add(mark: Mark, seenMs: number): void {
    // Bars without a label are told apart by their ends: the Trainer's bar of training and that of each evaluation.
    const key = `${mark.unit} ${mark.total} ${mark.label}`;
    const known = this.#counters.get(key);
    if (known === undefined) {
      this.#makeRoom();
      const first = { ...mark, seenMs, done: 0 };
      this.#counters.set(key, { last: first, pending: [first] });
      return;
    }
    const { last } = known;
    const reading = { ...mark, seenMs, done: last.done + progressOf(last, mark) };
    // A bar that stands still is drawn again and again; when it last moved is what counts.
    if (reading.count === last.count) return;
    known.last = reading;
    const [first] = known.pending;
    known.pending = first !== undefined && first.done === 0 ? [first, reading] : [reading];
  }

  /** The counter that was seen moving the longest ago gives way: loading and downloads have their bars before the run's. */
  #makeRoom(): void {
    if (this.#counters.size < maxCounters) return;
    const [oldest] = [...this.#counters].sort(([, a], [, b]) => a.last.seenMs - b.last.seenMs);
    if (oldest !== undefined) this.#counters.delete(oldest[0]);
  }

  /** What is new since the last call: at most two readings a counter. */
  take(): readonly Reading[] {
    return [...this.#counters.values()].flatMap((counter) => {
      const { pending } = counter;
      counter.pending = [];
      return pending;
    });
  }
}

/**
 * What lies between two readings of one total. Backwards is a loop that began anew if it had come to its end (what it
 * shows is then new), else a run that was resumed from an earlier point: nothing is known to be new.
 */
function progressOf(last: Mark, next: Mark): number {
  if (next.count >= last.count) return next.count - last.count;
  return last.total !== null && last.count >= nearEnd * last.total ? next.count : 0;
}

/** A bar is drawn ten times a second at most: its last drawing may lack some steps of the end. */
const nearEnd = 0.95;
