import type { ProcessOwner } from '../host/process-owner.ts';
import type { GpuProcess } from '../store/lines.ts';
import type { RecordingItem } from '../store/recording.ts';
import type { Present } from '../usage/epoch.ts';
import { type Holder, holderOf } from '../usage/holder.ts';
import type { HolderTrack } from '../usage/holder-track.ts';

type Item<K extends RecordingItem['kind']> = Extract<RecordingItem, { readonly kind: K }>;

/** Tracks of a source's GPUs, by position in its list. */
type Tracks = readonly (HolderTrack | undefined)[];

/** Hands the process lists of the recordings of one machine to its GPUs. */
export class ProcessLists<Source> {
  #latest: Source | null = null;
  /** By the owner's object, which lists that repeat each other have in common. */
  readonly #holders = new WeakMap<ProcessOwner, Holder>();

  list(tracks: Tracks, item: Item<'processes'>, source: Source): void {
    this.#latest = source;
    const byGpu = tracks.map((): Present[] => []);
    for (const process of item.processes) {
      byGpu[process.gpu]?.push({ holder: this.#holder(process), memoryMib: process.memoryMib });
    }
    byGpu.forEach((present, position) => {
      tracks[position]?.list(item.timeMs, item.visible, present);
    });
  }

  shares(tracks: Tracks, item: Item<'shares'>): void {
    const byGpu = tracks.map(() => new Map<number, number>());
    for (const [gpu, pid, smPct] of item.rows) byGpu[gpu]?.set(pid, smPct);
    byGpu.forEach((shares, position) => {
      if (shares.size > 0) tracks[position]?.shares(item.timeMs, shares);
    });
  }

  /** What a recording last said of processes says nothing of the time behind it; another one may go on. */
  end(tracks: Tracks, source: Source & { readonly endMs: number }): void {
    if (this.#latest !== source) return;
    for (const track of tracks) track?.end(source.endMs);
  }

  #holder(process: GpuProcess): Holder {
    const known = process.owner && this.#holders.get(process.owner);
    if (known) return known;
    const holder = holderOf(process);
    if (process.owner) this.#holders.set(process.owner, holder);
    return holder;
  }
}
