import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KnownMachine } from '../../src/machine/known-machine.ts';

/** A folder with the given files, until the test ends. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpucost-machine-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** DMI files end with a newline, as the kernel writes them. */
export function dmiOf(files: Readonly<Record<string, string>>): string {
  return folderOf(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, `${text}\n`])),
  );
}

export function aKnown(
  provider: string,
  type: string,
  more: Partial<KnownMachine> = {},
): KnownMachine {
  return {
    provider,
    type,
    aliases: [],
    gpuKey: 'H100-SXM5-80GB',
    gpus: 8,
    share: 1,
    vcpus: null,
    memoryGib: null,
    match: null,
    ...more,
  };
}

export const noMatch = {
  machineType: null,
  hostname: null,
  slurmCluster: null,
  slurmPartition: null,
  env: {},
};

/** A small market, with figures as the built-in cards have them or near. */
export const market: readonly KnownMachine[] = [
  aKnown('aws', 'p5.48xlarge', { vcpus: 192, memoryGib: 2048 }),
  aKnown('aws', 'p5.4xlarge', { gpus: 1, vcpus: 16, memoryGib: 256 }),
  aKnown('aws', 'g5.xlarge', { gpuKey: 'A10G', gpus: 1, vcpus: 4, memoryGib: 16 }),
  aKnown('aws', 'g6.xlarge', { gpuKey: 'L4', gpus: 1, vcpus: 4, memoryGib: 16 }),
  aKnown('aws', 'g6f.large', { gpuKey: 'L4', gpus: 1, share: 1 / 8, vcpus: 2, memoryGib: 8 }),
  aKnown('azure', 'Standard_ND96isr_H100_v5', { vcpus: 96, memoryGib: 1900 }),
  aKnown('gcp', 'n1-standard-4', { gpuKey: null, gpus: 'attached', vcpus: 4, memoryGib: 15 }),
  aKnown('gcp', 'g2-standard-4', { gpuKey: 'L4', gpus: 1, vcpus: 4, memoryGib: 16 }),
  aKnown('oci', 'BM.GPU.H100.8', { vcpus: 224, memoryGib: 2048 }),
  aKnown('lambda', 'gpu_1x_h100_sxm5', { gpus: 1, vcpus: 26, memoryGib: 225 }),
  aKnown('lambda', 'gpu_8x_h100_sxm5', { vcpus: 208, memoryGib: 1800 }),
  aKnown('runpod', 'h100-sxm', { gpus: 'any' }),
  aKnown('vast', 'h100-sxm', { gpus: 'any' }),
  aKnown('colab', 'colab-t4', { gpuKey: 'T4', gpus: 1 }),
  aKnown('colab', 'colab-a100', { gpuKey: 'A100-SXM4-40GB', gpus: 1 }),
  aKnown('kaggle', 'kaggle-t4x2', { gpuKey: 'T4', gpus: 2, vcpus: 4, memoryGib: 29 }),
];
