import type { JobSpan } from '../usage/attribution.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { overlapMs } from './phases.ts';
import type { Interval } from './rule.ts';

/** Another GPU of a job, and when the job had both to itself. */
export interface JobPeer {
  readonly gpu: GpuUsage;
  readonly spans: readonly Interval[];
}

/** How far a GPU is behind the busiest of its job in one window; null is not known. */
export interface Behind {
  readonly utilizationPct: number | null;
  /** Of the power limit, among GPUs of one model. */
  readonly powerShare: number | null;
  readonly ahead: GpuUsage;
}

/** The other GPUs of this GPU's jobs; unknown where its processes may belong to others without saying so. */
export function jobPeers(
  usage: GpuUsage,
  machineGpus: readonly GpuUsage[],
): readonly JobPeer[] | 'unknown' {
  const own = (usage.jobs ?? []).filter(({ shared }) => !shared);
  const peers = machineGpus.flatMap((gpu) => {
    if (gpu === usage) return [];
    const spans = (gpu.jobs ?? [])
      .filter(({ shared }) => !shared)
      .flatMap((theirs) => own.flatMap((ours) => common(ours, theirs)));
    return spans.length > 0 ? [{ gpu, spans }] : [];
  });
  const isUnknown =
    peers.length === 0 &&
    own.some((ours) => {
      return machineGpus.some(
        (gpu) => gpu !== usage && (gpu.jobs ?? []).some((theirs) => mayBelong(ours, theirs)),
      );
    });
  return isUnknown ? 'unknown' : peers;
}

/** Processes of one tree, or of trees that are not known, may be ranks of one job without saying so. */
function mayBelong(ours: JobSpan, theirs: JobSpan): boolean {
  if (ours.isWhole && theirs.isWhole) return false;
  return ours.tree === null || theirs.tree === null || ours.tree === theirs.tree;
}

function common(ours: JobSpan, theirs: JobSpan): readonly Interval[] {
  if (ours.key !== theirs.key) return [];
  const startMs = Math.max(ours.startMs, theirs.startMs);
  const endMs = Math.min(ours.endMs, theirs.endMs);
  return endMs > startMs ? [{ startMs, endMs }] : [];
}

/** One entry a window of the GPU; null where it is not at steady work, or the time is explained otherwise. */
export function behindPeers(
  usage: GpuUsage,
  peers: readonly JobPeer[],
  explained: readonly Interval[],
): readonly (Behind | null)[] {
  const { windows } = usage;
  const places = peers.map(({ gpu, spans }) => ({
    gpu,
    spans,
    at: new Map(Array.from(gpu.windows.startMs.subarray(0, gpu.windows.length), (t, i) => [t, i])),
  }));
  return Array.from({ length: windows.length }, (_, i) => {
    const startMs = windows.startMs[i] ?? Number.NaN;
    const window = { startMs, endMs: startMs + windows.windowMs };
    if (!isSteady(usage, i, window) || explained.some((e) => overlapMs(e, window) > 0)) return null;
    let found: Behind | null = null;
    for (const { gpu, spans, at } of places) {
      const j = at.get(startMs);
      const isTogether = spans.some((span) => overlapMs(span, window) === windows.windowMs);
      if (j === undefined || !isTogether || gpu.windows.windowMs !== windows.windowMs) continue;
      found = further(found, behindOf(usage, i, gpu, j));
    }
    return found;
  });
}

function isSteady(usage: GpuUsage, i: number, window: Interval): boolean {
  const { heldMs, emptyMs, observedMs } = usage.windows;
  if (2 * ((heldMs[i] ?? 0) + (emptyMs[i] ?? 0)) >= (observedMs[i] ?? 0)) return false;
  return usage.phases.some(
    ({ steadyStartMs, steadyEndMs }) =>
      window.startMs >= steadyStartMs && window.endMs <= steadyEndMs,
  );
}

function behindOf(usage: GpuUsage, i: number, gpu: GpuUsage, j: number): Behind {
  const utilization =
    (gpu.windows.utilizationPct[j] ?? NaN) - (usage.windows.utilizationPct[i] ?? NaN);
  const limitW = usage.powerReferenceW ?? usage.identity.powerLimitW;
  const isSameModel = gpu.identity.name === usage.identity.name;
  const watts = (gpu.windows.powerW[j] ?? NaN) - (usage.windows.powerW[i] ?? NaN);
  const power = limitW !== null && limitW > 0 && isSameModel ? watts / limitW : NaN;
  return {
    utilizationPct: Number.isNaN(utilization) ? null : utilization,
    powerShare: Number.isNaN(power) ? null : power,
    ahead: gpu,
  };
}

function further(a: Behind | null, b: Behind): Behind {
  if (a === null) return b;
  const most = (x: number | null, y: number | null) =>
    x === null || y === null ? (x ?? y) : Math.max(x, y);
  return {
    utilizationPct: most(a.utilizationPct, b.utilizationPct),
    powerShare: most(a.powerShare, b.powerShare),
    ahead: (b.utilizationPct ?? -Infinity) > (a.utilizationPct ?? -Infinity) ? b.ahead : a.ahead,
  };
}
