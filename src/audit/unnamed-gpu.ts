import type { GpuIdentity } from '../sample/columns.ts';

/** A GPU of which nothing is known but its id. */
export function unnamedGpu(id: string): GpuIdentity {
  return {
    id,
    uuid: null,
    index: null,
    name: null,
    pciBusId: null,
    memoryTotalMib: null,
    powerLimitW: null,
    clockSmMaxMhz: null,
    clockMemoryMaxMhz: null,
    pcieLinkGenMax: null,
    pcieLinkWidthMax: null,
    persistenceMode: null,
    displayActive: null,
    migMode: null,
  };
}
