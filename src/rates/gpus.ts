import type { GpuSpec } from '../rules/rule.ts';
import { builtInGpus } from './built-in.ts';
import type { GpuEntry, GpuTable } from './gpu-schema.ts';

/** A GPU as the table knows it, by the name that a driver prints. */
export interface IdentifiedGpu {
  readonly key: string;
  readonly entry: GpuEntry;
  /** A vGPU or MIG profile in the name, such as `4Q` or `1g.5gb`; null for a whole GPU. */
  readonly profile: string | null;
  /** The profile's part of the GPU's memory, 0–1; null where it can't be told. 1 for a whole GPU. */
  readonly share: number | null;
}

/** Drivers report less than nominal (ECC, reserve) or the next binary size: gpuhunt's tolerance. */
const memoryTolerance = 0.07;

/** Facts of a whole GPU by nvidia-smi's name; null for an unknown name, a part of a GPU or another memory size. */
export function findGpu(name: string, memoryMib: number | null = null): GpuSpec | null {
  const found = identifyGpu(builtInGpus(), name, memoryMib);
  return found?.share === 1 ? toSpec(found.key, found.entry) : null;
}

/** The key of rate cards for nvidia-smi's name; for a vGPU or MIG slice the key of its physical GPU. */
export function findGpuKey(name: string, memoryMib: number | null = null): string | null {
  return identifyGpu(builtInGpus(), name, memoryMib)?.key ?? null;
}

/** Facts of a GPU by its key in rate cards; null for an unknown one. */
export function gpuByKey(key: string): GpuSpec | null {
  const { gpus } = builtInGpus();
  const entry = Object.hasOwn(gpus, key) ? gpus[key] : undefined;
  return entry === undefined ? null : toSpec(key, entry);
}

/**
 * Finds a GPU by any of its names: with or without `NVIDIA `, `Tesla ` or `GRID `, any case, dashes as in Kubernetes labels.
 * `memoryMib` tells apart variants of one name and refuses one that has another memory.
 */
export function identifyGpu(
  table: GpuTable,
  name: string,
  memoryMib: number | null,
): IdentifiedGpu | null {
  const { base, profile } = splitProfile(name);
  const wanted = normalise(base);
  const named = Object.entries(table.gpus).filter(([key, { name: first, aliases }]) =>
    [key, first, ...(aliases ?? [])].some((known) => normalise(known) === wanted),
  );
  const fits = (gib: number): boolean =>
    memoryMib === null || Math.abs(memoryMib / (gib * 1024) - 1) <= memoryTolerance;
  const found = profile === null ? named.filter(([, entry]) => fits(entry.memory_gib)) : named;
  const [only] = found;
  if (only === undefined || found.length > 1) return null;
  const [key, entry] = only;
  return { key, entry, profile, share: profile === null ? 1 : profileShare(profile, entry) };
}

function toSpec(key: string, entry: GpuEntry): GpuSpec {
  return {
    key,
    memoryGib: entry.memory_gib,
    memoryBandwidthGbs: entry.bandwidth_gbs,
    fp32Tflops: entry.tflops.fp32,
    tf32Tflops: entry.tflops.tf32,
    fp16Tflops: entry.tflops.fp16,
    fp8Tflops: entry.tflops.fp8,
    powerLimitW: entry.power_limit_w,
    idleEmptyW: entry.idle_w.empty,
    idleContextW: entry.idle_w.context,
  };
}

/** `A10-4Q`, `A100-1-5C` (vGPU) and `A100-SXM4-40GB-MIG-1g.5gb`, `MIG 1g.5gb` (MIG); Kubernetes adds `-SHARED`. */
function splitProfile(name: string): { base: string; profile: string | null } {
  const trimmed = name.trim().replace(/-SHARED$/i, '');
  const mig = /^(.*?)[\s-]+MIG[\s-]+(\d+g\.\d+gb(?:\+\S+)?)$/i.exec(trimmed);
  if (mig !== null) return { base: mig[1] ?? '', profile: (mig[2] ?? '').toLowerCase() };
  const vgpu = /^(.*?)-((?:\d+-)?\d+[ABCQ])$/i.exec(trimmed);
  if (vgpu !== null) return { base: vgpu[1] ?? '', profile: (vgpu[2] ?? '').toUpperCase() };
  return { base: trimmed, profile: null };
}

function profileShare(profile: string, entry: GpuEntry): number | null {
  const mig = entry.mig?.find((known) => known.profile === profile);
  if (mig !== undefined) return mig.memory_gib / entry.memory_gib;
  // The number before the letter is the profile's memory in GB (NVIDIA vGPU naming).
  const memory = /^(?:\d+-)?(\d+)[ABCQ]$/.exec(profile)?.[1];
  const share = memory === undefined ? null : Number(memory) / entry.memory_gib;
  return share === null || share > 1 ? null : share;
}

/** Words that come and go with the driver's age say nothing about the model. */
function normalise(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .replace(/^nvidia /, '')
    .replace(/^(?:tesla|grid) /, '')
    .trim();
}
