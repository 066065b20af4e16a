import type { GpuColumn, GpuIdentity, SampleBlock } from '../../src/sample/columns.ts';
import type { HostIdentity, MachineFacts } from '../../src/store/lines.ts';
import type { Recording, RecordingItem } from '../../src/store/recording.ts';
import type { SampleSource } from '../../src/usage/sample-source.ts';

/** A reading as a test writes it: seconds since the recording's zero, and columns; NaN or left out is missing. */
export type Reading = { readonly timeMs: number } & Partial<Record<GpuColumn, number>>;

/** 2026-01-01T10:00:00Z: where the tests' clocks begin unless they say otherwise. */
export const tenOClock = Date.UTC(2026, 0, 1, 10);

/** Readings of one GPU as the block that sources give. */
export function blockOf(readings: readonly Reading[], gpu = 'GPU-a'): SampleBlock {
  const columns: Partial<Record<GpuColumn, Float64Array>> = {};
  const names = new Set(readings.flatMap((r) => Object.keys(r)));
  names.delete('timeMs');
  for (const name of names as Set<GpuColumn>) {
    columns[name] = Float64Array.from(readings, (r) => r[name] ?? NaN);
  }
  return {
    gpu,
    length: readings.length,
    timeMs: Float64Array.from(readings, (r) => r.timeMs),
    columns,
  };
}

export const everySecond: SampleSource = {
  nominalMs: 1_000,
  wrapsCommand: false,
  notBeforeMs: -Infinity,
  linkMax: { gen: 5, width: 16 },
};

export function identityOf(id = 'GPU-a', facts: Partial<GpuIdentity> = {}): GpuIdentity {
  return {
    id,
    uuid: id,
    index: 0,
    name: 'NVIDIA H100 80GB HBM3',
    pciBusId: null,
    memoryTotalMib: 81_559,
    powerLimitW: 700,
    clockSmMaxMhz: 1_980,
    clockMemoryMaxMhz: null,
    pcieLinkGenMax: null,
    pcieLinkWidthMax: null,
    persistenceMode: true,
    displayActive: false,
    migMode: false,
    ...facts,
  };
}

/** A recording held in memory: what a session file or a log turns into. */
export function recordingOf(
  gpus: ReadonlyMap<GpuIdentity, readonly Reading[]>,
  facts: {
    readonly name?: string;
    readonly startedAt?: number | null;
    readonly endedAt?: number;
    readonly intervalMs?: number | null;
    readonly wrapsCommand?: boolean;
    readonly host?: HostIdentity | null;
    readonly machine?: MachineFacts | null;
  } = {},
): Recording {
  const items: RecordingItem[] = [{ kind: 'gpus', gpus: [...gpus.keys()] }];
  for (const [identity, readings] of gpus) {
    items.push({ kind: 'samples', block: blockOf(readings, identity.id) });
  }
  if (facts.endedAt !== undefined) items.push({ kind: 'end', timeMs: facts.endedAt });
  return {
    kind: 'session',
    name: facts.name ?? 'in memory',
    host: facts.host ?? null,
    machine: facts.machine ?? null,
    startedAt: facts.startedAt ?? null,
    intervalMs: facts.intervalMs === undefined ? 1_000 : facts.intervalMs,
    wrapsCommand: facts.wrapsCommand ?? false,
    async *items() {
      yield* items;
    },
  };
}
