import { gpuByKey } from '../../src/rates/gpus.ts';
import type { GpuSpec } from '../../src/rules/rule.ts';
import type { HostNeed } from '../../src/whatif/host-need.ts';
import type { Need } from '../../src/whatif/need.ts';
import type { Demand } from '../../src/whatif/slowdown.ts';

/** A GPU of the table; its figures are what is compared. */
export function spec(key: string): GpuSpec {
  const found = gpuByKey(key);
  if (found === null) throw new Error(`the GPU table has no ${key}`);
  return found;
}

export const fullDemand: Demand = {
  busyShare: 1,
  load: 1,
  dramActivity: null,
  tensorActivity: null,
};

/** An hour of work on so many GPUs of a kind. */
export function aNeed(
  key: string,
  change: {
    gpus?: number;
    memoryPeakMib?: number;
    demand?: Partial<Demand>;
    host?: Partial<HostNeed>;
  } = {},
): Need {
  const { gpus = 1, memoryPeakMib = 8_000, demand = {}, host = {} } = change;
  const stretch = { ms: 3_600_000, demand: { ...fullDemand, ...demand } };
  return {
    spec: spec(key),
    gpus: Array.from({ length: gpus }, (_, i) => ({
      id: `gpu-${i}`,
      stretches: [stretch],
      memoryPeakMib,
    })),
    host: { cores: null, memoryGib: null, ...host },
    workMs: 3_600_000,
    idleMs: 600_000,
    notes: [],
  };
}
