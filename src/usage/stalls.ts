import { Histogram } from './histogram.ts';
import type { PhaseSignals } from './phases.ts';
import { rhythmOf } from './rhythm.ts';
import type { MsColumn, Phase, RecurringStall, Windows } from './usage.ts';
import { firstWindowAt } from './window-search.ts';

/** A window is in a stall if its utilization is below the phase's median by this part of it, … */
const dipShare = 0.25;

/** … and by this many standard deviations of its noise (1.4826 × the median deviation, for a normal distribution). */
const dipDeviations = 4;
const normalDeviation = 1.4826;

/** Below this median utilization a dip can not be told from the rest. */
const lowestMedianPct = 20;

/** Utilization looks back a second at most: between samples farther apart a stall must last over two of them. */
const sampledWholeMs = 1_000;

const percentStep = 0.1;

/** More stalls than these are a rhythm of the steps, and need not all be looked at. */
const maxStalls = 5_000;

/** Rates during stalls are read from so many of them. */
const maxRead = 200;

/**
 * Stalls that come back at regular times inside a phase: an epoch's end, validation, a checkpoint. At most one rhythm a
 * phase; stalls at random times, and periods that the sampling can not tell, give none. See rhythm.ts for the test.
 */
export function findStalls(
  w: Windows,
  phases: readonly Phase[],
  nominalMs: number,
  signals: PhaseSignals,
): RecurringStall[] {
  return phases.flatMap((phase) => {
    const dips = dipsOf(w, phase).slice(0, maxStalls);
    const rhythm = rhythmOf(
      dips.map(({ startMs }) => startMs),
      w.windowMs,
      median(dips.map((dip) => dip.endMs - dip.startMs)) + w.windowMs,
    );
    if (rhythm === null) return [];
    const regular = rhythm.regular.flatMap((i) => dips[i] ?? []);
    const stallMs = median(regular.map((dip) => dip.stallMs));
    if (nominalMs > sampledWholeMs * 1.5 && stallMs < 2 * nominalMs) return [];
    const waitingMs = regular.reduce((sum, dip) => sum + dip.waitingMs, 0);
    return [
      {
        startMs: phase.steadyStartMs,
        endMs: phase.steadyEndMs,
        periodMs: Math.round(rhythm.periodMs),
        stallMs: Math.round(stallMs),
        count: regular.length,
        waitingMs,
        share: phase.observedMs > 0 ? waitingMs / phase.observedMs : 0,
        chance: rhythm.chance,
        writes: writesOf(phase, regular, signals),
        intervals: regular.map(({ startMs, endMs }) => ({ startMs, endMs })),
      },
    ];
  });
}

interface Dip {
  readonly startMs: number;
  readonly endMs: number;
  readonly stallMs: number;
  readonly waitingMs: number;
}

function dipsOf(w: Windows, phase: Phase): Dip[] {
  const from = firstWindowAt(w, phase.steadyStartMs);
  const to = firstWindowAt(w, phase.steadyEndMs);
  const usual = phase.utilizationPct.p50;
  if (usual < lowestMedianPct) return [];
  const deviations = new Histogram();
  for (let i = from; i < to; i++) {
    const value = w.utilizationPct[i] ?? NaN;
    if (value >= 0) deviations.add(Math.abs(value - usual) / percentStep, 1);
  }
  const noise = normalDeviation * (deviations.quantile(0.5) ?? 0) * percentStep;
  const below = usual - Math.max(dipShare * usual, dipDeviations * noise);
  const dips: Dip[] = [];
  let first = -1;
  for (let i = from; i <= to; i++) {
    const isDip = i < to && (w.utilizationPct[i] ?? NaN) < below;
    if (isDip && first < 0) first = i;
    if (isDip || first < 0) continue;
    dips.push(toDip(w, first, i, usual));
    first = -1;
  }
  return dips;
}

function toDip(w: Windows, from: number, to: number, usual: number): Dip {
  let stallMs = 0;
  let waitingMs = 0;
  for (let i = from; i < to; i++) {
    stallMs += (1 - (w.utilizationPct[i] ?? 0) / usual) * w.windowMs;
    waitingMs += at(w.waitingMs, i);
  }
  const startMs = w.startMs[from] ?? 0;
  return { startMs, endMs: (w.startMs[to - 1] ?? 0) + w.windowMs, stallMs, waitingMs };
}

/** What was written to storage during the stalls against the whole phase: by the job where it is known, else by the host. */
function writesOf(
  phase: Phase,
  dips: readonly Dip[],
  { job, host }: PhaseSignals,
): RecurringStall['writes'] {
  const ofSpan = (startMs: number, endMs: number): number | undefined =>
    job?.means(startMs, endMs).writeBytesPerS ?? host?.means(startMs, endMs).diskWriteBytesPerS;
  const whole = ofSpan(phase.steadyStartMs, phase.steadyEndMs);
  if (whole === undefined) return null;
  let bytes = 0;
  let ms = 0;
  for (const { startMs, endMs } of dips.slice(0, maxRead)) {
    const rate = ofSpan(startMs, endMs);
    if (rate === undefined) continue;
    bytes += rate * (endMs - startMs);
    ms += endMs - startMs;
  }
  if (ms === 0) return null;
  const stalled = dips.reduce((sum, dip) => sum + dip.endMs - dip.startMs, 0);
  const lengthMs = phase.steadyEndMs - phase.steadyStartMs;
  const during = bytes / ms;
  const rest = whole * lengthMs - during * stalled;
  return { during, between: lengthMs > stalled ? Math.max(0, rest / (lengthMs - stalled)) : 0 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function at(column: MsColumn, i: number): number {
  return column[i] ?? 0;
}
