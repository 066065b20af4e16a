import type { GpuColumn, GpuIdentity } from './columns.ts';

/** Above this a GPU without a listed process is in use by one that we can't see; a driver's reserve is less. */
const unseenMemoryMib = 256;
/** The same, where the memory is not known. */
const unseenUtilizationPct = 5;

/** True for readings that show a GPU in use, which an empty process list would deny. */
export function isUnseenUse(
  gpu: GpuIdentity,
  value: (column: GpuColumn) => number | null,
): boolean {
  // A display holds memory and works without a compute process.
  if (gpu.displayActive === true) return false;
  const memoryMib = value('memoryUsedMib');
  if (memoryMib !== null) return memoryMib > unseenMemoryMib;
  return (value('utilizationGpuPct') ?? 0) >= unseenUtilizationPct;
}
