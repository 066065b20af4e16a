import type { GpuIdentity } from '../sample/columns.ts';
import { heldMemoryMib } from './classify.ts';
import { isInside } from './cuts.ts';
import { effectiveShare, loadOf } from './estimator.ts';
import type { Tally } from './tally.ts';
import type { Basis, IdleStretch, Windows } from './usage.ts';
import { type SumName, sumNames, type WindowRows } from './windows.ts';

/** What the GPU table says of a GPU's power; null where it says nothing. */
export interface PowerFacts {
  readonly powerLimitW: number | null;
  /** Idle with a context held. */
  readonly idleContextW: number | null;
}

/** Observed milliseconds of one segment of the accounts, by state; integers. */
export interface ObservedCell {
  readonly segment: number;
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

/** Applies what is known only at the end: power floor, usual clock, what a display holds; then the estimator, window by window. */
export function closeGpu(tally: Tally, identity: GpuIdentity, facts: PowerFacts | null): ClosedGpu {
  const { rows, cuts } = tally;
  const powerFloorW = tally.idlePower.quantile(floorQuantile) ?? facts?.idleContextW ?? null;
  const powerReferenceW = tally.powerLimitW || identity.powerLimitW || (facts?.powerLimitW ?? null);
  const usualClock = tally.usualClock.quantile(0.5);
  const displayMib = drivesDisplay(identity) ? tally.memoryLowMib : 0;
  const heldAboveMib = heldMemoryMib + (Number.isFinite(displayMib) ? displayMib : 0);

  const windows = newWindows(rows.windowMs, rows.length);
  const cells: ObservedCell[] = [];
  const busyByBasis: Record<Basis, number> = { gpm: 0, power: 0, utilization: 0 };
  let length = 0;

  const columns = columnsOf(rows);
  for (let row = 0; row < rows.length; ) {
    let end = row + 1;
    while (end < rows.length && rows.window[end] === rows.window[row]) end++;
    const w = sumWindow(columns, rows.memoryPeak, row, end);
    const load =
      w.powerMs > 0 ? loadOf(w.power / 10 / w.powerMs, powerFloorW, powerReferenceW) : NaN;
    const observedMs = w.observedMs;
    const share = effectiveShare({
      busyShare: observedMs > 0 ? w.busyMs / observedMs : 0,
      load,
      gpmActivity: w.gpmMs > 0 ? w.gpmActivity / 10_000 / w.gpmMs : NaN,
    });
    const ofBusy = (s: number) => (w.busyMs > 0 ? Math.min(1, (s * observedMs) / w.busyMs) : 0);
    const estimate = ofBusy(share.estimate);
    const low = Math.min(estimate, ofBusy(share.low));
    const high = Math.max(estimate, ofBusy(share.high));
    const slowed = usualClock
      ? slowedShare(w.throttledMs, w.throttledClock, usualClock, observedMs)
      : 0;
    const throttled = Math.min(1 - estimate, slowed);

    let at = length;
    let used = false;
    let busyBefore = 0;
    for (let r = row; r < end; r++) {
      const busyMs = columns.busyMs?.[r] ?? 0;
      const busyAfter = busyBefore + busyMs;
      // Rounded as they add up, so that the parts of a window that is cut add up to the window.
      const part = (s: number) => Math.round(s * busyAfter) - Math.round(s * busyBefore);
      const segment = rows.segment[r] ?? 0;
      if (isInside(segment, cuts)) {
        let cell = cells.at(-1);
        if (cell?.segment !== segment) {
          cell = newCell(segment);
          cells.push(cell);
        }
        const byMemoryMs = columns.byMemoryMs?.[r] ?? 0;
        const byMemoryHeld = (rows.memoryPeak[r] ?? 0) - 1 > heldAboveMib;
        const heldMs = (columns.heldMs?.[r] ?? 0) + (byMemoryHeld ? byMemoryMs : 0);
        const emptyMs = (columns.emptyMs?.[r] ?? 0) + (byMemoryHeld ? 0 : byMemoryMs);
        const waitingMs = columns.waitingMs?.[r] ?? 0;
        const effectiveMs = part(estimate);
        const throttledMs = part(estimate + throttled) - effectiveMs;
        const effectiveLowMs = part(low);
        const effectiveHighMs = part(high);
        cell.observedMs += busyMs + waitingMs + heldMs + emptyMs;
        cell.unreadMs += columns.unreadMs?.[r] ?? 0;
        cell.busyMs += busyMs;
        cell.waitingMs += waitingMs;
        cell.heldMs += heldMs;
        cell.emptyMs += emptyMs;
        cell.effectiveMs += effectiveMs;
        cell.effectiveLowMs += effectiveLowMs;
        cell.effectiveHighMs += effectiveHighMs;
        cell.throttledMs += throttledMs;
        busyByBasis[share.basis] += busyMs;
        windows.observedMs[at] =
          (windows.observedMs[at] ?? 0) + busyMs + waitingMs + heldMs + emptyMs;
        windows.busyMs[at] = (windows.busyMs[at] ?? 0) + busyMs;
        windows.waitingMs[at] = (windows.waitingMs[at] ?? 0) + waitingMs;
        windows.heldMs[at] = (windows.heldMs[at] ?? 0) + heldMs;
        windows.emptyMs[at] = (windows.emptyMs[at] ?? 0) + emptyMs;
        windows.effectiveMs[at] = (windows.effectiveMs[at] ?? 0) + effectiveMs;
        windows.effectiveLowMs[at] = (windows.effectiveLowMs[at] ?? 0) + effectiveLowMs;
        windows.effectiveHighMs[at] = (windows.effectiveHighMs[at] ?? 0) + effectiveHighMs;
        windows.throttledMs[at] = (windows.throttledMs[at] ?? 0) + throttledMs;
        used ||= (windows.observedMs[at] ?? 0) > 0;
      }
      busyBefore = busyAfter;
    }
    if (used) {
      windows.startMs[at] = (rows.window[row] ?? 0) * rows.windowMs;
      windows.utilizationPct[at] = observedMs > 0 ? (100 * w.busyMs) / observedMs : NaN;
      windows.utilizationMemoryPct[at] = ratio(w.memoryUtilization, w.memoryUtilizationMs) / 100;
      windows.powerW[at] = ratio(w.power, w.powerMs) / 10;
      windows.load[at] = load;
      windows.clockSmMhz[at] = ratio(w.clock, w.clockMs);
      windows.pcieMibPerS[at] = ratio(w.pcie, w.pcieMs);
      windows.smActivityShare[at] = ratio(w.smActivity, w.gpmMs) / 10_000;
      windows.dramActivityShare[at] = ratio(w.dramActivity, w.gpmMs) / 10_000;
      windows.tensorActivityShare[at] = ratio(w.tensorActivity, w.gpmMs) / 10_000;
      windows.memoryUsedMib[at] = w.memoryPeak > 0 ? w.memoryPeak - 1 : NaN;
      at++;
    }
    length = at;
    row = end;
  }
  return {
    cells,
    windows: { ...windows, length },
    basis: mainBasis(busyByBasis),
    powerFloorW,
    powerReferenceW,
    idleStretches: idleStretches(tally, heldAboveMib),
    memoryUnknown: tally.memoryMs === 0 && tally.maxComputeProcesses < 0,
  };
}

/** GPUs that can drive a display hold memory for it: by the driver's word, else by the family's name. */
function drivesDisplay(identity: GpuIdentity): boolean {
  if (identity.displayActive !== null) return identity.displayActive;
  return /geforce|titan|quadro|rtx/i.test(identity.name ?? '');
}

/** min(1, …) of time lost to a lower clock: time under a reason × (1 − its clock / the usual one). */
function slowedShare(
  throttledMs: number,
  throttledClock: number,
  usualClock: number,
  observedMs: number,
): number {
  if (throttledMs === 0 || observedMs === 0) return 0;
  const clock = throttledClock / throttledMs;
  return Math.max(0, Math.min(1, throttledMs / observedMs) * (1 - clock / usualClock));
}

function mainBasis(busy: Readonly<Record<Basis, number>>): Basis {
  if (busy.gpm >= busy.power && busy.gpm >= busy.utilization && busy.gpm > 0) return 'gpm';
  return busy.power >= busy.utilization && busy.power > 0 ? 'power' : 'utilization';
}

type Columns = Readonly<Record<SumName, Uint32Array | Float64Array | null>>;

function columnsOf(rows: WindowRows): Columns {
  const entries = sumNames.map((name, s) => [name, rows.sums[s] ?? null]);
  return Object.fromEntries(entries) as Columns; // its keys are sumNames
}

/** The sums of a window over its rows, one for each segment of the accounts that it touches. */
function sumWindow(c: Columns, peaks: Uint32Array, from: number, to: number) {
  let memoryPeak = 0;
  for (let r = from; r < to; r++) memoryPeak = Math.max(memoryPeak, peaks[r] ?? 0);
  const busyMs = sumOf(c.busyMs, from, to);
  return {
    busyMs,
    observedMs:
      busyMs +
      sumOf(c.waitingMs, from, to) +
      sumOf(c.heldMs, from, to) +
      sumOf(c.emptyMs, from, to) +
      sumOf(c.byMemoryMs, from, to),
    power: sumOf(c.power, from, to),
    powerMs: sumOf(c.powerMs, from, to),
    memoryUtilization: sumOf(c.memoryUtilization, from, to),
    memoryUtilizationMs: sumOf(c.memoryUtilizationMs, from, to),
    clock: sumOf(c.clock, from, to),
    clockMs: sumOf(c.clockMs, from, to),
    throttledMs: sumOf(c.throttledMs, from, to),
    throttledClock: sumOf(c.throttledClock, from, to),
    pcie: sumOf(c.pcie, from, to),
    pcieMs: sumOf(c.pcieMs, from, to),
    smActivity: sumOf(c.smActivity, from, to),
    dramActivity: sumOf(c.dramActivity, from, to),
    tensorActivity: sumOf(c.tensorActivity, from, to),
    gpmActivity: sumOf(c.gpmActivity, from, to),
    gpmMs: sumOf(c.gpmMs, from, to),
    memoryPeak,
  };
}

function sumOf(column: Uint32Array | Float64Array | null, from: number, to: number): number {
  if (!column) return 0;
  let total = column[from] ?? 0;
  for (let r = from + 1; r < to; r++) total += column[r] ?? 0;
  return total;
}

function idleStretches(tally: Tally, heldAboveMib: number): IdleStretch[] {
  const { cuts } = tally;
  const stretches: IdleStretch[] = [];
  for (const f of tally.fragments) {
    const startMs = Math.max(f.startMs, cuts.startMs);
    const endMs = Math.min(f.endMs, cuts.endMs);
    if (endMs <= startMs) continue;
    const share = (endMs - startMs) / (f.endMs - f.startMs);
    const byMemoryHeld = f.memoryMib > heldAboveMib;
    stretches.push({
      startMs,
      endMs,
      heldMs: Math.round(share * (f.heldMs + (byMemoryHeld ? f.byMemoryMs : 0))),
      emptyMs: Math.round(share * (f.emptyMs + (byMemoryHeld ? 0 : f.byMemoryMs))),
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

function newWindows(windowMs: number, capacity: number): Omit<Windows, 'length'> {
  const ms = () => new Float64Array(capacity);
  const reading = () => new Float32Array(capacity).fill(NaN);
  return {
    windowMs,
    startMs: ms(),
    observedMs: new Uint32Array(capacity),
    busyMs: new Uint32Array(capacity),
    waitingMs: new Uint32Array(capacity),
    heldMs: new Uint32Array(capacity),
    emptyMs: new Uint32Array(capacity),
    effectiveMs: new Uint32Array(capacity),
    effectiveLowMs: new Uint32Array(capacity),
    effectiveHighMs: new Uint32Array(capacity),
    throttledMs: new Uint32Array(capacity),
    utilizationPct: reading(),
    utilizationMemoryPct: reading(),
    powerW: reading(),
    load: reading(),
    memoryUsedMib: reading(),
    clockSmMhz: reading(),
    pcieMibPerS: reading(),
    smActivityShare: reading(),
    dramActivityShare: reading(),
    tensorActivityShare: reading(),
  };
}

function ratio(sum: number, ms: number): number {
  return ms > 0 ? sum / ms : NaN;
}
