import type { GpuIdentity, SampleBlock } from '../sample/columns.ts';
import type { Recording, RecordingItem } from '../store/recording.ts';
import { gapLimitMs } from '../usage/classify.ts';
import type { SampleSource } from '../usage/sample-source.ts';

/** A recording that has been opened up to its first samples, so that it is known whose they are. */
export class OpenSource {
  readonly recording: Recording;
  readonly #items: AsyncIterator<RecordingItem>;
  readonly #ahead: RecordingItem[] = [];
  gpus: readonly GpuIdentity[] = [];
  samples = 0;
  /** No sample of this source that is still to come is older, as far as is known. */
  frontierMs = Infinity;
  /** Start of the watched time: the recording's own, else one interval before its first sample. */
  startMs = Infinity;
  endMs = -Infinity;
  nominalMs: number;
  ended = false;

  private constructor(recording: Recording) {
    this.recording = recording;
    this.#items = recording.items()[Symbol.asyncIterator]();
    this.nominalMs = recording.intervalMs ?? NaN;
  }

  static async open(recording: Recording): Promise<OpenSource> {
    const source = new OpenSource(recording);
    for (;;) {
      const item = await source.#pull();
      if (!item) break;
      source.#ahead.push(item);
      if (item.kind === 'gpus') source.gpus = item.gpus;
      if (item.kind !== 'samples' || item.block.length === 0) continue;
      if (Number.isNaN(source.nominalMs)) source.nominalMs = medianDeltaMs(item.block) ?? 1_000;
      const firstMs = item.block.timeMs[0] ?? NaN;
      source.startMs = Math.min(
        firstMs,
        recording.startedAt ?? Math.round(firstMs - source.nominalMs),
      );
      break;
    }
    if (recording.startedAt !== null)
      source.startMs = Math.min(source.startMs, recording.startedAt);
    source.frontierMs = source.startMs;
    return source;
  }

  get sampleSource(): SampleSource {
    return {
      nominalMs: this.nominalMs,
      wrapsCommand: this.recording.wrapsCommand,
      notBeforeMs: this.recording.startedAt === null ? -Infinity : this.startMs,
    };
  }

  /** A stop shorter than this is no stop. */
  get joinMs(): number {
    return gapLimitMs(this.nominalMs);
  }

  async next(): Promise<RecordingItem | null> {
    const item = this.#ahead.shift() ?? (await this.#pull());
    if (item?.kind === 'gpus') this.gpus = item.gpus;
    if (item?.kind === 'samples') this.#seen(item.block);
    if (item?.kind === 'end') this.endMs = Math.max(this.endMs, item.timeMs);
    return item;
  }

  #seen(block: SampleBlock): void {
    this.samples += block.length;
    const first = block.timeMs[0] ?? NaN;
    if (first > this.frontierMs) this.frontierMs = first;
    // The clock may have stepped back: the latest reading is not always the last one.
    for (let i = 0; i < block.length; i++) {
      const timeMs = block.timeMs[i] ?? NaN;
      if (timeMs > this.endMs) this.endMs = timeMs;
    }
  }

  async #pull(): Promise<RecordingItem | null> {
    if (this.ended) return null;
    const next = await this.#items.next();
    if (next.done !== true) return next.value;
    this.ended = true;
    return null;
  }
}

/** Median time between the samples of a block, milliseconds; null with fewer than two. */
export function medianDeltaMs(block: SampleBlock): number | null {
  const deltas: number[] = [];
  for (let i = 1; i < block.length; i++) {
    const delta = (block.timeMs[i] ?? NaN) - (block.timeMs[i - 1] ?? NaN);
    if (delta > 0) deltas.push(delta);
  }
  deltas.sort((a, b) => a - b);
  return deltas[Math.floor((deltas.length - 1) / 2)] ?? null;
}
