import {
  addSpan,
  type Epoch,
  isSameHolders,
  joinEpoch,
  noParts,
  type Present,
  type SmShares,
} from './epoch.ts';
import { type Holder, otherHolders } from './holder.ts';

/** A process over the whole track. */
export interface HolderUse {
  readonly holder: Holder;
  startMs: number;
  endMs: number;
  memoryMaxMib: number | null;
  /** Σ per cent × ms over the time with readings, and that time. */
  smPctMs: number;
  smMs: number;
}

interface Open {
  startMs: number;
  /** When the list was taken: readings of SM utilization cover no time before it. */
  readonly listedMs: number;
  readonly visible: boolean;
  readonly present: readonly Present[];
  /** Of those present; one array for all lists that name the same processes in the same order. */
  readonly holders: readonly Holder[];
}

type HeadEvent =
  | { readonly kind: 'list'; readonly timeMs: number; readonly open: Open }
  | { readonly kind: 'shares'; readonly timeMs: number; readonly shares: SmShares }
  | { readonly kind: 'end'; readonly timeMs: number };

/** Readings of SM utilization within one step of this grid are taken together. */
const gridMs = 60_000;
/** Above this neighbouring epochs are joined in pairs, which keeps memory bounded. */
const mostEpochs = 16_384;
const mostHolders = 512;
/** A list was preceded by another about so long before it: a new process is taken back to its start within that time. */
const listPaceMs = 10_000;

/**
 * Who held one GPU over time, from process lists. Mergeable with the track that follows: what comes before the first
 * list of a track is kept until it is known who was there.
 */
export class HolderTrack {
  readonly #epochs: Epoch[] = [];
  readonly #uses = new Map<string, HolderUse>();
  /** What came up to the first list, and the list: it may go on from what an earlier track knew. */
  readonly #head: HeadEvent[] = [];
  #open: Open | null = null;
  #lastSharesMs = -Infinity;

  /** True where a list showed processes of ours, or that there are none. */
  get isVisible(): boolean {
    return this.#open?.visible === true || this.#epochs.some(({ visible }) => visible);
  }

  get isEmpty(): boolean {
    return this.#open === null && this.#epochs.length === 0;
  }

  get uses(): readonly HolderUse[] {
    return [...this.#uses.values()];
  }

  /** The processes from an instant on; lists that are older than the latest one are passed over. */
  list(timeMs: number, visible: boolean, processes: readonly Present[]): void {
    const open = this.#open;
    const present = visible ? processes.map((process) => this.#known(process)) : [];
    const endedMs = open?.startMs ?? this.#epochs.at(-1)?.endMs ?? -Infinity;
    if (timeMs < endedMs) return;
    if (open && open.visible === visible && isSame(open.present, present)) return;
    let holders: readonly Holder[] = present.map(({ holder }) => holder);
    const isGoingOn = open !== null && isSameHolders(open.holders, holders);
    if (isGoingOn) holders = open.holders;
    const since = isGoingOn ? timeMs : startOf(open?.holders ?? [], timeMs, holders);
    const startMs = open ? Math.max(endedMs, since) : timeMs;
    if (this.isEmpty) {
      this.#head.push({
        kind: 'list',
        timeMs,
        open: { startMs: timeMs, listedMs: timeMs, visible, present, holders },
      });
    }
    this.#close(startMs);
    this.#open = { startMs, listedMs: timeMs, visible, present, holders };
    for (const { holder, memoryMib } of present) this.#seen(holder, startMs, memoryMib);
  }

  /** SM utilization by pid since the reading before. */
  shares(timeMs: number, shares: SmShares): void {
    const open = this.#open;
    if (!open) {
      if (this.isEmpty && this.#head.length < mostEpochs) {
        this.#head.push({ kind: 'shares', timeMs, shares });
      }
      return;
    }
    if (timeMs <= open.startMs || timeMs <= this.#lastSharesMs) return;
    const fromMs = Math.max(open.listedMs, open.startMs, this.#lastSharesMs, timeMs - gridMs);
    this.#lastSharesMs = timeMs;
    if (open.present.length < 2) return;
    this.#close(fromMs);
    this.#add(open, fromMs, timeMs, shares);
    for (const { holder } of open.present) this.#did(holder, shares, timeMs - fromMs);
    open.startMs = timeMs;
  }

  /** Nobody watches from here on: the latest list holds no longer. */
  end(timeMs: number): void {
    if (this.isEmpty && this.#head.length < mostEpochs) this.#head.push({ kind: 'end', timeMs });
    this.#close(Math.max(timeMs, this.#open?.startMs ?? -Infinity));
    this.#open = null;
  }

  /** Epochs in order of time; what the latest list says holds until `untilMs`. */
  epochs(untilMs: number): readonly Epoch[] {
    const open = this.#open;
    const last = open && untilMs > open.startMs ? [epochOf(open, untilMs)] : [];
    return [...this.#leading(), ...this.#epochs, ...last];
  }

  /** The processes of the first list were there before it, too. */
  #leading(): readonly Epoch[] {
    const first = this.#head.find((event) => event.kind === 'list');
    if (!first) return [];
    const startMs = startOf([], first.timeMs, first.open.holders);
    return startMs < first.timeMs ? [epochOf({ ...first.open, startMs }, first.timeMs)] : [];
  }

  /** This track followed by one that begins after it; neither is changed. */
  static merge(first: HolderTrack, second: HolderTrack): HolderTrack {
    const merged = new HolderTrack();
    merged.#head.push(...first.#head);
    merged.#append(first);
    for (const event of second.#head) {
      if (event.kind === 'shares') merged.shares(event.timeMs, event.shares);
      else if (event.kind === 'end') merged.end(event.timeMs);
      else merged.list(event.timeMs, event.open.visible, event.open.present);
    }
    merged.#append(second);
    return merged;
  }

  /** Takes over what another track knows behind its head. */
  #append(other: HolderTrack): void {
    if (other.isEmpty) return;
    const startMs = other.#epochs[0]?.startMs ?? other.#open?.startMs ?? Infinity;
    this.#close(startMs);
    for (const epoch of other.#epochs) {
      const last = this.#epochs.at(-1);
      if (last && belongsTo(epoch, last)) joinEpoch(last, epoch);
      else this.#push({ ...epoch, ms: [...epoch.ms] });
    }
    this.#open = other.#open && { ...other.#open };
    this.#lastSharesMs = Math.max(this.#lastSharesMs, other.#lastSharesMs);
    for (const use of other.#uses.values()) this.#addUse(use);
  }

  #addUse(use: HolderUse): void {
    const known = this.#uses.get(use.holder.key);
    if (!known) {
      this.#uses.set(use.holder.key, { ...use });
      return;
    }
    known.startMs = Math.min(known.startMs, use.startMs);
    known.endMs = Math.max(known.endMs, use.endMs);
    known.memoryMaxMib = higher(known.memoryMaxMib, use.memoryMaxMib);
    known.smPctMs += use.smPctMs;
    known.smMs += use.smMs;
  }

  #known(process: Present): Present {
    const known = this.#uses.get(process.holder.key);
    // Each list brings its own copy of an owner: one a process is kept, or memory would grow with the lists.
    if (known)
      return known.holder === process.holder ? process : { ...process, holder: known.holder };
    return this.#uses.size < mostHolders - 1 ? process : { ...process, holder: otherHolders };
  }

  #seen(holder: Holder, timeMs: number, memoryMib: number | null): void {
    const known = this.#uses.get(holder.key);
    if (!known) {
      const use = { holder, startMs: timeMs, endMs: timeMs, memoryMaxMib: memoryMib };
      this.#uses.set(holder.key, { ...use, smPctMs: 0, smMs: 0 });
      return;
    }
    if (timeMs < known.startMs) known.startMs = timeMs;
    if (timeMs > known.endMs) known.endMs = timeMs;
    if (memoryMib !== null) known.memoryMaxMib = higher(known.memoryMaxMib, memoryMib);
  }

  #did(holder: Holder, shares: SmShares, ms: number): void {
    const use = this.#uses.get(holder.key);
    if (!use) return;
    use.smPctMs += (shares.get(holder.pid) ?? 0) * ms;
    use.smMs += ms;
  }

  /** Ends the open list's time; the list itself stays open. */
  #close(endMs: number): void {
    const open = this.#open;
    if (!open) return;
    const seenMs = Math.max(open.startMs, endMs);
    for (const { holder } of open.present) this.#seen(holder, seenMs, null);
    if (endMs > open.startMs) this.#add(open, open.startMs, endMs, null);
  }

  /** Adds a span of the open list, as a rule to the latest epoch. */
  #add(open: Open, startMs: number, endMs: number, shares: SmShares | null): void {
    const { visible, present, holders } = open;
    const last = this.#epochs.at(-1);
    if (last && belongsTo({ startMs, visible, holders }, last)) {
      addSpan(last.ms, present, endMs - startMs, shares);
      last.endMs = endMs;
    } else this.#push(epochOf({ ...open, startMs }, endMs, shares));
  }

  #push(epoch: Epoch): void {
    this.#epochs.push(epoch);
    if (this.#epochs.length > mostEpochs) this.#halve();
  }

  #halve(): void {
    const epochs = this.#epochs.splice(0);
    for (let i = 0; i < epochs.length; i += 2) {
      const [epoch, next] = [epochs[i], epochs[i + 1]];
      if (epoch) this.#epochs.push(epoch);
      if (!epoch || !next) continue;
      if (epoch.endMs === next.startMs && epoch.visible === next.visible) joinEpoch(epoch, next);
      else this.#epochs.push(next);
    }
  }
}

/** Processes that are new in a list were there since the last of them started, and not before the list that lacked them. */
function startOf(before: readonly Holder[], timeMs: number, holders: readonly Holder[]): number {
  const known = new Set(before.map(({ key }) => key));
  const starts = holders
    .filter(({ key }) => !known.has(key))
    .map(({ owner }) => owner?.startedAt ?? timeMs);
  if (starts.length === 0) return timeMs;
  return Math.max(timeMs - listPaceMs, Math.min(timeMs, Math.max(...starts)));
}

/** Memory moves with every list: it divides a shared GPU only, and small steps of it change nothing. */
function isSame(a: readonly Present[], b: readonly Present[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((x, i) => {
    const y = b[i];
    if (y === undefined || x.holder.key !== y.holder.key) return false;
    return a.length === 1 || x.memoryMib === y.memoryMib;
  });
}

function epochOf(open: Open, endMs: number, shares: SmShares | null = null): Epoch {
  const { startMs, visible, present, holders } = open;
  const ms = noParts(holders.length);
  addSpan(ms, present, endMs - startMs, shares);
  return { startMs, endMs, visible, holders, ms };
}

/** Readings of one minute with the same processes, or the same single process going on. */
function belongsTo(
  { startMs, visible, holders }: Pick<Epoch, 'startMs' | 'visible' | 'holders'>,
  last: Epoch,
): boolean {
  if (last.endMs !== startMs || last.visible !== visible) return false;
  if (!isSameHolders(last.holders, holders)) return false;
  return holders.length < 2 || Math.floor(last.startMs / gridMs) === Math.floor(startMs / gridMs);
}

function higher(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
