import type { GpuIdentity } from './columns.ts';
import { sameBusId } from './driver-message.ts';
import type { GpuRow } from './row-reader.ts';

/** The GPUs of a session: positions are kept for its whole length, a GPU is known by its UUID. */
export interface GpuList {
  readonly gpus: readonly GpuIdentity[];
  /** The row's position, or null if its GPU was not selected; learns new GPUs and new facts. */
  place(row: GpuRow): { readonly position: number; readonly changed: boolean } | null;
  positionOfIndex(index: number): number | null;
  readonly positionOfUuid: (uuid: string) => number | null;
  positionOfBusId(busId: string): number | null;
}

/** `selectors`: indices or beginnings of UUIDs; null selects every GPU. */
export function gpuList(
  selectors: readonly string[] | null,
  identify: (row: GpuRow) => GpuIdentity,
): GpuList {
  const gpus: GpuIdentity[] = [];
  const factsKeys: string[] = [];
  const positions = new Map<string, number>();
  const position = (test: (gpu: GpuIdentity) => boolean): number | null => {
    const found = gpus.findIndex(test);
    return found < 0 ? null : found;
  };
  return {
    gpus,
    place(row) {
      const known = positions.get(row.uuid);
      if (known !== undefined && factsKeys[known] === row.factsKey) {
        return { position: known, changed: false };
      }
      if (known === undefined && !isSelected(row, selectors)) return null;
      const at = known ?? gpus.length;
      gpus[at] = identify(row);
      factsKeys[at] = row.factsKey;
      positions.set(row.uuid, at);
      return { position: at, changed: true };
    },
    positionOfIndex: (index) => position((gpu) => gpu.index === index),
    positionOfUuid: (uuid) => positions.get(uuid) ?? null,
    positionOfBusId: (busId) =>
      position((gpu) => gpu.pciBusId !== null && sameBusId(gpu.pciBusId, busId)),
  };
}

function isSelected(row: GpuRow, selectors: readonly string[] | null): boolean {
  return (
    selectors === null ||
    selectors.some((selector) =>
      /^\d+$/.test(selector)
        ? row.index === Number(selector)
        : row.uuid.toLowerCase().startsWith(selector.toLowerCase()),
    )
  );
}
