import { isAbsent, onOff, parseText } from './parse-value.ts';

/** Fields of `--query-gpu` that say whether a GPU is sound; they change rarely, and are asked for apart. */
const healthFields = [
  'remapped_rows.pending',
  'remapped_rows.failure',
  'retired_pages.pending',
  'gpu_recovery_action',
] as const;

export type HealthField = (typeof healthFields)[number];

/** What a field says of a GPU, where it says that something is wrong. */
export interface HealthSign {
  readonly field: HealthField;
  /** As nvidia-smi printed it. */
  readonly said: string;
}

/** Those that this driver offers: the first three since row remapping and page retirement, the last since 565. */
export function healthFieldsOf(offered: ReadonlySet<string>): readonly HealthField[] {
  return healthFields.filter((field) => offered.has(field));
}

/** Null where the field says that all is well or nothing at all, `undefined` for a cell that is not understood. */
export function healthSign(field: HealthField, cell: string): HealthSign | null | undefined {
  const said = cell.trim();
  if (field === 'gpu_recovery_action') {
    return isAbsent(said) || said === 'None' ? null : { field, said: parseText(said) ?? said };
  }
  const value = onOff(said);
  if (value === undefined) return undefined;
  return value === 1 ? { field, said } : null;
}

/**
 * What a sign means, and what to do. Meanings: `nvidia-smi --help-query-gpu` of driver 590.48.01; a failed remapping
 * is a reason to replace the card: docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt, from memory.
 */
export function healthText({ field, said }: HealthSign, gpus: string): string {
  switch (field) {
    case 'remapped_rows.pending':
      return `GPU ${gpus}: a failing row of memory waits to be replaced (${field}), which a reset of the GPU does: reset it between two jobs (sudo nvidia-smi -r); until then errors may come back`;
    case 'remapped_rows.failure':
      return `GPU ${gpus}: a failing row of memory could not be replaced at some time in its life (${field}): hand the machine back`;
    case 'retired_pages.pending':
      return `GPU ${gpus}: failing pages of memory wait to be retired and are still in use (${field}): reset the GPU between two jobs (sudo nvidia-smi -r) or reboot`;
    case 'gpu_recovery_action':
      return `GPU ${gpus}: the driver asks for "${said}" to recover it (${field}): do that before more work goes to it; if it comes back, hand the machine back`;
  }
}
