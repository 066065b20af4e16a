import type { Span } from './accounts.ts';
import { idleHorizonMs } from './classify.ts';
import { shiftPct } from './lasting-levels.ts';
import type { SegmentKind } from './segment-kinds.ts';
import type { GpuUsage, MsColumn, Phase, Windows } from './usage.ts';
import { firstWindowAt } from './window-search.ts';

/** A part of a GPU's time that is of one kind, with the means of its own windows. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly observedMs: number;
  readonly effectiveMs: number;
  /** Null where nothing was observed. */
  readonly utilizationPct: number | null;
  /** Null without the power basis. */
  readonly load: number | null;
}

export interface SegmentedTime {
  /** In order, without overlap, together the given spans. */
  readonly segments: readonly Segment[];
  /** Shorter ones were joined to a neighbour, so that there are not too many; 0 where none was. */
  readonly joinedBelowMs: number;
}

/** In a pause hardly a kernel runs; shorter ones belong to the rhythm of the work. */
const pauseMs = 30_000;
const pausePct = 5;

/** More segments than this nobody reads. */
const maxSegments = 100;

/**
 * Divides a GPU's billed time into start-up, active phases, pauses, idle stretches and tear-down, so that no mean hides
 * that a GPU worked for five minutes and stood for two days. Active phases end where their level changes for good.
 */
export function segmentTime(usage: GpuUsage, spans: readonly Span[]): SegmentedTime {
  const w = usage.windows;
  const kinds = kindsOf(usage);
  const levels = new Set(usage.phases.map(({ startMs }) => startMs));
  const pieces: Piece[] = [];
  for (const span of joined(spans)) addPieces(pieces, span, w, kinds, levels);
  let joinedBelowMs = 0;
  let kept = withoutFalseLevels(pieces, w);
  const lengthMs = (pieces.at(-1)?.endMs ?? 0) - (pieces[0]?.startMs ?? 0);
  for (let limit = pauseMs; kept.length > maxSegments && limit <= lengthMs; limit *= 2) {
    kept = withoutShort(kept, limit);
    joinedBelowMs = limit;
  }
  return { segments: kept.map((piece) => toSegment(piece, w)), joinedBelowMs };
}

interface Piece {
  kind: SegmentKind;
  startMs: number;
  endMs: number;
  /** Windows, from and to. */
  from: number;
  to: number;
}

/** The kind of each window: what most of its time was, then what is known of its surroundings. */
function kindsOf({ windows: w, phases, starts }: GpuUsage): SegmentKind[] {
  const kinds = Array.from({ length: w.length }, (_, i): SegmentKind => {
    const held = at(w.heldMs, i);
    const empty = at(w.emptyMs, i);
    if (at(w.busyMs, i) + at(w.waitingMs, i) > held + empty) return 'active';
    return held >= empty ? 'heldIdle' : 'emptyIdle';
  });
  const mark = (kind: SegmentKind, startMs: number, endMs: number) => {
    for (let i = firstWindowAt(w, startMs); i < w.length && at(w.startMs, i) < endMs; i++) {
      kinds[i] = kind;
    }
  };
  markPauses(w, kinds);
  phases.forEach((phase, p) => {
    // Where one level follows another nothing starts up or is torn down.
    if (!follows(phases[p - 1], phase)) mark('startUp', phase.startMs, phase.steadyStartMs);
    if (follows(phase, phases[p + 1])) return;
    mark('tearDown', phase.steadyEndMs, phase.endMs);
    const freeMs = freedMs(w, kinds, phase.endMs);
    if (freeMs !== null) mark('tearDown', phase.endMs, freeMs);
  });
  for (const { startMs, endMs } of starts) mark('startUp', startMs, endMs);
  return kinds;
}

function follows(before: Phase | undefined, phase: Phase | undefined): boolean {
  return before !== undefined && phase !== undefined && before.endMs === phase.startMs;
}

function markPauses(w: Windows, kinds: SegmentKind[]): void {
  const rests = (i: number) => kinds[i] === 'active' && at(w.utilizationPct, i) <= pausePct;
  let from = -1;
  for (let i = 0; i <= w.length; i++) {
    const goesOn = i < w.length && rests(i) && (from < 0 || !isHole(w, i));
    if (from >= 0 && !goesOn) {
      if ((i - from) * w.windowMs >= pauseMs) kinds.fill('pause', from, i);
      from = -1;
    }
    if (i < w.length && rests(i) && from < 0) from = i;
  }
}

/** When the memory was given back after work, if that took less than idle time does; else null. */
function freedMs(w: Windows, kinds: readonly SegmentKind[], fromMs: number): number | null {
  for (let i = firstWindowAt(w, fromMs); i < w.length; i++) {
    const startMs = at(w.startMs, i);
    if (startMs - fromMs >= idleHorizonMs || (i > 0 && isHole(w, i))) return null;
    if (kinds[i] === 'emptyIdle') return startMs;
    if (kinds[i] !== 'heldIdle') return null;
  }
  return null;
}

function isHole(w: Windows, i: number): boolean {
  return at(w.startMs, i) - at(w.startMs, i - 1) > w.windowMs;
}

function addPieces(
  pieces: Piece[],
  span: Span,
  w: Windows,
  kinds: readonly SegmentKind[],
  levels: ReadonlySet<number>,
): void {
  let reachedMs = span.startMs;
  const add = (kind: SegmentKind, endMs: number, from: number, to: number, isNew: boolean) => {
    if (endMs <= reachedMs) return;
    const last = pieces.at(-1);
    if (!isNew && last?.kind === kind && last.endMs === reachedMs) {
      last.endMs = endMs;
      last.to = to;
    } else pieces.push({ kind, startMs: reachedMs, endMs, from, to });
    reachedMs = endMs;
  };
  for (let i = firstWindowAt(w, span.startMs - w.windowMs + 1); i < w.length; i++) {
    const startMs = at(w.startMs, i);
    if (startMs >= span.endMs) break;
    add('unobserved', Math.min(startMs, span.endMs), i, i, false);
    const isLevel = levels.has(startMs) && kinds[i] === 'active';
    add(kinds[i] ?? 'active', Math.min(startMs + w.windowMs, span.endMs), i, i + 1, isLevel);
  }
  add('unobserved', span.endMs, w.length, w.length, false);
}

/** Without its pauses a level may be as high as its neighbour: then they are one. */
function withoutFalseLevels(pieces: readonly Piece[], w: Windows): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    const last = kept.at(-1);
    const isNext = last?.kind === 'active' && piece.kind === 'active' && last.to === piece.from;
    if (last && isNext && !isShift(toSegment(last, w), toSegment(piece, w))) {
      last.endMs = piece.endMs;
      last.to = piece.to;
    } else kept.push({ ...piece });
  }
  return kept;
}

function isShift(before: Segment, after: Segment): boolean {
  const apart = (a: number | null, b: number | null) => Math.abs((a ?? 0) - (b ?? 0));
  return (
    apart(before.utilizationPct, after.utilizationPct) >= shiftPct ||
    (before.load !== null && 100 * apart(before.load, after.load) >= shiftPct)
  );
}

/** Pieces shorter than the limit go to the one before (the first to the one after), neighbours of one kind together. */
function withoutShort(pieces: readonly Piece[], limitMs: number): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    const last = kept.at(-1);
    const touches = last?.endMs === piece.startMs;
    const isShort = piece.endMs - piece.startMs < limitMs;
    if (last && touches && (isShort || last.kind === piece.kind)) {
      last.endMs = piece.endMs;
      last.to = Math.max(last.to, piece.to);
    } else if (last && touches && last.endMs - last.startMs < limitMs) {
      kept[kept.length - 1] = { ...piece, startMs: last.startMs, from: last.from };
    } else kept.push({ ...piece });
  }
  return kept;
}

function toSegment({ kind, startMs, endMs, from, to }: Piece, w: Windows): Segment {
  let observedMs = 0;
  let effectiveMs = 0;
  let utilization = 0;
  let load = 0;
  let loadMs = 0;
  for (let i = from; i < to; i++) {
    const ms = at(w.observedMs, i);
    observedMs += ms;
    effectiveMs += at(w.effectiveMs, i);
    utilization += at(w.utilizationPct, i) * ms;
    const known = w.load[i] ?? NaN;
    if (Number.isNaN(known)) continue;
    load += known * ms;
    loadMs += ms;
  }
  return {
    kind,
    startMs,
    endMs,
    observedMs: Math.min(observedMs, endMs - startMs),
    effectiveMs: Math.min(effectiveMs, endMs - startMs),
    utilizationPct: observedMs > 0 ? utilization / observedMs : null,
    load: loadMs > 0 ? load / loadMs : null,
  };
}

/** Spans that touch made one, in order. */
function joined(spans: readonly Span[]): Span[] {
  const result: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of spans) {
    const last = result.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else if (endMs > startMs) result.push({ startMs, endMs });
  }
  return result;
}

function at(column: Float64Array | Float32Array | MsColumn, i: number): number {
  return column[i] ?? NaN;
}
