import type { ObservedPart } from './close.ts';
import { type Cuts, segmentStart } from './cuts.ts';
import { type BasisMs, basisMs, type Epoch, splitBases, sumOfBases } from './epoch.ts';
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
  byBasis: BasisMs;
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
      for (const { holder, work, held } of epoch.parts) {
        addClaim(claims, holder, part, work, held, scale);
        unknownWork -= sumOfBases(work) * scale;
        unknownHeld -= sumOfBases(held) * scale;
      }
    }
    const least = 1e-9;
    if (unknownWork < least && unknownHeld < least) return;
    const unknown = (share: number): BasisMs => basisMs('alone', Math.max(0, share));
    addClaim(claims, null, part, unknown(unknownWork), unknown(unknownHeld), 1);
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

function addClaim(
  claims: Map<string, Claim>,
  holder: Holder | null,
  part: ObservedPart,
  work: BasisMs,
  held: BasisMs,
  scale: number,
): void {
  const key = holder?.key ?? '';
  let claim = claims.get(key);
  if (!claim) {
    const byState = { effective: 0, underfilled: 0, throttled: 0, waiting: 0, heldIdle: 0 };
    claim = { holder, byState, byBasis: basisMs('alone', 0) };
    claims.set(key, claim);
  }
  const workShare = sumOfBases(work) * scale;
  const heldShare = sumOfBases(held) * scale;
  const { byState, byBasis } = claim;
  byState.effective += part.effectiveMs * workShare;
  byState.underfilled += (part.busyMs - part.effectiveMs - part.throttledMs) * workShare;
  byState.throttled += part.throttledMs * workShare;
  byState.waiting += part.waitingMs * workShare;
  byState.heldIdle += part.heldMs * heldShare;
  const workMs = (part.busyMs + part.waitingMs) * scale;
  const heldMs = part.heldMs * scale;
  for (const basis of splitBases) byBasis[basis] += workMs * work[basis] + heldMs * held[basis];
}

/** The jobs on a GPU over time; null where processes were never visible. */
export function jobSpans(track: HolderTrack, untilMs: number): readonly JobSpan[] | null {
  if (!track.isVisible) return null;
  const spans: { -readonly [K in keyof JobSpan]: JobSpan[K] }[] = [];
  const open = new Map<string, (typeof spans)[number]>();
  for (const { startMs, endMs, parts } of track.epochs(untilMs)) {
    const jobs = new Map<string, { launch: Launch; rank: number | null }>();
    for (const { holder } of parts) {
      const launch = launchOf(holder);
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
