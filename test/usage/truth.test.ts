import { describe, expect, it } from 'vitest';
import { effectiveError } from '../kit/effective-error.ts';
import { readLabelledTrace, toNvidiaSmiLog } from '../kit/labelled-trace.ts';
import { hasShared } from '../kit/shared.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** What must hold of each GPU's effective share against measured activity, before any code ran. */
const expected = [
  { trace: 't2', gpus: [0, 1, 2, 3, 4, 5, 6, 7], work: 'small model, data-parallel', within: 0.08 },
  { trace: 'e2', gpus: [4, 5, 6, 7], work: 'training at the power cap', within: 0.12 },
  { trace: 'e2', gpus: [0, 1, 2, 3], work: 'light inference', within: 0.02 },
  { trace: 'b1', gpus: [0, 1, 2, 3, 4, 5, 6, 7], work: 'loaded, no requests', within: 0.02 },
] as const;

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
          const errors = effectiveError(`${trace} ${index}`, gpu, truth);
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
