import type { GpuIdentity } from '../sample/columns.ts';
import { heldMemoryMib } from './classify.ts';
import { isInside, segmentEnd } from './cuts.ts';
import { effectiveShare, loadOf } from './estimator.ts';
import type { Tally } from './tally.ts';
import { Timeline } from './timeline.ts';
import type { Basis, IdleStretch, Windows } from './usage.ts';
import { type Columns, columnsOf, sumWindow, type WindowSums } from './window-sums.ts';

/** What the GPU table says of a GPU's power; null where it says nothing. */
export interface PowerFacts {
  readonly powerLimitW: number | null;
  /** Idle with a context held. */
  readonly idleContextW: number | null;
}

/** Observed milliseconds by state; integers. */
export interface ObservedPart {
  observedMs: number;
  unreadMs: number;
  busyMs: number;
  effectiveMs: number;
  effectiveLowMs: number;
  effectiveHighMs: number;
  throttledMs: number;
  waitingMs: number;
  heldMs: number;
  emptyMs: number;
}

/** What was observed in one segment of the accounts. */
export interface ObservedCell extends ObservedPart {
  readonly segment: number;
}

export interface ClosedGpu {
  readonly cells: readonly ObservedCell[];
  readonly windows: Windows;
  readonly basis: Basis;
  readonly powerFloorW: number | null;
  readonly powerReferenceW: number | null;
  readonly idleStretches: readonly IdleStretch[];
  /** True where held or empty could not be told. */
  readonly memoryUnknown: boolean;
}

/** The share of a floor's readings below it: a low percentile, since power lags into idle stretches. */
const floorQuantile = 0.1;

/** Told what was observed between two instants of a segment, in order of time. */
export type OnPart = (segment: number, startMs: number, endMs: number, part: ObservedPart) => void;

/** Applies what is known only at the end: power floor, usual clock, what a display holds; then the estimator, window by window. */
export function closeGpu(
  tally: Tally,
  identity: GpuIdentity,
  facts: PowerFacts | null,
  onPart: OnPart = () => undefined,
): ClosedGpu {
  const { rows, cuts } = tally;
  const powerFloorW = tally.idlePower.quantile(floorQuantile) ?? facts?.idleContextW ?? null;
  const powerReferenceW = tally.powerLimitW || identity.powerLimitW || (facts?.powerLimitW ?? null);
  const usualClock = tally.usualClock.quantile(0.5);
  const displayMib = drivesDisplay(identity) ? tally.memoryLowMib : 0;
  const heldAboveMib = heldMemoryMib + (Number.isFinite(displayMib) ? displayMib : 0);

  const timeline = new Timeline(rows.windowMs, rows.length);
  const cells: ObservedCell[] = [];
  const busyByBasis: Record<Basis, number> = { gpm: 0, power: 0, utilization: 0 };
  const columns = columnsOf(rows);
  const floors = { powerFloorW, powerReferenceW, usualClock };

  for (let row = 0; row < rows.length; ) {
    let end = row + 1;
    while (end < rows.length && rows.window[end] === rows.window[row]) end++;
    const sums = sumWindow(columns, rows.memoryPeak, row, end);
    const shares = sharesOf(sums, floors);
    let busyBefore = 0;
    for (let r = row; r < end; r++) {
      const busyMs = columns.busyMs?.[r] ?? 0;
      const segment = rows.segment[r] ?? 0;
      if (isInside(segment, cuts)) {
        let cell = cells[cells.length - 1];
        if (cell?.segment !== segment) {
          cell = newCell(segment);
          cells.push(cell);
        }
        const isHeld = (rows.memoryPeak[r] ?? 0) - 1 > heldAboveMib;
        const part = divideRow(columns, r, isHeld, shares, busyBefore);
        addPart(cell, part);
        timeline.addPart(part);
        const windowStartMs = (rows.window[r] ?? 0) * rows.windowMs;
        const endMs = Math.min(windowStartMs + rows.windowMs, segmentEnd(segment, cuts));
        onPart(segment, Math.max(windowStartMs, segment), endMs, part);
        busyByBasis[shares.basis] += busyMs;
      }
      busyBefore += busyMs;
    }
    timeline.closeWindow((rows.window[row] ?? 0) * rows.windowMs, sums, shares.load);
    row = end;
  }
  const windows = timeline.windows();
  return {
    cells,
    windows,
    basis: mainBasis(busyByBasis),
    powerFloorW,
    powerReferenceW,
    idleStretches: idleStretches(tally, windows),
    memoryUnknown: tally.memoryMs === 0 && tally.maxComputeProcesses < 0,
  };
}

/** Parts of a window's busy time, 0–1. */
interface BusyShares {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly throttled: number;
  readonly load: number;
  readonly basis: Basis;
}

function sharesOf(
  w: WindowSums,
  floors: {
    readonly powerFloorW: number | null;
    readonly powerReferenceW: number | null;
    readonly usualClock: number | null;
  },
): BusyShares {
  const { observedMs, busyMs } = w;
  const load = loadOf(w.power / 10 / w.powerMs, floors.powerFloorW, floors.powerReferenceW);
  const share = effectiveShare({
    busyShare: observedMs > 0 ? busyMs / observedMs : 0,
    load,
    gpmActivity: w.gpmActivity / 10_000 / w.gpmMs,
  });
  const scale = busyMs > 0 ? observedMs / busyMs : 0;
  const estimate = Math.min(1, share.estimate * scale);
  const low = Math.min(estimate, share.low * scale);
  const high = Math.min(1, Math.max(estimate, share.high * scale));
  const slowed = floors.usualClock
    ? slowedMs(w.throttledMs, w.throttledClock, floors.usualClock)
    : 0;
  const throttled = busyMs > 0 ? Math.min(1 - estimate, slowed / busyMs) : 0;
  return { estimate, low, high, throttled, load, basis: share.basis };
}

/** Rounded as busy time adds up over the window, so that the parts of a window that is cut add up to the window. */
function divideRow(
  c: Columns,
  r: number,
  isHeld: boolean,
  s: BusyShares,
  busyBefore: number,
): ObservedPart {
  const busyMs = c.busyMs?.[r] ?? 0;
  const waitingMs = c.waitingMs?.[r] ?? 0;
  const byMemoryMs = c.byMemoryMs?.[r] ?? 0;
  const heldMs = (c.heldMs?.[r] ?? 0) + (isHeld ? byMemoryMs : 0);
  const emptyMs = (c.emptyMs?.[r] ?? 0) + (isHeld ? 0 : byMemoryMs);
  const after = busyBefore + busyMs;
  const effectiveMs = between(s.estimate, busyBefore, after);
  return {
    observedMs: busyMs + waitingMs + heldMs + emptyMs,
    unreadMs: c.unreadMs?.[r] ?? 0,
    busyMs,
    effectiveMs,
    effectiveLowMs: between(s.low, busyBefore, after),
    effectiveHighMs: between(s.high, busyBefore, after),
    throttledMs: between(s.estimate + s.throttled, busyBefore, after) - effectiveMs,
    waitingMs,
    heldMs,
    emptyMs,
  };
}

function between(share: number, beforeMs: number, afterMs: number): number {
  return Math.round(share * afterMs) - Math.round(share * beforeMs);
}

function addPart(cell: ObservedCell, part: ObservedPart): void {
  cell.observedMs += part.observedMs;
  cell.unreadMs += part.unreadMs;
  cell.busyMs += part.busyMs;
  cell.effectiveMs += part.effectiveMs;
  cell.effectiveLowMs += part.effectiveLowMs;
  cell.effectiveHighMs += part.effectiveHighMs;
  cell.throttledMs += part.throttledMs;
  cell.waitingMs += part.waitingMs;
  cell.heldMs += part.heldMs;
  cell.emptyMs += part.emptyMs;
}

/** GPUs that can drive a display hold memory for it: by the driver's word, else by the family's name. */
function drivesDisplay(identity: GpuIdentity): boolean {
  if (identity.displayActive !== null) return identity.displayActive;
  return /geforce|titan|quadro|rtx/i.test(identity.name ?? '');
}

/** Time lost to a lower clock: time under a throttling reason × (1 − its clock / the usual one). */
function slowedMs(throttledMs: number, throttledClock: number, usualClock: number): number {
  if (throttledMs === 0) return 0;
  return Math.max(0, throttledMs * (1 - throttledClock / throttledMs / usualClock));
}

function mainBasis(busy: Readonly<Record<Basis, number>>): Basis {
  if (busy.gpm >= busy.power && busy.gpm >= busy.utilization && busy.gpm > 0) return 'gpm';
  return busy.power >= busy.utilization && busy.power > 0 ? 'power' : 'utilization';
}

/** The stretches inside the window asked for; what was held in them is what the accounts of their windows say. */
function idleStretches(tally: Tally, windows: Windows): IdleStretch[] {
  const { cuts } = tally;
  const stretches: IdleStretch[] = [];
  let from = 0;
  for (const f of tally.fragments) {
    const startMs = Math.max(f.startMs, cuts.startMs);
    const endMs = Math.min(f.endMs, cuts.endMs);
    if (endMs <= startMs) continue;
    const idleMs = f.heldMs + f.emptyMs + f.byMemoryMs;
    const insideMs = Math.round((idleMs * (endMs - startMs)) / (f.endMs - f.startMs));
    let heldMs = 0;
    let emptyMs = 0;
    while (from < windows.length && (windows.startMs[from] ?? 0) + windows.windowMs <= startMs)
      from++;
    for (let i = from; i < windows.length && (windows.startMs[i] ?? 0) < endMs; i++) {
      heldMs += windows.heldMs[i] ?? 0;
      emptyMs += windows.emptyMs[i] ?? 0;
    }
    // Its first and last window may hold idle time of a neighbour: the stretch's own length bounds both.
    const heldShare = heldMs + emptyMs > 0 ? heldMs / (heldMs + emptyMs) : 0;
    const held = Math.min(heldMs, Math.round(heldShare * insideMs));
    stretches.push({
      startMs,
      endMs,
      heldMs: held,
      emptyMs: Math.min(emptyMs, insideMs - held),
      memoryUsedMib: f.memoryMib >= 0 ? f.memoryMib : null,
    });
  }
  return stretches;
}

function newCell(segment: number): ObservedCell {
  return {
    segment,
    observedMs: 0,
    unreadMs: 0,
    busyMs: 0,
    effectiveMs: 0,
    effectiveLowMs: 0,
    effectiveHighMs: 0,
    throttledMs: 0,
    waitingMs: 0,
    heldMs: 0,
    emptyMs: 0,
  };
}
