import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadOf } from '../../src/usage/estimator.ts';
import type { Dtype } from '../../src/whatif/dtypes.ts';
import { ratiosOf, slowdownOf } from '../../src/whatif/slowdown.ts';
import { shared } from '../kit/shared.ts';
import { spec } from './needs.ts';

/**
 * Holds the predicted slowdown against measured throughput: a public sweep of models, batch sizes and number formats
 * (dos-group/gpu_power_benchmark, MIT) that was run alike on several GPUs.
 */

const files = { L40: 'L40', L4: 'L4', 'RTX-4070-TI': '4070' } as const;
export type SweepGpu = keyof typeof files;

const path = (gpu: SweepGpu) =>
  shared(`traces/mfu-sweep/mfu_aggregated_per_config_${files[gpu]}.csv.gz`);

export const hasSweep: boolean = existsSync(path('L40'));

interface Row {
  readonly config: string;
  readonly model: string;
  readonly batch: number;
  readonly dtype: Dtype;
  readonly tokensPerS: number;
  readonly utilizationPct: number;
  readonly utilizationMemoryPct: number;
  readonly memoryMib: number;
  readonly powerW: number;
}

const configColumns = [
  'model_name',
  'batch_size',
  'dtype',
  'context_window',
  'warmup_iterations',
  'cooldown_seconds',
];

const dtypeOf: Readonly<Record<string, Dtype>> = {
  float32: 'fp32',
  float16: 'fp16',
  bfloat16: 'bf16',
};

function rowsOf(gpu: SweepGpu): { readonly rows: readonly Row[]; readonly idleW: number } {
  const text = gunzipSync(readFileSync(path(gpu))).toString();
  const [head = '', ...lines] = text.trim().split('\n');
  const columns = head.split(',');
  const all = lines.map((line): Row => {
    const cells = line.split(',');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    return {
      config: configColumns.map(cell).join(' '),
      model: cell('model_name'),
      batch: Number(cell('batch_size')),
      dtype: dtypeOf[cell('dtype')] ?? fail(`dtype ${cell('dtype')}`),
      tokensPerS: Number(cell('tokens_per_second_mean')),
      utilizationPct: Number(cell('gpu_utilization_mean')),
      utilizationMemoryPct: Number(cell('memory_utilization_mean')),
      memoryMib: Number(cell('memory_used_mb_mean')),
      powerW: Number(cell('power_draw_watts_mean')),
    };
  });
  const idle = all.find(({ model }) => model === 'baseline') ?? fail('no idle row');
  return { rows: all.filter(({ model }) => model !== 'baseline'), idleW: idle.powerW };
}

export interface Pair {
  readonly from: SweepGpu;
  readonly to: SweepGpu;
  readonly model: string;
  readonly batch: number;
  readonly dtype: Dtype;
  readonly measured: number;
  readonly low: number;
  readonly high: number;
}

/** Configurations that ran on both, with what was measured and what is printed; `knowsDtype` as with --dtype. */
export function pairsOf(from: SweepGpu, to: SweepGpu, knowsDtype: boolean): readonly Pair[] {
  const here = rowsOf(from);
  const there = new Map(rowsOf(to).rows.map((row) => [row.config, row]));
  const pages = (row: Row) =>
    row.utilizationPct >= 95 && row.utilizationMemoryPct >= 95 && row.memoryMib >= 0.95 * 12_282;
  return here.rows.flatMap((row): Pair[] => {
    const other = there.get(row.config);
    if (other === undefined || pages(row) || pages(other)) return [];
    const { powerLimitW } = spec(from);
    const ratios =
      ratiosOf(spec(from), spec(to), knowsDtype ? row.dtype : null) ?? fail('no ratios');
    const busyShare = row.utilizationPct / 100;
    const load = loadOf(row.powerW, here.idleW, powerLimitW);
    const demand = { busyShare, load, dramActivity: null, tensorActivity: null };
    const { low, high } = slowdownOf(demand, ratios);
    const measured = row.tokensPerS / other.tokensPerS;
    return [{ ...row, from, to, measured, low, high: high ?? Infinity }];
  });
}

/** How many configurations two sweeps share. */
export function sharedConfigs(a: SweepGpu, b: SweepGpu): number {
  const there = new Set(rowsOf(b).rows.map(({ config }) => config));
  return rowsOf(a).rows.filter(({ config }) => there.has(config)).length;
}

/** How often the measured slowdown lies inside, and how wide the range is. */
export function summary(pairs: readonly Pair[]) {
  const inside = pairs.filter(({ measured, low, high }) => measured >= low && measured <= high);
  const widths = pairs.map(({ low, high }) => high / low).toSorted((a, b) => a - b);
  return {
    rows: pairs.length,
    insideShare: pairs.length === 0 ? null : inside.length / pairs.length,
    medianWidth: widths[Math.floor(widths.length / 2)] ?? null,
    maxWidth: widths.at(-1) ?? null,
  };
}

/** Rows on which the 10 % for sustained rates was chosen; all others are held out. */
export const isChosenOn = ({ model, dtype }: Pair): boolean =>
  model === 'microsoft/DialoGPT-large' && dtype === 'fp32';

/** The table for people. */
export function sweepTable(): string {
  const rows = [['from → to', '--dtype', 'rows', 'n', 'inside', 'median width', 'widest']];
  for (const [from, to] of [
    ['L40', 'L4'],
    ['L4', 'L40'],
  ] as const) {
    for (const knowsDtype of [false, true]) {
      const pairs = pairsOf(from, to, knowsDtype);
      const groups = [
        ['fp16 and bf16', pairs.filter(({ dtype }) => dtype !== 'fp32')],
        ['fp32', pairs.filter(({ dtype }) => dtype === 'fp32')],
        ['10 % chosen on these', pairs.filter(isChosenOn)],
        ['held out', pairs.filter((pair) => !isChosenOn(pair))],
      ] as const;
      for (const [name, of] of groups) {
        const { rows: n, insideShare, medianWidth, maxWidth } = summary(of);
        rows.push([
          `${from} → ${to}`,
          knowsDtype ? 'given' : 'not given',
          name,
          String(n),
          insideShare === null ? '-' : `${(insideShare * 100).toFixed(1)} %`,
          medianWidth === null ? '-' : `${medianWidth.toFixed(2)}×`,
          maxWidth === null ? '-' : `${maxWidth.toFixed(2)}×`,
        ]);
      }
    }
  }
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  const none = sharedConfigs('L40', 'RTX-4070-TI') + sharedConfigs('L4', 'RTX-4070-TI');
  return [
    ...lines.map((line) => line.trimEnd()),
    '',
    'Rows are means of one configuration; 8 rows a model, batch and format differ only in warm-up, pauses and context.',
    'The form (waits and kernels in turn, or overlapped) was chosen after seeing all of these rows: no set is blind to it.',
    `RTX 4070 Ti: ${none} configurations in common (its sweep ran other, smaller models), so nothing can be predicted there.`,
    '',
  ].join('\n');
}

function fail(what: string): never {
  throw new Error(what);
}
