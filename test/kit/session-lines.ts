import { hostColumns, jobColumns } from '../../src/host/columns.ts';
import { type GpuIdentity, gpuColumns } from '../../src/sample/columns.ts';
import type { HeaderLine } from '../../src/store/lines.ts';

/** Monday, 2026-01-05 00:00:00 UTC: a fixed time for sessions made by tests. */
export const sessionStart = Date.UTC(2026, 0, 5);

/** A GPU that is not there; what a test cares about goes into `facts`. */
export function aGpuIdentity(index: number, facts: Partial<GpuIdentity> = {}): GpuIdentity {
  const uuid = `GPU-00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;
  return {
    id: uuid,
    uuid,
    index,
    name: 'NVIDIA H100 80GB HBM3',
    pciBusId: `00000000:${(index + 1).toString(16).padStart(2, '0')}:00.0`,
    memoryTotalMib: 81559,
    powerLimitW: 700,
    clockSmMaxMhz: 1980,
    clockMemoryMaxMhz: 2619,
    pcieLinkGenMax: 5,
    pcieLinkWidthMax: 16,
    persistenceMode: true,
    displayActive: false,
    migMode: false,
    ...facts,
  };
}

/** The header of a session made by a test. */
export function aHeader(gpuCount: number, facts: Partial<HeaderLine> = {}): HeaderLine {
  return {
    kind: 'header',
    schema: 'gpucost.session/1',
    id: '20260105-000000-tst',
    tool: 'gpucost test',
    startedAt: sessionStart,
    intervalMs: 1000,
    hostIntervalMs: 5000,
    host: {
      name: 'node1',
      key: '0123456789abcdef',
      cpus: 192,
      memoryMib: 2_000_000,
      bootedAt: sessionStart - 3_600_000,
      container: false,
    },
    driver: '590.48.01',
    gpus: Array.from({ length: gpuCount }, (_, index) => aGpuIdentity(index)),
    columns: gpuColumns,
    hostColumns,
    jobColumns,
    command: null,
    machine: null,
    ...facts,
  };
}
