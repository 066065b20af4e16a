import { openSources } from '../../src/cli/sources.ts';
import type { GpuColumn } from '../../src/sample/columns.ts';
import type { Recording, RecordingItem } from '../../src/store/recording.ts';
import { reportOn } from './product.ts';
import { isOfAGpu, type ProvingRun, provingRuns } from './proving-runs.ts';
import { table } from './tables.ts';

const gpm: readonly GpuColumn[] = [
  'smActivityShare',
  'smOccupancyShare',
  'tensorActivityShare',
  'dramActivityShare',
];

/** Which columns of a session the estimate goes without. */
const variants: readonly { readonly name: string; readonly drop: readonly GpuColumn[] }[] = [
  { name: 'all signals', drop: [] },
  { name: 'without power', drop: ['powerDrawW'] },
  { name: 'without GPM', drop: gpm },
  { name: 'without both', drop: ['powerDrawW', ...gpm] },
];

/** What the estimate is held against: activity by GPM, or throughput over that of the best run of the same work. */
const truths = [
  { name: 'GPM activity', key: 'gpmActivity' },
  { name: 'relative throughput', key: 'shareOfBest' },
] as const;

export interface CalibratedRun {
  readonly workload: string;
  readonly knob: string;
  readonly half: Half;
  readonly gpmActivity: number | null;
  readonly shareOfBest: number | null;
  /** By variant: the effective share of observed time in the measured window; null where nothing was observed. */
  readonly estimates: Readonly<Record<string, number | null>>;
}

export type Half = 'choose' | 'report';

export interface EstimateError {
  readonly half: Half;
  readonly variant: string;
  readonly against: string;
  readonly runs: number;
  /** Mean of |estimate − truth| and of estimate − truth. */
  readonly absolute: number;
  readonly bias: number;
}

/** Audits each finished run of the folder again over its measured time, once a variant; `accept` says which count. */
export async function calibrate(
  folder: string,
  accept: (truth: ProvingRun['truth']) => boolean = isOfAGpu,
): Promise<readonly CalibratedRun[]> {
  const runs = provingRuns(folder);
  const halfOf = halves(runs.map(({ truth }) => truth.workload));
  const calibrated: CalibratedRun[] = [];
  for (const { truth, session } of runs) {
    const { workload, knob, fromMs, toMs, gpmActivity = null, shareOfBest = null } = truth;
    if (truth.outcome !== 'done' || fromMs === undefined || toMs === undefined) continue;
    if (!accept(truth)) continue;
    const estimates: Record<string, number | null> = {};
    for (const { name, drop } of variants) {
      const recordings = await openSources([session], {}, {});
      const dropped = recordings.map((recording) => withoutColumns(recording, drop));
      const { gpuHours } = await reportOn(dropped, { sinceMs: fromMs, untilMs: toMs });
      const { effective, observed } = gpuHours;
      estimates[name] = observed > 0 ? effective.estimate / observed : null;
    }
    const half = halfOf.get(workload) ?? 'report';
    calibrated.push({ workload, knob, half, gpmActivity, shareOfBest, estimates });
  }
  return calibrated;
}

/** Workloads by name, alternately: nobody chooses, all runs of a workload are in one half, and the halves are even. */
export function halves(workloads: readonly string[]): ReadonlyMap<string, Half> {
  const names = [...new Set(workloads)].toSorted();
  return new Map(names.map((name, i) => [name, i % 2 === 0 ? 'choose' : 'report']));
}

/** The same recording, as if these columns had never been reported. */
export function withoutColumns(recording: Recording, drop: readonly GpuColumn[]): Recording {
  const filtered = async function* (): AsyncIterable<RecordingItem> {
    for await (const item of recording.items()) {
      if (item.kind !== 'samples') {
        yield item;
        continue;
      }
      const columns = { ...item.block.columns };
      for (const name of drop) delete columns[name];
      yield { ...item, block: { ...item.block, columns } };
    }
  };
  return { ...recording, items: filtered };
}

/** Per half, truth and variant, over the runs of which both are known. */
export function estimateErrors(runs: readonly CalibratedRun[]): readonly EstimateError[] {
  return (['choose', 'report'] as const).flatMap((half) =>
    truths.flatMap(({ name: against, key }) =>
      variants.flatMap(({ name: variant }) => {
        const errors = runs
          .filter((run) => run.half === half)
          .flatMap((run) => {
            const estimate = run.estimates[variant] ?? null;
            const truth = run[key];
            return estimate === null || truth === null ? [] : [estimate - truth];
          });
        if (errors.length === 0) return [];
        const mean = (values: readonly number[]) =>
          values.reduce((sum, value) => sum + value, 0) / values.length;
        const absolute = mean(errors.map(Math.abs));
        return [{ half, variant, against, runs: errors.length, absolute, bias: mean(errors) }];
      }),
    ),
  );
}

/** Each run's estimates beside its truths, then the errors by half; in words where there is nothing. */
export function calibrationText(runs: readonly CalibratedRun[]): string {
  if (runs.length === 0) return '  (no finished run on a GPU: nothing to calibrate on)';
  const number = (value: number | null | undefined) => value?.toFixed(3) ?? 'unknown';
  const names = variants.map(({ name }) => name);
  const each = table(
    ['run', 'half', 'GPM activity', 'relative throughput', ...names],
    runs.map(({ workload, knob, half, gpmActivity, shareOfBest, estimates }) => [
      `${workload} ${knob}`,
      half,
      number(gpmActivity),
      number(shareOfBest),
      ...names.map((name) => number(estimates[name])),
    ]),
  );
  const errors = table(
    ['half', 'against', 'estimate', 'runs', 'mean absolute error', 'bias'],
    estimateErrors(runs).map(({ half, against, variant, runs: count, absolute, bias }) => [
      half,
      against,
      variant,
      String(count),
      absolute.toFixed(3),
      bias.toFixed(3),
    ]),
  );
  return [
    each,
    '',
    errors,
    '',
    'Over the measured time of each run. Workloads sorted by name, alternately: a constant may be chosen on the half',
    "'choose', its error is that of the half 'report'. With GPM the estimate rests on the counters that it is held against:",
    "there 'without GPM' is the error that counts. Throughput is not activity: a waiting GPU may still run at full clock.",
  ].join('\n');
}
