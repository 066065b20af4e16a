import { coarseSampling } from './coarse-sampling.ts';
import { cpuBoundInput } from './cpu-bound-input.ts';
import { ghostUtilization } from './ghost-utilization.ts';
import { hollowBusy } from './hollow-busy.ts';
import { hostBound } from './host-bound.ts';
import { hungCollective } from './hung-collective.ts';
import { idleEmpty } from './idle-empty.ts';
import { idleHeld } from './idle-held.ts';
import { imbalance } from './imbalance.ts';
import { ioBound } from './io-bound.ts';
import { memoryOversubscribed } from './memory-oversubscribed.ts';
import { noTensorCores } from './no-tensor-cores.ts';
import { oversizedGpu } from './oversized-gpu.ts';
import { pcieDegraded } from './pcie-degraded.ts';
import { periodicStall } from './periodic-stall.ts';
import type { Rule } from './rule.ts';
import { slowStart } from './slow-start.ts';
import { throttled } from './throttled.ts';
import { transferBound } from './transfer-bound.ts';
import { undersizedBatch } from './undersized-batch.ts';
import { undeterminedWait } from './undetermined-wait.ts';
import { unusedGpus } from './unused-gpus.ts';

/** Every rule, in the order in which findings are listed: idle machines, waiting, half-empty work, the measurement. */
export const rules: readonly Rule[] = [
  unusedGpus,
  idleHeld,
  idleEmpty,
  ghostUtilization,
  ioBound,
  cpuBoundInput,
  hostBound,
  transferBound,
  undeterminedWait,
  slowStart,
  periodicStall,
  hungCollective,
  throttled,
  pcieDegraded,
  imbalance,
  memoryOversubscribed,
  oversizedGpu,
  undersizedBatch,
  hollowBusy,
  noTensorCores,
  coarseSampling,
];
