import { Histogram } from './histogram.ts';
import type { ClassifiedSample, PcieLink } from './sample-source.ts';
import type { LoadedTime } from './usage.ts';

/** A GPU this busy is under load: at its usual clock unless it is slowed, and its PCIe link awake. */
export const loadedPct = 50;

/** More lanes than a link can have, so that generation and lanes make one number. */
const lanes = 256;

/** What was reported of the time under load inside the window asked for; integer sums, which merge in any order. */
export class LoadedTally {
  #ms = 0;
  #reasonsKnownMs = 0;
  #linkKnownMs = 0;
  readonly #lowLinks = new Histogram();

  /** Adds a sample under load; true if its PCIe link is known to be below its maximum. */
  add(ms: number, knowsReasons: boolean, sample: ClassifiedSample): boolean {
    this.#ms += ms;
    if (knowsReasons) this.#reasonsKnownMs += ms;
    const { columns, index } = sample;
    const { linkMax } = sample.source;
    const gen = columns.pcieLinkGen[index] ?? NaN;
    const width = columns.pcieLinkWidth[index] ?? NaN;
    if (linkMax === null || !(gen > 0) || !(width > 0)) return false;
    this.#linkKnownMs += ms;
    if (gen >= linkMax.gen && width >= linkMax.width) return false;
    this.#lowLinks.add(gen * lanes + width, ms);
    return true;
  }

  addAll(other: LoadedTally): void {
    this.#ms += other.#ms;
    this.#reasonsKnownMs += other.#reasonsKnownMs;
    this.#linkKnownMs += other.#linkKnownMs;
    this.#lowLinks.addAll(other.#lowLinks);
  }

  result(): LoadedTime {
    return {
      ms: this.#ms,
      reasonsKnownMs: this.#reasonsKnownMs,
      linkKnownMs: this.#linkKnownMs,
      lowLink: this.#lowLink(),
    };
  }

  #lowLink(): PcieLink | null {
    const mode = this.#lowLinks.mode();
    return mode === null ? null : { gen: Math.floor(mode / lanes), width: mode % lanes };
  }
}
