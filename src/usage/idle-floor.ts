import type { Histogram } from './histogram.ts';

/** Power lags behind utilization: the idle floor is read from stretches this long, without their first seconds (measured on 8 × H100 in samples 5 s apart). */
const stretchMs = 10_000;
const settleMs = 3_000;

/** Reads a GPU's idle power with memory held from stretches at utilization 0 that are long enough to have settled. */
export class IdleFloor {
  #startMs = NaN;
  /** Settled readings of a stretch that is not long enough yet. */
  #early: { watts: number; ms: number }[] = [];

  /** A reading at utilization 0 with memory held that follows the one before; watts are NaN where unknown. */
  add(startMs: number, endMs: number, watts: number, floor: Histogram): void {
    if (Number.isNaN(this.#startMs)) this.#startMs = startMs;
    if (startMs < this.#startMs + settleMs || !(watts >= 0)) return;
    this.#early.push({ watts, ms: endMs - startMs });
    if (endMs - this.#startMs < stretchMs) return;
    for (const reading of this.#early) floor.add(reading.watts, reading.ms);
    this.#early = [];
  }

  /** The stretch is over. */
  reset(): void {
    this.#startMs = NaN;
    if (this.#early.length > 0) this.#early = [];
  }

  adopt(other: IdleFloor): void {
    this.#startMs = other.#startMs;
    this.#early = [...other.#early];
  }
}
