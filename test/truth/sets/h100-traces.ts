import { effectiveError } from '../../kit/effective-error.ts';
import { readLabelledTrace, toNvidiaSmiLog } from '../../kit/labelled-trace.ts';
import { hasShared } from '../../kit/shared.ts';
import { usageOfLog } from '../../kit/usage-of.ts';
import { reportOnLog } from '../product.ts';
import {
  each,
  type Labels,
  type TruthCase,
  type TruthSet,
  wasteRules,
  without,
} from '../truth-case.ts';

const training = [4, 5, 6, 7];

/**
 * b1: a model is loaded and gets no requests. t2: a small model under data-parallel training, well fed (SM activity
 * .64): whether its batch or the card is too large or small is not known. e2: light inference (activity .03) on GPUs
 * 0 to 3, of which 0 and 2 hold under 40 % of their memory; training at the power cap on 4 to 7, so two jobs.
 */
const labels: Readonly<Record<'b1' | 't2' | 'e2', Labels>> = {
  b1: {
    present: { 'idle-held': 'all' },
    absent: each(without(wasteRules, 'idle-held', 'oversized-gpu', 'throttled'), 'all'),
  },
  t2: {
    present: {},
    absent: each(
      without(wasteRules, 'undersized-batch', 'oversized-gpu', 'host-bound', 'throttled'),
      'all',
    ),
  },
  e2: {
    present: { 'undetermined-wait': [1, 3], 'oversized-gpu': [0, 2] },
    absent: {
      ...each(without(wasteRules, 'throttled'), training),
      ...each(['idle-held', 'idle-empty', 'hung-collective', 'ghost-utilization'], 'all'),
      ...each(['memory-oversubscribed', 'unused-gpus', 'imbalance'], 'all'),
    },
  },
};

const cases: readonly TruthCase[] = (['b1', 't2', 'e2'] as const).flatMap((trace) =>
  [1000, 5000].map((periodMs) => ({
    name: `${trace} every ${periodMs / 1000} s`,
    group: trace,
    observe: async () => {
      const gpus = readLabelledTrace(trace);
      const log = toNvidiaSmiLog(gpus, periodMs);
      const usage = await usageOfLog(log);
      return {
        report: await reportOnLog(log),
        labels: labels[trace],
        effective: gpus.flatMap((truth) => {
          const gpu = usage.gpus.find(({ identity }) => identity.index === truth.index);
          const name = `${trace} GPU ${truth.index} every ${periodMs / 1000} s`;
          return gpu === undefined ? [] : [effectiveError(name, gpu, truth)];
        }),
      };
    },
  })),
);

export const h100Traces: TruthSet = {
  id: 'h100-traces',
  title: '8 × H100 under DCGM: loaded and idle, data-parallel training, serving beside training',
  reality:
    "Real: every reading, and the truth (SM and DRAM activity from DCGM). Ours: rows of nvidia-smi's columns picked out of the 10 Hz trace.",
  chosenFor: 'all',
  isSlow: false,
  missing: hasShared ? null : 'the traces are not beside the project',
  carriesNoCause: true,
  cases: () => cases,
};
