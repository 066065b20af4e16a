import type { GpuUsage } from '../usage/usage.ts';

/** Names of NVIDIA vGPU profiles end in their memory and a letter: `GRID T4-16Q`, `NVIDIA A100-40C` (NVIDIA vGPU user guide). */
const vgpuName = /-\d+[ABCQ]$/;

/** What the recording itself says of the hardware under it: memory errors, virtual GPUs, persistence mode. */
export function hardwareNotes(
  gpus: readonly GpuUsage[],
): readonly { readonly code: string; readonly message: string }[] {
  const failing = gpus.filter(({ eccErrors }) => (eccErrors ?? 0) > 0);
  const virtual = gpus.filter(({ identity }) => vgpuName.test(identity.name ?? ''));
  const cold = gpus.filter(({ identity }) => identity.persistenceMode === false);
  return [
    ...(failing.length === 0 ? [] : [{ code: 'ecc-errors', message: eccText(failing) }]),
    ...(virtual.length === 0 ? [] : [{ code: 'vgpu', message: vgpuText(virtual) }]),
    ...(cold.length === 0 ? [] : [{ code: 'persistence-off', message: persistenceText(cold) }]),
  ];
}

function eccText(gpus: readonly GpuUsage[]): string {
  const counts = gpus.map((gpu) => `${nameOf(gpu)}: ${gpu.eccErrors}`).join(', ');
  return `uncorrected memory errors were counted while it was watched (${counts}, by ecc.errors.uncorrected.volatile.total): what ran on that memory was ended by the driver (XID 48, 94 or 95: a warning of its own where the kernel log could be read, else in \`sudo dmesg | grep -i xid\`), and its work since the last checkpoint is lost. What that cost is not known here. Look at \`nvidia-smi -q -d ECC,ROW_REMAPPER,PAGE_RETIREMENT\`, reset the GPU or reboot; if they come back, hand the machine back`;
}

function vgpuText(gpus: readonly GpuUsage[]): string {
  const names = gpus.map((gpu) => `${nameOf(gpu)}: ${gpu.identity.name ?? ''}`).join(', ');
  return `a virtual GPU (${names}): a slice of a card that others may use too. Its power, where it is printed, and its clocks are those of the whole card, and other guests' work can slow this one unseen: take findings by power with care, and ask the host's \`nvidia-smi vgpu -u\` for the whole`;
}

function persistenceText(gpus: readonly GpuUsage[]): string {
  // 1.47 s and 75 W on a desktop card: pop-os/system76-power#492.
  return `persistence mode was off (GPU ${gpus.map(nameOf).join(', ')}): without a client the driver unloads, and each start of a CUDA program takes a second or more longer. On a server: sudo nvidia-smi -pm 1`;
}

function nameOf({ identity }: GpuUsage): string {
  return identity.index === null ? identity.id : String(identity.index);
}
