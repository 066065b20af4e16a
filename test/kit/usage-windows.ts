import type { HostColumn, JobColumn } from '../../src/host/columns.ts';
import type { PcieLink } from '../../src/usage/sample-source.ts';
import type { Distribution, MsColumn, Phase, Windows } from '../../src/usage/usage.ts';

/** One stretch of a synthetic timeline with everything that was read in it. */
export interface Slice {
  readonly kind: 'warmup' | 'busy' | 'pause' | 'idle' | 'ghost' | 'gap';
  readonly startMs: number;
  readonly endMs: number;
  readonly ms: number;
  readonly busyMs: number;
  readonly effectiveMs: number;
  readonly throttledMs: number;
  readonly linkLowMs: number;
  readonly reasons: number;
  readonly link: PcieLink | null;
  readonly waitingMs: number;
  readonly heldMs: number;
  readonly emptyMs: number;
  readonly utilization: number;
  readonly load: number | null;
  readonly heldMib: number | null;
  readonly watts: number | null;
  readonly memoryUtilization: number | null;
  readonly clockMhz: number | null;
  readonly pcie: number | null;
  readonly smActivity: number | null;
  readonly tensorActivity: number | null;
  readonly host: Readonly<Partial<Record<HostColumn, number>>>;
  readonly job: Readonly<Partial<Record<JobColumn, number>>>;
  readonly waitPlaces: Phase['waitPlaces'];
  readonly rates: Phase['rates'];
}

const sums = [
  'busyMs',
  'effectiveMs',
  'throttledMs',
  'waitingMs',
  'heldMs',
  'emptyMs',
  'linkLowMs',
] as const satisfies readonly (keyof Slice)[];

/** Windows on an absolute grid; what slices hold is spread evenly over their time. */
export function buildWindows(slices: readonly Slice[], windowMs: number): Windows {
  const parts = new Map<number, { slice: Slice; ms: number }[]>();
  for (const slice of slices) {
    for (let from = slice.startMs; from < slice.endMs; ) {
      const start = Math.floor(from / windowMs) * windowMs;
      const to = Math.min(slice.endMs, start + windowMs);
      const inWindow = parts.get(start) ?? [];
      inWindow.push({ slice, ms: to - from });
      parts.set(start, inWindow);
      from = to;
    }
  }
  const rows = [...parts].sort(([a], [b]) => a - b);
  const whole = (read: (row: (typeof rows)[number][1]) => number) =>
    Uint32Array.from(rows, ([, row]) => Math.round(read(row)));
  const sum = Object.fromEntries(
    sums.map((name) => [
      name,
      whole((row) => row.reduce((all, { slice, ms }) => all + (slice[name] * ms) / slice.ms, 0)),
    ]),
  ) as Record<(typeof sums)[number], Uint32Array>; // fromEntries forgets the keys
  const mean = (read: (slice: Slice) => number | null) =>
    Float32Array.from(rows, ([, row]) => {
      const known = row.filter(({ slice }) => read(slice) !== null);
      const time = known.reduce((all, { ms }) => all + ms, 0);
      return known.reduce((all, { slice, ms }) => all + (read(slice) ?? 0) * ms, 0) / time;
    });
  return {
    windowMs,
    length: rows.length,
    startMs: Float64Array.from(rows, ([start]) => start),
    observedMs: whole((row) => row.reduce((all, { ms }) => all + ms, 0)),
    ...sum,
    effectiveLowMs: new Uint32Array(rows.length),
    effectiveHighMs: sum.busyMs,
    utilizationPct: mean((slice) => (slice.kind === 'ghost' ? 0 : slice.utilization)),
    utilizationMemoryPct: mean((slice) => slice.memoryUtilization),
    powerW: mean((slice) => slice.watts),
    load: mean((slice) => slice.load),
    memoryUsedMib: mean((slice) => slice.heldMib),
    clockSmMhz: mean((slice) => slice.clockMhz),
    pcieMibPerS: mean((slice) => slice.pcie),
    smActivityShare: mean((slice) => slice.smActivity),
    dramActivityShare: mean(() => null),
    tensorActivityShare: mean((slice) => slice.tensorActivity),
  };
}

/** Mean and percentiles of the known values, weighted by time. */
export function distribution(values: Float32Array, weights: MsColumn): Distribution {
  const known = [...values]
    .map((value, i) => ({ value, weight: weights[i] ?? 0 }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => a.value - b.value);
  const all = known.reduce((sum, { weight }) => sum + weight, 0);
  const at = (share: number) => {
    let sum = 0;
    for (const { value, weight } of known) {
      sum += weight;
      if (sum >= share * all) return value;
    }
    return 0;
  };
  return {
    mean: all === 0 ? 0 : known.reduce((sum, k) => sum + k.value * k.weight, 0) / all,
    p5: at(0.05),
    p50: at(0.5),
    p95: at(0.95),
  };
}
