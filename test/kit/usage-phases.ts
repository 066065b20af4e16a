import { type HostColumn, hostColumns } from '../../src/host/columns.ts';
import type { SignalBlock } from '../../src/store/recording.ts';
import { JobSignals } from '../../src/usage/job-signals.ts';
import type { PhaseSignals } from '../../src/usage/phases.ts';
import { SignalTrack } from '../../src/usage/signals.ts';
import type { IdleStretch, Phase } from '../../src/usage/usage.ts';
import { buildWindows, distribution, type Slice } from './usage-windows.ts';

/** Stretches of held or empty idle time. */
export function idleStretchesOf(slices: readonly Slice[]): readonly IdleStretch[] {
  return runsOf(slices, (slice) => slice.heldMs + slice.emptyMs > 0).map((run) => {
    const held = run.map((slice) => slice.heldMib).filter((mib) => mib !== null);
    return {
      startMs: run[0]?.startMs ?? 0,
      endMs: run.at(-1)?.endMs ?? 0,
      heldMs: run.reduce((sum, slice) => sum + slice.heldMs, 0),
      emptyMs: run.reduce((sum, slice) => sum + slice.emptyMs, 0),
      memoryUsedMib: held.length === 0 ? null : Math.max(...held),
    };
  });
}

/** Stretches of work with the means of their steady part. */
export function phasesOf(slices: readonly Slice[], windowMs: number): readonly Phase[] {
  const active = (slice: Slice) =>
    slice.kind === 'busy' || slice.kind === 'warmup' || slice.kind === 'pause';
  return runsOf(slices, active).map((run) => {
    const steady = run.filter((slice) => slice.kind !== 'warmup');
    const part = steady.length > 0 ? steady : run;
    const sum = (read: (slice: Slice) => number) => part.reduce((all, s) => all + read(s), 0);
    const mean = (read: (slice: Slice) => number | null) => {
      const known = part.filter((slice) => read(slice) !== null);
      const ms = known.reduce((all, slice) => all + slice.ms, 0);
      return ms === 0
        ? null
        : known.reduce((all, slice) => all + (read(slice) ?? 0) * slice.ms, 0) / ms;
    };
    const windows = buildWindows(part, windowMs);
    const held = part.map((slice) => slice.heldMib).filter((mib) => mib !== null);
    const utilization = mean((slice) => slice.utilization) ?? 0;
    const load = mean((slice) => slice.load);
    return {
      startMs: run[0]?.startMs ?? 0,
      endMs: run.at(-1)?.endMs ?? 0,
      steadyStartMs: part[0]?.startMs ?? 0,
      steadyEndMs: part.at(-1)?.endMs ?? 0,
      observedMs: sum((slice) => slice.ms),
      busyMs: sum((slice) => slice.busyMs),
      effectiveMs: sum((slice) => slice.effectiveMs),
      throttledMs: sum((slice) => slice.throttledMs),
      waitingMs: sum((slice) => slice.waitingMs),
      utilizationPct: {
        ...distribution(windows.utilizationPct, windows.observedMs),
        mean: utilization,
      },
      load:
        load === null ? null : { ...distribution(windows.load, windows.observedMs), mean: load },
      utilizationMemoryPct: mean((slice) => slice.memoryUtilization),
      memoryUsedMib:
        held.length === 0
          ? null
          : {
              mean: mean((slice) => slice.heldMib) ?? 0,
              max: Math.max(...held),
              p95: Math.max(...held),
            },
      powerW: mean((slice) => slice.watts),
      clockSmMhz: mean((slice) => slice.clockMhz),
      pcieMibPerS: mean((slice) => slice.pcie),
      smActivityShare: mean((slice) => slice.smActivity),
      dramActivityShare: null,
      tensorActivityShare: mean((slice) => slice.tensorActivity),
      host: lastKnown(part.map((slice) => slice.host)),
      job: lastKnown(part.map((slice) => slice.job)),
      jobNames: [],
      waitPlaces: part.flatMap((slice) => slice.waitPlaces),
      rates: lastKnown(part.map((slice) => slice.rates)),
    };
  });
}

function runsOf(
  slices: readonly Slice[],
  belongs: (slice: Slice) => boolean,
): readonly (readonly Slice[])[] {
  const runs: Slice[][] = [];
  let open: Slice[] | null = null;
  for (const slice of slices) {
    if (!belongs(slice)) {
      open = null;
    } else if (open === null) {
      open = [slice];
      runs.push(open);
    } else open.push(slice);
  }
  return runs;
}

function lastKnown<T extends object>(readings: readonly T[]): Partial<T> {
  return readings.reduce<Partial<T>>((all, next) => ({ ...all, ...next }), {});
}

/** What slices say of host and job, as the tracks that the product reads. */
export function signalsOf(slices: readonly Slice[]): PhaseSignals {
  const host = new SignalTrack<HostColumn>(hostColumns);
  const job = new JobSignals();
  for (const slice of slices) {
    host.add(readings(slice, slice.host), stepMs, slice.ms);
    if (Object.keys(slice.job).length > 0)
      job.add('job', readings(slice, slice.job), stepMs, slice.ms);
  }
  return { host, job, jobNames: [], waits: null };
}

const stepMs = 5_000;

function readings<C extends string>(
  { startMs, ms }: Slice,
  values: Readonly<Partial<Record<C, number>>>,
): SignalBlock<C> {
  const length = Math.floor(ms / stepMs);
  const columns: Partial<Record<C, Float64Array>> = {};
  for (const name of Object.keys(values) as C[]) {
    columns[name] = new Float64Array(length).fill(values[name] ?? NaN);
  }
  return {
    length,
    timeMs: Float64Array.from({ length }, (_, i) => startMs + (i + 1) * stepMs),
    columns,
  };
}
