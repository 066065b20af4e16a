import type { GpuUsage } from '../usage/usage.ts';

/** The size of the host that was recorded. */
export interface HostSize {
  readonly cpus: number;
  readonly memoryMib: number;
}

/** What the jobs used of their host while the GPUs worked; null where no session recorded it. */
export interface HostNeed {
  /** Logical CPUs kept busy, which is what clouds sell as vCPUs. */
  readonly cores: number | null;
  /** Memory that was not available to others, in the fullest phase. */
  readonly memoryGib: number | null;
}

export interface HostFit {
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
  readonly verdict: 'carries' | 'too-small' | 'not-compared';
}

/**
 * The host's part of the work. A process that works on several GPUs is counted on each of them, so the sum over GPUs is
 * held against the CPU time of the whole host.
 */
export function hostNeedOf(gpus: readonly GpuUsage[], size: HostSize | null): HostNeed {
  const ofJobs = sum(gpus.map((gpu) => meanOf(gpu, ({ job }) => job.cpuCores ?? null)));
  const ofHost =
    size === null
      ? null
      : highest(
          gpus.map((gpu) =>
            meanOf(gpu, ({ host: { cpuUserShare, cpuSystemShare } }) =>
              cpuUserShare === undefined || cpuSystemShare === undefined
                ? null
                : (cpuUserShare + cpuSystemShare) * size.cpus,
            ),
          ),
        );
  const usedMib = gpus.flatMap(({ phases }) =>
    phases.flatMap(({ host: { memoryAvailableMib } }) =>
      size === null || memoryAvailableMib === undefined
        ? []
        : Math.max(0, size.memoryMib - memoryAvailableMib),
    ),
  );
  return {
    cores: ofJobs === null || ofHost === null ? ofJobs : Math.min(ofJobs, ofHost),
    memoryGib: usedMib.length === 0 ? null : Math.max(...usedMib) / 1024,
  };
}

/** Whether a machine's vCPUs and memory are as many as were used. */
export function hostFitOf(
  need: HostNeed,
  { vcpus, memoryGib }: Pick<HostFit, 'vcpus' | 'memoryGib'>,
): HostFit {
  const enough = (used: number | null, there: number | null) =>
    used === null || there === null ? null : used <= there;
  const both = [enough(need.cores, vcpus), enough(need.memoryGib, memoryGib)];
  const verdict = both.includes(false)
    ? 'too-small'
    : both.includes(null)
      ? 'not-compared'
      : 'carries';
  return { vcpus, memoryGib, verdict };
}

type Phase = GpuUsage['phases'][number];

function meanOf({ phases }: GpuUsage, read: (phase: Phase) => number | null): number | null {
  let [weighted, ms] = [0, 0];
  for (const phase of phases) {
    const value = read(phase);
    if (value === null) continue;
    weighted += value * phase.observedMs;
    ms += phase.observedMs;
  }
  return ms > 0 ? weighted / ms : null;
}

/** Null where a part is not known: the rest would be less than the need. */
function sum(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : values.reduce<number>((a, b) => a + (b ?? 0), 0);
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : Math.max(...known);
}
