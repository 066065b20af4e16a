import type { EventCode } from '../store/lines.ts';
import type { GpuIdentity } from './columns.ts';

export interface GpuNote {
  readonly code: EventCode;
  readonly message: string;
}

/** What the GPU list itself tells the user: MIG, persistence mode off. */
export function gpuNotes(gpus: readonly GpuIdentity[]): readonly GpuNote[] {
  const notes: GpuNote[] = [];
  const mig = gpus.filter((gpu) => gpu.migMode === true);
  if (mig.length > 0) {
    notes.push({
      code: 'mig',
      message: `MIG is on (GPU ${indices(mig)}): nvidia-smi gives no utilization for such a GPU, so its time is billed but can't be judged`,
    });
  }
  const cold = gpus.filter((gpu) => gpu.persistenceMode === false);
  if (cold.length > 0) {
    // 1.47 s and 75 W on a desktop card: pop-os/system76-power#492.
    notes.push({
      code: 'persistence-off',
      message: `persistence mode is off (GPU ${indices(cold)}): without a client the driver unloads, so every start of a CUDA program or of nvidia-smi takes a second or more and wakes the GPU at full clocks; while gpucost watches it stays loaded, so idle watts read higher than unwatched. On a server: sudo nvidia-smi -pm 1`,
    });
  }
  return notes;
}

function indices(gpus: readonly GpuIdentity[]): string {
  return gpus.map((gpu) => gpu.index ?? gpu.id).join(', ');
}
