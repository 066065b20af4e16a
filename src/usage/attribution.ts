import type { ObservedPart } from './close.ts';
import { type Cuts, segmentStart } from './cuts.ts';
import { type BasisMs, basisMs, type Epoch, partLength, splitBases } from './epoch.ts';
import { type Holder, type Launch, launchOf } from './holder.ts';
import type { HolderTrack, HolderUse } from './holder-track.ts';
import type { Cell } from './usage.ts';

/** States that processes on the GPU answer for; the rest is nobody's. */
export const heldStates = ['effective', 'underfilled', 'throttled', 'waiting', 'heldIdle'] as const;

export type HeldState = (typeof heldStates)[number];

/** What a process claims of one cell, real numbers of milliseconds: the cell's own integers are divided by them. */
export interface HolderClaim {
  /** Null: nobody knows who held the GPU. */
  readonly holder: Holder | null;
  readonly byState: Readonly<Record<HeldState, number>>;
  readonly byBasis: Readonly<BasisMs>;
}

/** Who held a GPU, and what of it. */
export interface Attribution {
  readonly uses: readonly HolderUse[];
  /** One entry a cell of the GPU's accounts, in their order. */
  readonly cells: readonly (readonly HolderClaim[])[];
}

/** A span in which processes of one job were on a GPU. */
export interface JobSpan extends Launch {
  readonly startMs: number;
  readonly endMs: number;
  /** True where others were on the GPU at the same time. */
  readonly shared: boolean;
  /** The lowest rank on the GPU; null where it is not known. */
  readonly rank: number | null;
}

interface Claim {
  readonly holder: Holder | null;
  readonly byState: Record<HeldState, number>;
  readonly byBasis: BasisMs;
}

/** Divides the observed time of one GPU among its holders while its accounts are closed, row by row. */
export class Divider {
  readonly #epochs: readonly Epoch[];
  readonly #claims = new Map<number, Map<string, Claim>>();
  #at = 0;

  constructor(epochs: readonly Epoch[]) {
    this.#epochs = epochs;
  }

  /** Rows come in order of time. */
  add(segment: number, startMs: number, endMs: number, part: ObservedPart): void {
    const claims = this.#claims.get(segment) ?? new Map<string, Claim>();
    this.#claims.set(segment, claims);
    while ((this.#epochs[this.#at]?.endMs ?? Infinity) <= startMs) this.#at++;
    const inRow: { readonly epoch: Epoch; readonly overlapMs: number }[] = [];
    let listedMs = 0;
    for (let i = this.#at; i < this.#epochs.length; i++) {
      const epoch = this.#epochs[i];
      if (!epoch || epoch.startMs >= endMs) break;
      const overlapMs = Math.min(endMs, epoch.endMs) - Math.max(startMs, epoch.startMs);
      inRow.push({ epoch, overlapMs });
      listedMs += overlapMs;
    }
    let unknownWork = 1;
    let unknownHeld = 1;
    // At the ends of what was watched a row is longer than its observed time, which the lists then cover.
    const wholeMs = Math.max(listedMs, part.observedMs);
    for (const { epoch, overlapMs } of inRow) {
      const scale = overlapMs / wholeMs / (epoch.endMs - epoch.startMs);
      const { holders, ms } = epoch;
      for (let i = 0; i < holders.length; i++) {
        const at = i * partLength;
        const work = sumAt(ms, at) * scale;
        const held = sumAt(ms, at + splitBases.length) * scale;
        const claim = claimOf(claims, holders[i] ?? null);
        addStates(claim, part, work, held);
        addBases(claim, part, ms, at, scale);
        unknownWork -= work;
        unknownHeld -= held;
      }
    }
    const least = 1e-9;
    if (unknownWork < least && unknownHeld < least) return;
    const [work, held] = [Math.max(0, unknownWork), Math.max(0, unknownHeld)];
    const unknown = claimOf(claims, null);
    addStates(unknown, part, work, held);
    unknown.byBasis.alone += (part.busyMs + part.waitingMs) * work + part.heldMs * held;
  }

  /** The claims of each cell; a segment's go to its first cell, as its observed time does. */
  cells(cells: readonly Cell[], cuts: Cuts): Attribution['cells'] {
    const left = new Map(this.#claims);
    return cells.map(({ startMs }) => {
      const segment = segmentStart(startMs, cuts);
      const claims = left.get(segment);
      left.delete(segment);
      return claims ? [...claims.values()] : [];
    });
  }
}

function claimOf(claims: Map<string, Claim>, holder: Holder | null): Claim {
  const key = holder?.key ?? '';
  let claim = claims.get(key);
  if (!claim) {
    const byState = { effective: 0, underfilled: 0, throttled: 0, waiting: 0, heldIdle: 0 };
    claim = { holder, byState, byBasis: basisMs('alone', 0) };
    claims.set(key, claim);
  }
  return claim;
}

/** The shares of a part's work and of its idle memory. */
function addStates({ byState }: Claim, part: ObservedPart, work: number, held: number): void {
  byState.effective += part.effectiveMs * work;
  byState.underfilled += (part.busyMs - part.effectiveMs - part.throttledMs) * work;
  byState.throttled += part.throttledMs * work;
  byState.waiting += part.waitingMs * work;
  byState.heldIdle += part.heldMs * held;
}

function addBases(
  { byBasis }: Claim,
  part: ObservedPart,
  ms: readonly number[],
  at: number,
  scale: number,
): void {
  const workMs = (part.busyMs + part.waitingMs) * scale;
  const heldMs = part.heldMs * scale;
  for (let b = 0; b < splitBases.length; b++) {
    const basis = splitBases[b];
    if (basis === undefined) break;
    byBasis[basis] += workMs * (ms[at + b] ?? 0) + heldMs * (ms[at + splitBases.length + b] ?? 0);
  }
}

/** Of all bases. */
function sumAt(ms: readonly number[], at: number): number {
  let sum = 0;
  for (let b = at; b < at + splitBases.length; b++) sum += ms[b] ?? 0;
  return sum;
}

/** The jobs on a GPU over time; null where processes were never visible. */
export function jobSpans(track: HolderTrack, untilMs: number): readonly JobSpan[] | null {
  if (!track.isVisible) return null;
  const spans: { -readonly [K in keyof JobSpan]: JobSpan[K] }[] = [];
  const open = new Map<string, (typeof spans)[number]>();
  const launches = new Map<Holder, Launch>();
  for (const { startMs, endMs, holders } of track.epochs(untilMs)) {
    const jobs = new Map<string, { launch: Launch; rank: number | null }>();
    for (const holder of holders) {
      const launch = launches.get(holder) ?? launchOf(holder);
      launches.set(holder, launch);
      const before = jobs.get(launch.key)?.rank ?? null;
      jobs.set(launch.key, { launch, rank: lower(before, holder.owner?.rank ?? null) });
    }
    const shared = jobs.size > 1;
    for (const [key, { launch, rank }] of jobs) {
      const last = open.get(key);
      if (last?.endMs === startMs && last.shared === shared && last.rank === rank) {
        last.endMs = endMs;
      } else {
        const span = { ...launch, startMs, endMs, shared, rank };
        open.set(key, span);
        spans.push(span);
      }
    }
  }
  return spans;
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
