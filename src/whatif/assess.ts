import type { GpuSpec } from '../rules/rule.ts';
import type { Dtype } from './dtypes.ts';
import { isNvlinked } from './interconnect.ts';
import type { Need } from './need.ts';
import { type Range, type Ratio, ratiosOf, slowdownOf } from './slowdown.ts';

/** Devices that could carry the work: whole GPUs, or parts of them. */
export interface Devices {
  /** Figures of one device; a part of a GPU has its part of them. */
  readonly spec: GpuSpec;
  readonly isPart: boolean;
  /** How many the work would use. */
  readonly count: number;
}

export interface MemoryFit {
  readonly verdict: 'fits' | 'too-small' | 'unknown';
  /** Per device, reserve included; low and high differ where it depends on how the job divides its memory. */
  readonly neededMib: { readonly low: number; readonly high: number };
  readonly deviceMib: number;
}

export interface Assessment {
  readonly memory: MemoryFit;
  /** The same work's time over its time here; null where the GPU table lacks figures. */
  readonly slowdown: Range | null;
  readonly ratios: readonly Ratio[];
  readonly notes: readonly string[];
}

/**
 * Memory that must stay free above the peak: a fifth of it, for fragmentation and for peaks between samples (jobstats
 * asks for measured × 1.2, gpuaudit for × 1.3).
 */
export const memoryReserve = 0.2;

/** From here up, held memory may be pre-allocated: JAX takes 75 % of the card, vLLM 90 %, TensorFlow nearly all. */
const preallocatedFrom = 0.7;

/** What other devices would make of the work: whether its memory fits, and how long it would take. */
export function assess(need: Need, devices: Devices, dtype: Dtype | null): Assessment {
  const notes: string[] = [];
  const perDevice = need.gpus.length / devices.count;
  const memory = fitOf(need, devices);
  if (memory.verdict === 'unknown') {
    notes.push(
      perDevice === 1
        ? 'Most of the memory here is held, which TensorFlow, JAX and vLLM do whether they need it or not: the need is at most that.'
        : 'Whether it fits depends on how the job divides its memory: each GPU a whole copy, or each a part.',
    );
  }
  const ratios = ratiosOf(need.spec, devices.spec, dtype);
  if (ratios === null) {
    notes.push(`The GPU table lacks a figure of ${devices.spec.key} that the comparison needs.`);
    return { memory, slowdown: null, ratios: [], notes };
  }
  const each = need.gpus.map(({ stretches }) => {
    const all = stretches.reduce((sum, { ms }) => sum + ms, 0);
    const mean = (read: (range: Range) => number) =>
      stretches.reduce((sum, { ms, demand }) => sum + ms * read(slowdownOf(demand, ratios)), 0) /
      all;
    return { low: mean(({ low }) => low), high: mean(({ high }) => high ?? Infinity) };
  });
  // Ranks of one job wait for the slowest; jobs apart hold the machine until the last has ended.
  const slowest = {
    low: Math.max(...each.map(({ low }) => low)),
    high: Math.max(...each.map(({ high }) => high)),
  };
  const slowdown = overDevices(slowest, perDevice);
  if (perDevice !== 1) {
    notes.push(
      perDevice > 1
        ? `Each of ${devices.count} GPUs would do the work of ${round(perDevice)}.`
        : 'How well the work spreads over more GPUs was not seen: from not at all to evenly.',
    );
  }
  const lost = lostLink(need, devices);
  if (lost !== null) {
    notes.push(
      `${lost}, and how much the GPUs say to each other is not in what was recorded: how slow it gets at most is not known.`,
    );
    return { memory, slowdown: { low: slowdown.low, high: null }, ratios, notes };
  }
  return { memory, slowdown, ratios, notes };
}

/** `perDevice` GPUs' work on each device: fewer devices take that many times as long, more help between not at all and evenly. */
function overDevices(range: { low: number; high: number }, perDevice: number) {
  return {
    low: range.low * perDevice,
    high: range.high * Math.max(1, perDevice),
  };
}

function fitOf(need: Need, { spec, count }: Devices): MemoryFit {
  const peaks = need.gpus.map(({ memoryPeakMib }) => memoryPeakMib);
  const copy = Math.max(...peaks);
  const divided = peaks.reduce((a, b) => a + b, 0) / count;
  const isSame = count === peaks.length;
  const withReserve = (mib: number) => mib * (1 + memoryReserve);
  const neededMib = {
    low: withReserve(isSame ? copy : Math.min(copy, divided)),
    high: withReserve(isSame ? copy : Math.max(copy, divided)),
  };
  const deviceMib = (spec.memoryGib ?? 0) * 1024;
  const here = (need.spec.memoryGib ?? Infinity) * 1024;
  const isSameSize = deviceMib >= here && count >= peaks.length;
  // What runs here fits where there is as much, however little reserve is left.
  if (isSameSize || neededMib.high <= deviceMib) return { verdict: 'fits', neededMib, deviceMib };
  const mayBeLess = neededMib.low <= deviceMib || copy >= preallocatedFrom * here;
  return { verdict: mayBeLess ? 'unknown' : 'too-small', neededMib, deviceMib };
}

/** What GPUs that work together here would miss there; null where nothing is known to be missing. */
function lostLink(need: Need, { spec, isPart, count }: Devices): string | null {
  if (need.gpus.length < 2 || count < 2) return null;
  // NCCL does not run between MIG instances, and the NVLink of their GPU is not theirs (NVIDIA MIG user guide).
  if (isPart) return 'Slices of GPUs have no link to each other';
  return isNvlinked(need.spec.key) && !isNvlinked(spec.key) ? `${spec.key} has no NVLink` : null;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
