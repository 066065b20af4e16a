import type { HostColumn, JobColumn } from '../../src/host/columns.ts';
import type { GpuIdentity } from '../../src/sample/columns.ts';
import type { JobSpan } from '../../src/usage/attribution.ts';
import type { PcieLink } from '../../src/usage/sample-source.ts';
import { findStalls } from '../../src/usage/stalls.ts';
import { findStarts } from '../../src/usage/starts.ts';
import type { State } from '../../src/usage/states.ts';
import type { GpuUsage, LoadedTime, Phase, StateMs } from '../../src/usage/usage.ts';
import { idleStretchesOf, phasesOf, signalsOf } from './usage-phases.ts';
import { buildWindows, distribution, type Slice } from './usage-windows.ts';

/** Synthetic usage for rule tests: made by hand here, without the accounting that the product does. */

export interface Work {
  /** Per cent of the time with a kernel, above 100 booked as full; null as under MIG. */
  readonly utilization?: number | null;
  readonly load?: number | null;
  readonly memoryUtilization?: number | null;
  readonly heldMib?: number | null;
  readonly watts?: number | null;
  readonly clockMhz?: number | null;
  readonly pcie?: number | null;
  readonly smActivity?: number | null;
  readonly tensorActivity?: number | null;
  /** Of the busy time. */
  readonly throttled?: number;
  /** Share of the time in which event reasons were reported; all of it unless told. */
  readonly reasons?: number;
  /** PCIe link, at its maximum unless told; null where it is not reported. */
  readonly link?: PcieLink | null;
  readonly host?: Readonly<Partial<Record<HostColumn, number>>>;
  readonly job?: Readonly<Partial<Record<JobColumn, number>>>;
  readonly waitPlaces?: Phase['waitPlaces'];
  readonly rates?: Phase['rates'];
}

interface Segment {
  readonly kind: 'warmup' | 'busy' | 'idle' | 'ghost' | 'gap';
  readonly ms: number;
  readonly work: Work;
}

export interface GpuBuilder {
  busy(time: string, work?: Work): GpuBuilder;
  /** Part of the phase, before its steady part. */
  warmup(time: string, work?: Work): GpuBuilder;
  idle(time: string, work?: Pick<Work, 'heldMib' | 'watts'>): GpuBuilder;
  /** Utilization 100 with nobody on the GPU: empty idle time. */
  ghost(time: string): GpuBuilder;
  gap(time: string): GpuBuilder;
  /** Repeats what was said so far. */
  times(count: number): GpuBuilder;
  identity(facts: Partial<GpuIdentity>): GpuBuilder;
  every(interval: string): GpuBuilder;
  /** MIG: utilization is not reported, all of the time is unobserved. */
  mig(): GpuBuilder;
  /** Most compute processes at a time; null (the default) where they are not visible. */
  processes(most: number): GpuBuilder;
  /** Processes of this job alone were on the GPU all the time. */
  job(key: string, facts?: Partial<JobSpan>): GpuBuilder;
  /** A wrapped command, started this long after the first segment's beginning. */
  command(after: string): GpuBuilder;
  /** Small deviations of every reading, the same for the same seed. */
  noisy(seed: number): GpuBuilder;
  build(): GpuUsage;
}

interface Plan {
  readonly segments: readonly Segment[];
  readonly facts: Partial<GpuIdentity>;
  readonly intervalMs: number;
  readonly isMig: boolean;
  readonly processes: number | null;
  readonly job: (Partial<JobSpan> & { readonly key: string }) | null;
  readonly commandMs: number | null;
}

const originMs = Date.UTC(2026, 0, 5);
const horizonMs = 300_000;

export function aGpu(index = 0): GpuBuilder {
  return builder({
    segments: [],
    facts: { id: `gpu-${index}`, uuid: `GPU-${index}`, index },
    intervalMs: 1000,
    isMig: false,
    processes: null,
    job: null,
    commandMs: null,
  });
}

function builder(plan: Plan): GpuBuilder {
  const add = (kind: Segment['kind'], time: string, work: Work = {}) =>
    builder({ ...plan, segments: [...plan.segments, { kind, ms: milliseconds(time), work }] });
  return {
    busy: (time, work) => add('busy', time, work),
    warmup: (time, work) => add('warmup', time, work),
    idle: (time, work) => add('idle', time, work),
    ghost: (time) => add('ghost', time, { heldMib: 0 }),
    gap: (time) => add('gap', time),
    times: (count) =>
      builder({ ...plan, segments: Array.from({ length: count }, () => plan.segments).flat() }),
    identity: (facts) => builder({ ...plan, facts: { ...plan.facts, ...facts } }),
    every: (interval) => builder({ ...plan, intervalMs: milliseconds(interval) }),
    mig: () => builder({ ...plan, isMig: true }),
    command: (after) => builder({ ...plan, commandMs: originMs + milliseconds(after) }),
    processes: (most) => builder({ ...plan, processes: most }),
    job: (key, facts) => builder({ ...plan, job: { key, ...facts } }),
    noisy: (seed) => builder({ ...plan, segments: withNoise(plan.segments, seed) }),
    build: () => buildUsage(plan),
  };
}

/** "8h", "40m", "90s", "299999ms". */
function milliseconds(time: string): number {
  const [, number, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(time) ?? [];
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  if (number === undefined || factor === undefined) throw new Error(`not a time: ${time}`);
  return Math.round(Number(number) * factor);
}

function withNoise(segments: readonly Segment[], seed: number): readonly Segment[] {
  let state = seed >>> 0;
  const next = () => {
    // Numerical Recipes' linear congruential generator: enough to move readings a little.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const move = (value: number | null | undefined, by: number, most: number) =>
    value === null || value === undefined
      ? value
      : Math.max(0, Math.min(most, value + by * next()));
  return segments.map((segment) => {
    const { work } = segment;
    const moved = {
      utilization: move(work.utilization, 0.4, 100),
      load: move(work.load, 0.005, 1),
      memoryUtilization: move(work.memoryUtilization, 0.4, 100),
      heldMib: move(work.heldMib, (work.heldMib ?? 0) * 0.002, Number.MAX_SAFE_INTEGER),
    };
    return {
      ...segment,
      work: {
        ...work,
        ...Object.fromEntries(Object.entries(moved).filter(([, value]) => value !== undefined)),
      },
    };
  });
}

const defaults = {
  utilization: 97,
  load: 0.85,
  memoryUtilization: 40,
  heldMib: 40_000,
  clockMhz: 1900,
  pcie: null,
  smActivity: null,
  tensorActivity: null,
  throttled: 0,
  reasons: 1,
  link: { gen: 5, width: 16 },
} as const;

function buildUsage({
  segments,
  facts,
  intervalMs,
  isMig,
  processes,
  job,
  commandMs,
}: Plan): GpuUsage {
  const slices = toSlices(segments);
  const state = sumStates(slices, isMig);
  const observed = slices.filter((slice) => slice.kind !== 'gap');
  const windows = buildWindows(isMig ? [] : observed, Math.max(5000, intervalMs));
  const phases = isMig ? [] : phasesOf(slices, Math.max(5000, intervalMs));
  const signals = signalsOf(observed);
  const held = observed.map((slice) => slice.heldMib).filter((mib) => mib !== null);
  const endMs = slices.at(-1)?.endMs ?? originMs;
  const watts = observed.map((slice) => slice.watts).filter((watt) => watt !== null);
  const hasLoad = slices.some((slice) => slice.load !== null);
  return {
    identity: {
      name: 'NVIDIA H100 80GB HBM3',
      pciBusId: null,
      memoryTotalMib: 80_000,
      powerLimitW: 700,
      clockSmMaxMhz: 1980,
      clockMemoryMaxMhz: 2619,
      pcieLinkGenMax: 5,
      pcieLinkWidthMax: 16,
      persistenceMode: true,
      displayActive: false,
      migMode: isMig,
      id: '',
      uuid: null,
      index: null,
      ...facts,
    },
    nominalMs: intervalMs,
    samples: Math.floor(observed.reduce((sum, slice) => sum + slice.ms, 0) / intervalMs),
    total: state,
    cells: [{ ...state, startMs: originMs, endMs }],
    basis: hasLoad ? 'power' : 'utilization',
    powerFloorW: hasLoad ? 120 : null,
    powerReferenceW: hasLoad ? 700 : null,
    utilizationPct: isMig ? null : asReported(observed),
    memoryUsedMib:
      held.length === 0
        ? null
        : { mean: held.reduce((a, b) => a + b, 0) / held.length, max: Math.max(...held) },
    powerW:
      watts.length === 0
        ? null
        : { mean: watts.reduce((a, b) => a + b, 0) / watts.length, max: Math.max(...watts) },
    idleStretches: isMig ? [] : idleStretchesOf(slices),
    phases,
    starts: findStarts(windows, phases, commandMs === null ? [] : [commandMs], signals),
    stalls: findStalls(windows, phases, intervalMs, signals),
    windows,
    maxComputeProcesses: processes,
    jobs: job && [
      {
        name: 'torchrun',
        isWhole: true,
        tree: null,
        shared: false,
        rank: null,
        startMs: originMs,
        endMs,
        ...job,
      },
    ],
    attribution: null,
    loaded: loadedTime(isMig ? [] : observed),
    eccErrors: 0,
  };
}

function loadedTime(observed: readonly Slice[]): LoadedTime {
  const loaded = observed.filter((slice) => slice.utilization >= 50 && slice.kind !== 'ghost');
  const sum = (read: (slice: Slice) => number) => loaded.reduce((all, s) => all + read(s), 0);
  const low = loaded.filter((slice) => slice.linkLowMs > 0).sort((a, b) => b.ms - a.ms);
  return {
    ms: sum((slice) => slice.ms),
    reasonsKnownMs: sum((slice) => Math.round(slice.ms * slice.reasons)),
    linkKnownMs: sum((slice) => (slice.link === null ? 0 : slice.ms)),
    lowLink: low[0]?.link ?? null,
  };
}

/** Utilization as nvidia-smi prints it, a ghost's included. */
function asReported(slices: readonly Slice[]) {
  return distribution(
    Float32Array.from(slices, (slice) => slice.utilization),
    Uint32Array.from(slices, (slice) => slice.ms),
  );
}

function toSlices(segments: readonly Segment[]): readonly Slice[] {
  let startMs = originMs;
  return segments.map(({ kind, ms, work }, i) => {
    const isActive = kind === 'busy' || kind === 'warmup';
    const isWithin =
      kind === 'idle' &&
      ms < horizonMs &&
      isActiveKind(segments[i - 1]) &&
      isActiveKind(segments[i + 1]);
    const asked = { ...defaults, ...work };
    const utilization = isActive ? (asked.utilization ?? 0) : kind === 'ghost' ? 100 : 0;
    const heldMib = isActive ? asked.heldMib : 'heldMib' in work ? (work.heldMib ?? null) : 0;
    const load = asked.load === null ? null : isActive ? asked.load : 0;
    const busyMs = isActive ? Math.round((ms * Math.min(100, utilization)) / 100) : 0;
    const throttledMs = Math.round(busyMs * asked.throttled);
    const effectiveMs = Math.min(busyMs - throttledMs, Math.round(busyMs * (load ?? 1)));
    const isIdle = (kind === 'idle' && !isWithin) || kind === 'ghost';
    const isHeld = isIdle && kind === 'idle' && (heldMib === null || heldMib > 256);
    const slice: Slice = {
      kind: isWithin ? 'pause' : kind,
      startMs,
      endMs: startMs + ms,
      ms,
      busyMs,
      effectiveMs,
      throttledMs,
      linkLowMs: isActive && utilization >= 50 && asked.link !== null && isLow(asked.link) ? ms : 0,
      reasons: asked.reasons,
      link: asked.link,
      waitingMs: isActive ? ms - busyMs : isWithin ? ms : 0,
      heldMs: isHeld ? ms : 0,
      emptyMs: isIdle && !isHeld ? ms : 0,
      utilization,
      load,
      heldMib,
      watts: 'watts' in work ? (work.watts ?? null) : load === null ? null : 120 + 580 * load,
      memoryUtilization: isActive ? asked.memoryUtilization : 0,
      clockMhz: asked.clockMhz,
      pcie: asked.pcie,
      smActivity: asked.smActivity,
      tensorActivity: asked.tensorActivity,
      host: work.host ?? {},
      job: work.job ?? {},
      waitPlaces: work.waitPlaces ?? [],
      rates: work.rates ?? {},
    };
    startMs += ms;
    return slice;
  });
}

function isLow({ gen, width }: PcieLink): boolean {
  return gen < 5 || width < 16;
}

function isActiveKind(segment: Segment | undefined): boolean {
  return segment !== undefined && (segment.kind === 'busy' || segment.kind === 'warmup');
}

function sumStates(slices: readonly Slice[], isMig: boolean): StateMs {
  const sum = (read: (slice: Slice) => number) => slices.reduce((all, s) => all + read(s), 0);
  const billedMs = sum((slice) => slice.ms);
  const none = { effective: 0, underfilled: 0, throttled: 0, waiting: 0, heldIdle: 0 };
  const busyMs = sum((slice) => slice.busyMs);
  const effective = sum((slice) => slice.effectiveMs);
  const throttled = sum((slice) => slice.throttledMs);
  const gap = sum((slice) => (slice.kind === 'gap' ? slice.ms : 0));
  const byState: Record<State, number> = isMig
    ? { ...none, emptyIdle: 0, unobserved: billedMs, rounding: 0 }
    : {
        effective,
        underfilled: busyMs - effective - throttled,
        throttled,
        waiting: sum((slice) => slice.waitingMs),
        heldIdle: sum((slice) => slice.heldMs),
        emptyIdle: sum((slice) => slice.emptyMs),
        unobserved: gap,
        rounding: 0,
      };
  const added = Object.values(byState).reduce((a, b) => a + b, 0);
  if (added !== billedMs) throw new Error(`states add up to ${added}, billed are ${billedMs}`);
  return {
    billedMs,
    byState,
    unobservedBy: {
      beforeFirstSample: 0,
      gap: isMig ? 0 : gap,
      hiddenGpus: 0,
      driver: 0,
      notReported: isMig ? billedMs : 0,
      machineOff: 0,
    },
    busyMs: isMig ? 0 : busyMs,
    effectiveLowMs: 0,
    effectiveHighMs: isMig ? 0 : busyMs,
  };
}
