import type { HostColumn } from '../host/columns.ts';
import { Histogram } from './histogram.ts';
import type { JobSignals } from './job-signals.ts';
import { workLevelStarts } from './levels.ts';
import type { MountWaits } from './mount-waits.ts';
import { type RatesOf, rateLevels } from './rates.ts';
import type { SignalTrack } from './signals.ts';
import type { Distribution, MsColumn, Phase, Windows } from './usage.ts';

/** Unobserved time of this length ends a phase: nobody knows whether the job went on. */
const breakMs = 60_000;

/** Warm-up and tear-down are windows at the ends below this share of the phase's median utilization. */
const steadyShare = 0.5;

/** At most this much of a phase is taken for warm-up, and as much for tear-down; longer is a phase of its own. */
const trimShare = 0.25;
const trimMs = 60_000;

/** Percentiles are told to these steps. */
const percentStep = 0.1;
const loadStep = 0.001;
const memoryStep = 16;

/** Host and job readings of the GPU; null where there are none. */
export interface PhaseSignals {
  readonly host: SignalTrack<HostColumn> | null;
  readonly job: JobSignals | null;
  readonly jobNames: readonly string[];
  readonly waits: MountWaits | null;
}

/**
 * Stretches of work: windows with work in them, ended by mostly idle windows and by gaps, and divided where
 * utilization or load change their level for good, so that a mean hides neither an hour of starving in a day of work nor
 * one of spinning.
 */
export function findPhases(w: Windows, signals: PhaseSignals): Phase[] {
  const phases: Phase[] = [];
  const withRates = { ...signals, rates: rateLevels(signals) };
  let first = -1;
  for (let i = 0; i <= w.length; i++) {
    const works = i < w.length && isWork(w, i);
    if (first >= 0 && (!works || startsAfterGap(w, i))) {
      const starts = workLevelStarts(w, first, i);
      starts.forEach((start, n) => phases.push(toPhase(w, start, starts[n + 1] ?? i, withRates)));
      first = -1;
    }
    if (works && first < 0) first = i;
  }
  return phases;
}

function isWork(w: Windows, i: number): boolean {
  const idle = at(w.heldMs, i) + at(w.emptyMs, i);
  return at(w.busyMs, i) + at(w.waitingMs, i) > idle;
}

function startsAfterGap(w: Windows, i: number): boolean {
  return i > 0 && at(w.startMs, i) - (at(w.startMs, i - 1) + w.windowMs) > breakMs;
}

function toPhase(
  w: Windows,
  first: number,
  end: number,
  signals: PhaseSignals & { readonly rates: RatesOf },
): Phase {
  const [from, to] = steadyPart(w, first, end);
  const startMs = at(w.startMs, first);
  const endMs = at(w.startMs, end - 1) + w.windowMs;
  const steadyStartMs = at(w.startMs, from);
  const steadyEndMs = at(w.startMs, to - 1) + w.windowMs;
  const sum = (column: MsColumn) => {
    let total = 0;
    for (let i = from; i < to; i++) total += at(column, i);
    return total;
  };
  const utilizationPct = distribution(w.utilizationPct, w.observedMs, percentStep, from, to);
  const memory = distribution(w.memoryUsedMib, w.observedMs, memoryStep, from, to);
  const mean = (column: Float32Array) => weightedMean(column, w.observedMs, from, to);
  let memoryMax = 0;
  for (let i = from; i < to; i++) memoryMax = Math.max(memoryMax, at(w.memoryUsedMib, i) || 0);
  return {
    startMs,
    endMs,
    steadyStartMs,
    steadyEndMs,
    observedMs: sum(w.observedMs),
    busyMs: sum(w.busyMs),
    effectiveMs: sum(w.effectiveMs),
    throttledMs: sum(w.throttledMs),
    waitingMs: sum(w.waitingMs),
    utilizationPct: utilizationPct ?? { mean: 0, p5: 0, p50: 0, p95: 0 },
    load: distribution(w.load, w.observedMs, loadStep, from, to),
    utilizationMemoryPct: mean(w.utilizationMemoryPct),
    memoryUsedMib: memory && { mean: memory.mean, max: memoryMax, p95: memory.p95 },
    powerW: mean(w.powerW),
    clockSmMhz: mean(w.clockSmMhz),
    pcieMibPerS: mean(w.pcieMibPerS),
    smActivityShare: mean(w.smActivityShare),
    dramActivityShare: mean(w.dramActivityShare),
    tensorActivityShare: mean(w.tensorActivityShare),
    host: signals.host?.means(steadyStartMs, steadyEndMs) ?? {},
    job: signals.job?.means(steadyStartMs, steadyEndMs) ?? {},
    jobNames: signals.jobNames,
    waitPlaces: signals.waits?.places(steadyStartMs, steadyEndMs) ?? [],
    rates: signals.rates(steadyStartMs, steadyEndMs),
  };
}

/** A phase without its warm-up and tear-down. */
function steadyPart(w: Windows, first: number, end: number): [number, number] {
  const median = distribution(w.utilizationPct, w.observedMs, percentStep, first, end)?.p50 ?? 0;
  const trimmable = Math.floor(Math.min((end - first) * trimShare, trimMs / w.windowMs));
  let from = first;
  let to = end;
  while (from - first < trimmable && at(w.utilizationPct, from) < steadyShare * median) from++;
  while (end - to < trimmable && at(w.utilizationPct, to - 1) < steadyShare * median) to--;
  return [from, to];
}

function weightedMean(
  values: Float32Array,
  weights: MsColumn,
  from: number,
  to: number,
): number | null {
  let total = 0;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const value = at(values, i);
    if (Number.isNaN(value)) continue;
    total += at(weights, i);
    sum += value * at(weights, i);
  }
  return total > 0 ? sum / total : null;
}

/** Mean and percentiles weighted by observed time, percentiles to the given step; null where no window has a reading. */
function distribution(
  values: Float32Array,
  weights: MsColumn,
  step: number,
  from: number,
  to: number,
): Distribution | null {
  const mean = weightedMean(values, weights, from, to);
  if (mean === null) return null;
  const histogram = new Histogram();
  for (let i = from; i < to; i++) {
    const value = at(values, i);
    if (!Number.isNaN(value)) histogram.add(value / step, at(weights, i));
  }
  const quantile = (share: number) => (histogram.quantile(share) ?? 0) * step;
  return { mean, p5: quantile(0.05), p50: quantile(0.5), p95: quantile(0.95) };
}

function at(column: Float64Array | Float32Array | MsColumn, i: number): number {
  return column[i] ?? NaN;
}
