import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the material beside the project; tests that use it are skipped where it is absent. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
}

export const hasShared: boolean = existsSync(shared('traces'));
