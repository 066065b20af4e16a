import type { SampleBlock } from '../sample/columns.ts';
import { activityOf, Classifier, gapLimitMs, isolatedMs } from './classify.ts';
import type { Cuts } from './cuts.ts';
import { plausible, readingColumns, within } from './readings.ts';
import type { ClassifiedSample, SampleSource } from './sample-source.ts';
import { Tally } from './tally.ts';

/**
 * One GPU's usage over a part of a recording, mergeable with the part that follows.
 *
 * What the first samples mean depends on what came before them: who owns their time, and whether an idle stretch
 * was a pause. They are kept as they are (the head) until something happens after which the past no longer matters:
 * a gap, firm activity, or idleness of the horizon's length. Merging replays the head after the earlier part.
 */
export class UsagePart {
  readonly windowMs: number;
  readonly cuts: Cuts;
  #head: ClassifiedSample[] = [];
  #headOpen = true;
  #tally: Tally;
  readonly #classifier: Classifier;
  #faintMs = 0;

  constructor(windowMs: number, cuts: Cuts) {
    this.windowMs = windowMs;
    this.cuts = cuts;
    this.#tally = this.#newTally();
    this.#classifier = new Classifier(this.#newTally());
  }

  get samples(): number {
    return this.#head.length + this.#tally.samples;
  }

  get lastMs(): number {
    return this.#classifier.lastMs;
  }

  get firstMs(): number {
    return this.#head[0]?.timeMs ?? NaN;
  }

  /** Adds samples that follow what was added before; entries from `from` up to `to`. */
  addBlock(block: SampleBlock, source: SampleSource, from = 0, to: number = block.length): void {
    const columns = readingColumns(block);
    const sample: ClassifiedSample = {
      source,
      columns,
      index: 0,
      timeMs: NaN,
      utilizationGpuPct: NaN,
      computeProcesses: NaN,
      memoryUsedMib: NaN,
    };
    for (let i = from; i < to; i++) {
      sample.index = i;
      sample.timeMs = block.timeMs[i] ?? NaN;
      // Readings a little above 100 are seen (129 % on MIG, NVIDIA/DCGM#152): full, and no more.
      const utilization = within(columns.utilizationGpuPct[i] ?? NaN, plausible.utilizationPct);
      sample.utilizationGpuPct = Math.min(100, utilization);
      sample.computeProcesses = columns.computeProcesses[i] ?? NaN;
      sample.memoryUsedMib = within(columns.memoryUsedMib[i] ?? NaN, plausible.memoryMib);
      this.#add(sample);
    }
    this.#tally.rows.bound();
  }

  /** This part followed by another that begins after it; neither is changed. */
  static merge(first: UsagePart, second: UsagePart): UsagePart {
    const merged = new UsagePart(first.windowMs, first.cuts);
    for (const sample of first.#head) merged.#add(sample);
    if (!first.#headOpen) merged.#adopt(first);
    for (const sample of second.#head) merged.#add(sample);
    if (!second.#headOpen) merged.#adopt(second);
    return merged;
  }

  /** The sums of the part, its edges taken as the edges of what was observed; the part can go on. */
  close(): Tally {
    const total = this.#newTally();
    total.addAll(this.#tally);
    return this.#closeInto(total);
  }

  /** As `close`, without a copy of the sums: the part cannot be used afterwards. */
  finish(): Tally {
    const tally = this.#tally;
    const closed = this.#closeInto(tally);
    // Nothing here may hold on to the sums: those of a long session are most of the memory.
    this.#tally = this.#newTally();
    this.#classifier.sink = this.#tally;
    this.#head = [];
    return closed;
  }

  #closeInto(total: Tally): Tally {
    const before = this.#newTally();
    const replay = new Classifier(before);
    for (const sample of this.#head) replay.add(sample);
    if (this.#headOpen) {
      replay.close();
      return before;
    }
    total.prepend(before);
    this.#classifier.clone(total).close();
    return total;
  }

  /** Takes over what follows another part's head, after that head has been replayed. */
  #adopt(other: UsagePart): void {
    this.#headOpen = false;
    this.#tally.addAll(other.#tally);
    this.#classifier.adopt(other.#classifier, this.#tally);
  }

  #add(sample: ClassifiedSample): void {
    const before = this.#classifier.lastMs;
    this.#classifier.add(sample);
    if (!this.#headOpen) return;
    this.#head.push({ ...sample });
    if (this.#closesHead(sample, before)) {
      this.#headOpen = false;
      this.#classifier.sink = this.#tally;
    }
  }

  /** True if nothing that follows can depend on what came before this part. */
  #closesHead(sample: ClassifiedSample, beforeMs: number): boolean {
    const { timeMs, utilizationGpuPct } = sample;
    if (timeMs <= beforeMs) return false;
    if (beforeMs > -Infinity && timeMs - beforeMs > gapLimitMs(sample.source.nominalMs))
      return true;
    if (!(utilizationGpuPct >= 0)) return true;
    const activity = activityOf(sample);
    if (activity === 'firm') return true;
    this.#faintMs =
      activity === 'faint' && beforeMs > -Infinity ? this.#faintMs + timeMs - beforeMs : 0;
    return this.#faintMs > isolatedMs || this.#classifier.settled;
  }

  #newTally(): Tally {
    return new Tally(this.windowMs, this.cuts);
  }
}
