import type { GpuSpec } from '../rules/rule.ts';
import type { Dtype } from './dtypes.ts';

/** From the least to the most; `high` is null where nothing bounds it. */
export interface Range {
  readonly low: number;
  readonly high: number | null;
}

/** One reason why the same kernels take longer (above 1) or less on the other GPU. */
export interface Ratio {
  readonly of: 'bandwidth' | 'fp32' | 'tf32' | 'fp16' | 'fp8';
  readonly value: number;
}

/** What was measured of a stretch of work on one GPU; shares 0–1, null where there was no reading. */
export interface Demand {
  /** Some kernel was resident. */
  readonly busyShare: number;
  /** Power above the idle floor over the limit above it, or SM activity: how full the GPU was, over all of the time. */
  readonly load: number | null;
  /** Cycles in which DRAM, or the tensor cores, were active (GPM). */
  readonly dramActivity: number | null;
  readonly tensorActivity: number | null;
}

/**
 * Cards sustain different parts of their data sheets' rates (clocks under the power cap, cache sizes): 10 % either way.
 * Chosen on the fp32 rows of one model of a public batch sweep (L40 to L4); test/whatif/mfu-sweep.ts tells them from the others.
 */
const sustained = 0.9;

/**
 * How the two GPUs' bandwidth and dense FLOP rates compare: this one over the other. Which number format the kernels
 * use is not in nvidia-smi's numbers, so all of fp32, tf32 and fp16 count unless it is given. A card without tf32 or
 * fp16 tensor cores runs such work at its fp32 rate. Null where the GPU table lacks a figure that is needed.
 */
export function ratiosOf(from: GpuSpec, to: GpuSpec, dtype: Dtype | null): readonly Ratio[] | null {
  const wanted = dtype === null ? (['fp32', 'tf32', 'fp16'] as const) : [formatOf(dtype)];
  const bandwidth = divide(from.memoryBandwidthGbs, to.memoryBandwidthGbs);
  const rates = wanted.map((of) => ({ of, value: divide(rateOf(from, of), rateOf(to, of)) }));
  const all = [{ of: 'bandwidth' as const, value: bandwidth }, ...rates];
  const known = all.flatMap(({ of, value }) => (value === null ? [] : [{ of, value }]));
  return known.length === all.length ? known : null;
}

/**
 * How long the stretch would take on the other GPU, of what it took here. Kernels take between the smallest and the
 * largest ratio as long. What the GPU waited is not slowed: either the waits and the kernels take turns (their times
 * add up), or they overlap (the slower of host and GPU sets the pace); both are bounds, and nvidia-smi can't tell
 * which holds. Kernels that leave a part of this GPU empty need not be slower on one that is smaller by that part.
 * By GPM the other GPU can't be faster than its memory and tensor cores carry what was measured here.
 */
export function slowdownOf(demand: Demand, ratios: readonly Ratio[]): Range {
  const values = ratios.map(({ value }) => value);
  if (values.every((value) => value === 1)) return { low: 1, high: 1 };
  const least = Math.min(...values);
  const most = Math.max(...values);
  const busy = Math.min(1, Math.max(0, demand.busyShare));
  const fill = fillOf(demand, busy);
  const kernels = {
    low: least > 1 ? Math.max(1, fill * least * sustained) : least * sustained,
    high: most / sustained,
  };
  return {
    low: Math.max(pace(busy, kernels.low).low, carried(demand, ratios)),
    high: Math.max(pace(busy, kernels.high).high, carried(demand, ratios)),
  };
}

/** Both ways in which waits and kernels share the time; each grows with the kernels' own slowdown. */
function pace(busy: number, kernels: number): { readonly low: number; readonly high: number } {
  const inTurns = 1 - busy + busy * kernels;
  const overlapped = Math.max(1, busy * kernels);
  return { low: Math.min(inTurns, overlapped), high: Math.max(inTurns, overlapped) };
}

/** How full the GPU was while it was busy; 0 where nothing tells. */
function fillOf({ load }: Demand, busy: number): number {
  return load === null || busy === 0 ? 0 : Math.min(1, load / busy);
}

/** Measured activity of memory and tensor cores, at the other GPU's full rates; 0 where none was measured. */
function carried(demand: Demand, ratios: readonly Ratio[]): number {
  const of = (...names: Ratio['of'][]) =>
    ratios.flatMap((ratio) => (names.includes(ratio.of) ? [ratio.value] : []));
  const needed = (activity: number | null, values: readonly number[]) =>
    activity === null || values.length === 0 ? 0 : activity * Math.min(...values);
  return Math.max(
    needed(demand.dramActivity, of('bandwidth')),
    needed(demand.tensorActivity, of('fp16', 'tf32', 'fp8')),
  );
}

/** Mixed-precision work in bf16 runs at the fp16 rate. */
function formatOf(dtype: Dtype): Exclude<Dtype, 'bf16'> {
  return dtype === 'bf16' ? 'fp16' : dtype;
}

function rateOf(spec: GpuSpec, format: Exclude<Dtype, 'bf16'>): number | null {
  switch (format) {
    case 'fp32':
      return spec.fp32Tflops;
    case 'tf32':
      return spec.tf32Tflops ?? spec.fp32Tflops;
    case 'fp16':
      return spec.fp16Tflops ?? spec.fp32Tflops;
    case 'fp8':
      return spec.fp8Tflops;
  }
}

function divide(a: number | null, b: number | null): number | null {
  return a === null || b === null || b <= 0 ? null : a / b;
}
