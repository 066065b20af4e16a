import { describe, expect, it } from 'vitest';
import type { GpuUsage } from '../../src/usage/usage.ts';
import { type LabelledGpu, readLabelledTrace, toNvidiaSmiLog } from '../kit/labelled-trace.ts';
import { hasShared } from '../kit/shared.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** What must hold of each GPU's effective share against measured activity, before any code ran. */
const expected = [
  { trace: 't2', gpus: [0, 1, 2, 3, 4, 5, 6, 7], work: 'small model, data-parallel', within: 0.08 },
  { trace: 'e2', gpus: [4, 5, 6, 7], work: 'training at the power cap', within: 0.12 },
  { trace: 'e2', gpus: [0, 1, 2, 3], work: 'light inference', within: 0.02 },
  { trace: 'b1', gpus: [0, 1, 2, 3, 4, 5, 6, 7], work: 'loaded, no requests', within: 0.02 },
] as const;

interface Errors {
  /** Over the run: mean effective share − mean measured activity. */
  readonly bias: number;
  /** Mean over windows of |effective share − measured activity|. */
  readonly perWindow: number;
  readonly utilizationPerWindow: number;
  /** Share of the windows whose measured activity lies in the band. */
  readonly inBand: number;
}

function errorsOf(usage: GpuUsage, truth: LabelledGpu): Errors {
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
    bias: (sum.effective - sum.truth) / sum.n,
    perWindow: sum.window / sum.n,
    utilizationPerWindow: sum.utilization / sum.n,
    inBand: sum.inBand / sum.n,
  };
}

describe.skipIf(!hasShared)('effective share against measured activity (8 × H100, DCGM)', () => {
  const table: string[] = [];
  for (const periodMs of [1_000, 5_000, 30_000]) {
    for (const { trace, gpus, work, within } of expected) {
      it(`${trace} ${gpus[0]}–${gpus.at(-1)}, ${work}, every ${periodMs / 1_000} s: within ${within}`, async () => {
        const labelled = readLabelledTrace(trace);
        const usage = await usageOfLog(toNvidiaSmiLog(labelled, periodMs));
        for (const index of gpus) {
          const gpu = usage.gpus.find((g) => g.identity.index === index);
          const truth = labelled[index];
          if (!gpu || !truth) throw new Error(`GPU ${index} is missing`);
          const errors = errorsOf(gpu, truth);
          const row = [errors.bias, errors.perWindow, errors.utilizationPerWindow, errors.inBand]
            .map((v) => v.toFixed(3).padStart(7))
            .join(' ');
          table.push(
            `${trace} gpu ${index} ${String(periodMs / 1_000).padStart(2)} s  ${row}  ${gpu.basis}`,
          );
          expect(Math.abs(errors.bias), `bias of GPU ${index}`).toBeLessThanOrEqual(within);
          expect(errors.perWindow, `per window of GPU ${index}`).toBeLessThanOrEqual(within);
        }
      });
    }
  }

  it('prints every GPU on its own', () => {
    process.stderr.write(
      `trace, period: bias, per window, utilization's own, in band\n${table.join('\n')}\n`,
    );
    expect(table).toHaveLength(3 * 24);
  });
});
