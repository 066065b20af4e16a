import { UsageError } from '../errors.ts';
import type { GpuEntry } from '../rates/gpu-schema.ts';
import type { GpuSpec } from '../rules/rule.ts';

/** A part of a GPU as a device of its own. */
export interface GpuPart {
  readonly spec: GpuSpec;
  /** How many of them one GPU holds at most. */
  readonly most: number;
  readonly isPart: boolean;
}

/**
 * A MIG profile of a GPU: its memory, that part of the bandwidth (memory slices carry both), and of the FLOP rates the
 * part of its multiprocessors, or of its seven compute slices where those are not known.
 * Throws UsageError for a profile that the GPU does not have.
 */
export function migPart(spec: GpuSpec, entry: GpuEntry, profile: string): GpuPart {
  const profiles = entry.mig ?? [];
  const wanted = profile.toLowerCase().replace(/^mig[ -]/, '');
  const found = profiles.find((known) => known.profile === wanted);
  if (found === undefined) {
    const names = profiles.map((known) => known.profile).join(', ');
    throw new UsageError(`${spec.key} has no MIG profile "${profile}"`, {
      hint: names === '' ? 'This GPU can not be divided by MIG.' : `It has ${names}.`,
    });
  }
  const slices = Math.max(...profiles.map((known) => known.slices));
  const sms = Math.max(...profiles.map((known) => known.sms ?? 0));
  const compute = found.sms === null || sms === 0 ? found.slices / slices : found.sms / sms;
  const memory = found.memory_gib / entry.memory_gib;
  return {
    spec: scale(spec, memory, compute, ` ${found.profile}`),
    most: found.most,
    isPart: true,
  };
}

/** A part of one physical GPU that a machine is sold with, such as 1/8: that part of everything. */
export function sharedPart(spec: GpuSpec, share: string): GpuPart | null {
  const [part = Number.NaN, whole = Number.NaN] = share.split('/').map(Number);
  const fraction = part / whole;
  if (!(fraction > 0 && fraction <= 1)) return null;
  return {
    spec: scale(spec, fraction, fraction, ` ${share}`),
    most: Math.floor(1 / fraction),
    isPart: true,
  };
}

function scale(spec: GpuSpec, memory: number, compute: number, suffix: string): GpuSpec {
  const times = (value: number | null, by: number) => (value === null ? null : value * by);
  return {
    ...spec,
    key: `${spec.key}${suffix}`,
    memoryGib: times(spec.memoryGib, memory),
    memoryBandwidthGbs: times(spec.memoryBandwidthGbs, memory),
    fp32Tflops: times(spec.fp32Tflops, compute),
    tf32Tflops: times(spec.tf32Tflops, compute),
    fp16Tflops: times(spec.fp16Tflops, compute),
    fp8Tflops: times(spec.fp8Tflops, compute),
    powerLimitW: null,
    idleEmptyW: null,
    idleContextW: null,
  };
}
