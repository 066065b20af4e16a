import type { GpuUsage } from '../../src/usage/usage.ts';
import type { LabelledGpu } from './labelled-trace.ts';

/** How far a GPU's effective share lies from what the chip measured. */
export interface EffectiveError {
  readonly name: string;
  /** Over the run: mean effective share − mean measured activity. */
  readonly bias: number;
  /** Mean over windows of |effective share − measured activity|. */
  readonly perWindow: number;
  readonly utilizationPerWindow: number;
  /** Share of the windows whose measured activity lies in the band. */
  readonly inBand: number;
  readonly basis: string;
}

/** The errors over the windows of which at least nine tenths were observed. */
export function effectiveError(name: string, usage: GpuUsage, truth: LabelledGpu): EffectiveError {
  const w = usage.windows;
  const sum = { effective: 0, truth: 0, window: 0, utilization: 0, inBand: 0, n: 0 };
  for (let i = 0; i < w.length; i++) {
    const from = w.startMs[i] ?? 0;
    const known = truth.readings.filter(
      (r) => r.timeMs > from && r.timeMs <= from + w.windowMs && r.truth >= 0,
    );
    const observedMs = w.observedMs[i] ?? 0;
    // Windows at the ends are cut by the recording: they hold less than the truth that they would be compared with.
    if (known.length === 0 || observedMs < 0.9 * w.windowMs) continue;
    const measured = known.reduce((total, r) => total + r.truth, 0) / known.length;
    const effective = (w.effectiveMs[i] ?? 0) / observedMs;
    sum.n++;
    sum.effective += effective;
    sum.truth += measured;
    sum.window += Math.abs(effective - measured);
    sum.utilization += Math.abs((w.busyMs[i] ?? 0) / observedMs - measured);
    const low = (w.effectiveLowMs[i] ?? 0) / observedMs;
    const high = (w.effectiveHighMs[i] ?? 0) / observedMs;
    if (low - 0.01 <= measured && measured <= high + 0.01) sum.inBand++;
  }
  return {
    name,
    bias: (sum.effective - sum.truth) / sum.n,
    perWindow: sum.window / sum.n,
    utilizationPerWindow: sum.utilization / sum.n,
    inBand: sum.inBand / sum.n,
    basis: usage.basis,
  };
}
