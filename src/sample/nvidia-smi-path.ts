import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { HostError } from '../errors.ts';
import { findOnPath, isExecutable } from './orphan-guard.ts';

const linuxPlaces = [
  '/usr/bin/nvidia-smi',
  '/usr/local/bin/nvidia-smi',
  '/usr/lib/wsl/lib/nvidia-smi',
  '/usr/local/nvidia/bin/nvidia-smi',
  '/opt/bin/nvidia-smi',
  '/run/nvidia/driver/usr/bin/nvidia-smi',
];

/**
 * Where nvidia-smi is: GPUCOST_NVIDIA_SMI, then PATH, then the usual places of Linux, WSL, containers and Windows.
 * Throws HostError if it is in none of them.
 */
export function nvidiaSmiPath(env: NodeJS.ProcessEnv): string {
  const asked = env['GPUCOST_NVIDIA_SMI'];
  if (asked !== undefined && asked !== '') {
    if (isExecutable(asked)) return asked;
    throw new HostError(
      existsSync(asked)
        ? `GPUCOST_NVIDIA_SMI: ${asked} can't be run`
        : `GPUCOST_NVIDIA_SMI: ${asked} doesn't exist`,
      { hint: 'Set it to the full path of nvidia-smi, or unset it to search PATH.' },
    );
  }
  const found =
    process.platform === 'win32'
      ? (findOnPath('nvidia-smi.exe', env) ?? windowsPlaces(env).find(isExecutable))
      : (findOnPath('nvidia-smi', env) ?? linuxPlaces.find(isExecutable));
  if (found !== undefined) return found;
  throw new HostError('nvidia-smi was not found: neither on PATH nor where the driver puts it', {
    hint: 'Install the NVIDIA driver, start the container with its GPUs (--gpus all), or set GPUCOST_NVIDIA_SMI. To look at an nvidia-smi CSV log: gpucost report LOG. Without a GPU: gpucost demo.',
  });
}

function windowsPlaces(env: NodeJS.ProcessEnv): readonly string[] {
  return [
    join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvidia-smi.exe'),
    join(
      env['ProgramFiles'] ?? 'C:\\Program Files',
      'NVIDIA Corporation',
      'NVSMI',
      'nvidia-smi.exe',
    ),
  ];
}
