import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findGpu } from '../../src/rates/gpus.ts';
import { rules } from '../../src/rules/index.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { judge } from '../../src/rules/run.ts';
import { openLogFile } from '../../src/store/log/open-log.ts';
import type { MachineUsage } from '../../src/usage/usage.ts';
import { readLabelledTrace, toNvidiaSmiLog } from '../kit/labelled-trace.ts';
import { hasShared, shared } from '../kit/shared.ts';
import { usageOf, usageOfLog } from '../kit/usage-of.ts';

/** What was found: rule, severity, and on which GPUs. */
type Found = readonly [rule: string, severity: string, gpus: readonly (number | null)[]];

const all = [0, 1, 2, 3, 4, 5, 6, 7];

/**
 * What the rules must say of each trace, written before they ran on any, from what is known of it:
 * b1 has a model loaded and no requests; t2 is well-fed training; of e2, GPUs 0 to 3 serve few requests
 * (0 and 2 hold under 40 % of their memory) and 4 to 7 train at the power cap.
 */
const h100: Readonly<Record<'b1' | 't2' | 'e2', readonly Found[]>> = {
  b1: [['idle-held', 'warning', all]],
  t2: [],
  e2: [
    ['undetermined-wait', 'warning', [1, 3]],
    ['oversized-gpu', 'warning', [0, 2]],
  ],
};

const logs: readonly {
  readonly file: string;
  readonly why: string;
  readonly found: readonly Found[];
}[] = [
  {
    file: 't4-cifar-lightning/results-file.csv',
    why: 'trained at 96 to 98 % with a validation of 40 s after each of six epochs, then 883 s with nobody on it',
    found: [
      ['idle-empty', 'warning', [null]],
      ['periodic-stall', 'warning', [null]],
    ],
  },
  {
    file: 'rtx4080s-gpuburn-wallmeter/gpu_log_19_12_2025.csv',
    why: 'gpu-burn at 319 of 320 W',
    found: [],
  },
  {
    file: 'landct-utf16/gpu_log.csv',
    why: '27 % in seven minutes with 94 % of the memory held, and nobody watched the host',
    found: [['undetermined-wait', 'warning', [null]]],
  },
];

function judged(usage: MachineUsage): readonly Found[] {
  const { findings, failed } = judge(
    usage,
    (gpu) => ({
      spec: findGpu(gpu.identity.name ?? '', gpu.identity.memoryTotalMib),
      intervalMs: gpu.nominalMs,
    }),
    {},
    rules,
  );
  for (const { error } of failed) throw error;
  for (const finding of findings) checkBounds(usage, finding.claims);
  const index = new Map(usage.gpus.map(({ identity }) => [identity.id, identity.index]));
  return findings.map(({ rule, severity, gpus }) => [
    rule,
    severity,
    gpus.map((id) => index.get(id) ?? null),
  ]);
}

function checkBounds(usage: MachineUsage, claims: Finding['claims']): void {
  for (const { identity, total } of usage.gpus) {
    const { effective, unobserved, rounding } = total.byState;
    const lost = total.billedMs - effective - unobserved - rounding;
    expect(claims.get(identity.id)?.ms ?? 0).toBeLessThanOrEqual(lost);
  }
}

describe.skipIf(!hasShared)('8 × H100, from what nvidia-smi would have shown', () => {
  for (const name of ['b1', 't2', 'e2'] as const) {
    for (const periodMs of [1000, 5000]) {
      test(`${name} every ${periodMs / 1000} s`, async () => {
        const labelled = readLabelledTrace(name);
        expect(judged(await usageOfLog(toNvidiaSmiLog(labelled, periodMs)))).toEqual(h100[name]);
      });
    }

    test(`${name} with the GPUs in another order`, async () => {
      const labelled = readLabelledTrace(name).toReversed();
      expect(judged(await usageOfLog(toNvidiaSmiLog(labelled, 1000)))).toEqual(h100[name]);
    });

    test(`${name} every 30 s: the same, and the sampling is called coarse`, async () => {
      const usage = await usageOfLog(toNvidiaSmiLog(readLabelledTrace(name), 30_000));
      expect(judged(usage)).toEqual([...h100[name], ['coarse-sampling', 'info', all]]);
    });
  }

  test('eight busy GPUs, one of them hot, are no stragglers', async () => {
    const csv = gunzipSync(readFileSync(shared('traces/nanogpt-8gpu-colocated/gpu_metrics.csv.gz')))
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map((cell) => cell.trim()))
      .map(([time = '', index, , utilization, power]) =>
        [time.slice(0, -1).replace('T', ' '), index, `${utilization} %`, `${power} W`].join(', '),
      );
    const head = 'timestamp, index, utilization.gpu [%], power.draw [W]';
    expect(judged(await usageOfLog(`${[head, ...csv].join('\n')}\n`))).toEqual([]);
  });
});

describe.skipIf(!hasShared)('public nvidia-smi logs', () => {
  test.each(logs)('$file: $why', async ({ file, found }) => {
    const recording = await openLogFile(shared(`traces/${file}`));
    expect(judged(await usageOf([recording]))).toEqual(found);
  });
});
