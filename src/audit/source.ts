import type { GpuIdentity, SampleBlock } from '../sample/columns.ts';
import type { Recording, RecordingItem } from '../store/recording.ts';
import { gapLimitMs } from '../usage/classify.ts';
import type { PcieLink, SampleSource } from '../usage/sample-source.ts';

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
  /** The first readings as text: two logs that begin alike are one. Null where there are too few to tell. */
  beginning: string | null = null;

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
      source.beginning = beginningOf(item.block);
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

  /** How a block's samples own time. A driver can be slower than it was asked to be, and a logger be restarted at another pace. */
  sampleSource(block: SampleBlock, isAlone: boolean): SampleSource {
    return {
      nominalMs: this.#nominalOf(block),
      wrapsCommand: this.recording.wrapsCommand,
      // Beside other recordings the time before this one may be nobody's.
      notBeforeMs: isAlone && this.recording.startedAt === null ? -Infinity : this.startMs,
      linkMax: linkMaxOf(this.gpus.find((g) => g.id === block.gpu)),
    };
  }

  #nominalOf(block: SampleBlock): number {
    const { intervalMs } = this.recording;
    const least = intervalMs ?? this.nominalMs;
    if (block.length < leastForMedian || longestDeltaMs(block) <= gapLimitMs(least)) return least;
    const median = medianDeltaMs(block) ?? least;
    const nominalMs = intervalMs === null ? median : Math.max(intervalMs, median);
    if (nominalMs > this.nominalMs) this.nominalMs = nominalMs;
    return nominalMs;
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
    // A log that is sorted by GPU begins with the first row of any of them.
    const startMs = Math.round(first - this.nominalMs);
    if (this.recording.startedAt === null && startMs < this.startMs) this.startMs = startMs;
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

/** Times to the millisecond with utilization and memory beside them do not repeat by chance. */
function beginningOf({ timeMs, length, columns }: SampleBlock): string | null {
  if (length < leastForMedian) return null;
  const first = (column: Float64Array | undefined) => column && Array.from(column.subarray(0, 64));
  const { utilizationGpuPct, memoryUsedMib, powerDrawW } = columns;
  return JSON.stringify([timeMs, utilizationGpuPct, memoryUsedMib, powerDrawW].map(first));
}

/** The best link that GPU and machine can have together, by the driver's word. */
export function linkMaxOf(gpu: GpuIdentity | undefined): PcieLink | null {
  const { pcieLinkGenMax: gen = null, pcieLinkWidthMax: width = null } = gpu ?? {};
  return gen === null || width === null ? null : { gen, width };
}

/** Fewer samples than these say little of the pace at which they were taken. */
const leastForMedian = 16;

function longestDeltaMs(block: SampleBlock): number {
  let longest = 0;
  for (let i = 1; i < block.length; i++) {
    const delta = (block.timeMs[i] ?? NaN) - (block.timeMs[i - 1] ?? NaN);
    if (delta > longest) longest = delta;
  }
  return longest;
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
