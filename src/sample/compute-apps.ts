import { isAbsent, quantity } from './parse-value.ts';

/** A row of `--query-compute-apps`. */
export interface ComputeApp {
  readonly gpuUuid: string;
  readonly pid: number;
  /** As nvidia-smi prints it, or null where it could not resolve the pid (a foreign PID namespace). */
  readonly path: string | null;
  readonly memoryMib: number | null;
}

export const computeAppsArgs: readonly string[] = [
  '--query-compute-apps=gpu_uuid,pid,process_name,used_gpu_memory',
  '--format=csv,noheader,nounits',
];

const readMemory = quantity('MiB');

/**
 * Reads one row from the outside in, because the name in the middle belongs to the workload and may hold commas.
 * Null if the line is no such row.
 */
export function readComputeApp(line: string): ComputeApp | null {
  const parts = /^\s*([^,]+?)\s*,\s*(\d+)\s*,(.*),([^,]*)$/.exec(line);
  if (parts === null) return null;
  const [, gpuUuid = '', pid = '', name = '', memory = ''] = parts;
  if (!gpuUuid.startsWith('GPU-') && !gpuUuid.startsWith('MIG-')) return null;
  const path = name.trim();
  return {
    gpuUuid,
    pid: Number(pid),
    path: isAbsent(path) ? null : path,
    memoryMib: readMemory(memory) ?? null,
  };
}

/**
 * The executable's name without its folder and without anything after the first blank: arguments can hold secrets,
 * and a blank inside a folder's name can't be told from one before an argument.
 */
export function baseName(path: string): string {
  if (/^[A-Za-z]:\\/.test(path)) {
    const name = path.slice(path.lastIndexOf('\\') + 1);
    return /^.*?\.exe/i.exec(name)?.[0] ?? name;
  }
  const command = path.split(' ', 1)[0] ?? '';
  return command.slice(command.lastIndexOf('/') + 1) || 'unknown';
}
