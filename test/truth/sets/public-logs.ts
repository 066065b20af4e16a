import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LogOptions } from '../../../src/store/log/options.ts';
import { hasShared, shared } from '../../kit/shared.ts';
import { reportOnLog, reportOnPath } from '../product.ts';
import { each, type Labels, type TruthSet, wasteRules, without } from '../truth-case.ts';

interface PublicLog {
  readonly file: string;
  readonly why: string;
  readonly log?: LogOptions;
  readonly labels: Labels;
}

const never = ['idle-held', 'idle-empty', 'unused-gpus', 'imbalance'] as const;

/** What they say was looked at while rules were written. */
const seen: readonly PublicLog[] = [
  {
    file: 'traces/t4-cifar-lightning/results-file.csv',
    why: 'trained at 96 to 98 % with dips at validation, then 883 s with nobody on it',
    labels: {
      present: { 'idle-empty': 'all', 'periodic-stall': 'all' },
      absent: each(
        [...without(never, 'idle-empty'), 'undetermined-wait', 'ghost-utilization'],
        'all',
      ),
    },
  },
  {
    file: 'traces/rtx4080s-gpuburn-wallmeter/gpu_log_19_12_2025.csv',
    why: 'gpu-burn at 319 of 320 W',
    labels: { present: {}, absent: each(without(wasteRules, 'throttled'), 'all') },
  },
  {
    file: 'traces/landct-utf16/gpu_log.csv',
    why: 'a training script that had no kernel for three quarters of its time',
    labels: { present: { 'undetermined-wait': 'all' }, absent: each(never, 'all') },
  },
];

/** Not looked at before their labels were written; only what the material says of them is labelled. */
const unseen: readonly PublicLog[] = [
  {
    file: 'nvidia-smi/series/rtx4090-unknown-vlm.csv',
    why: 'inference of a vision model, 48 minutes at work',
    labels: {
      present: {},
      absent: each([...never, 'hung-collective', 'ghost-utilization', 'coarse-sampling'], 'all'),
    },
  },
  {
    file: 'traces/t4-translation-epochs/gpu_usage.csv',
    why: 'translation, a minute of it',
    labels: {
      present: {},
      absent: each([...never, 'ghost-utilization', 'coarse-sampling'], 'all'),
    },
  },
  {
    file: 'traces/rtx2070-desktop/gpu_usage.csv',
    why: 'a desktop in use',
    labels: {
      present: {},
      absent: each(
        [...never, 'ghost-utilization', 'hung-collective', 'memory-oversubscribed'],
        'all',
      ),
    },
  },
  {
    file: 'nvidia-smi/series/unknown20g-unknown-plato-noheader.csv',
    why: '2.7 hours, mostly at 0 % with 2 MiB in use',
    log: {
      gpuCount: 1,
      fields: [
        'timestamp',
        'utilization.gpu',
        'utilization.memory',
        'memory.used',
        'memory.total',
        'temperature.gpu',
        'power.draw',
      ],
    },
    labels: {
      present: { 'idle-empty': 'all' },
      absent: each(['ghost-utilization', 'hung-collective', 'unused-gpus', 'imbalance'], 'all'),
    },
  },
];

function toSet(
  id: string,
  logs: readonly PublicLog[],
  chosenFor: TruthSet['chosenFor'],
  more: ReturnType<TruthSet['cases']> = [],
): TruthSet {
  return {
    id,
    title: `Public nvidia-smi logs, ${chosenFor === 'none' ? 'not seen before' : 'seen while rules were written'}`,
    reality:
      'Real: every row, as somebody found it worth keeping. Labelled only where its origin says what ran.',
    chosenFor,
    isSlow: false,
    missing: hasShared ? null : 'the logs are not beside the project',
    carriesNoCause: true,
    cases: () => [
      ...logs.map(({ file, why, log, labels }) => ({
        name: `${file.split('/').slice(1).join('/')}: ${why}`,
        group: file,
        observe: async () => ({ report: await reportOnPath(shared(file), log ?? {}), labels }),
      })),
      ...more,
    ],
  };
}

/** Eight GPUs with two workloads, all at 98 to 99 %; one of them is hot, and none is slow. */
const hotButEqual = {
  name: 'nanogpt-8gpu-colocated: eight busy GPUs, one of them hot',
  group: 'nanogpt-8gpu-colocated',
  observe: async () => {
    const file = shared('traces/nanogpt-8gpu-colocated/gpu_metrics.csv.gz');
    const rows = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1);
    const log = rows
      .map((line) => line.split(',').map((cell) => cell.trim()))
      .map(([time = '', index, , utilization, power]) =>
        [time.slice(0, -1).replace('T', ' '), index, `${utilization} %`, `${power} W`].join(', '),
      );
    const head = 'timestamp, index, utilization.gpu [%], power.draw [W]';
    return {
      report: await reportOnLog(`${[head, ...log].join('\n')}\n`),
      labels: {
        present: {},
        absent: each(
          [...never, 'undetermined-wait', 'hung-collective', 'ghost-utilization'],
          'all',
        ),
      },
    };
  },
};

export const publicLogs: readonly TruthSet[] = [
  toSet('public-logs-seen', seen, 'all', [hotButEqual]),
  toSet('public-logs', unseen, 'none'),
];
