import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/** The files that belong to gpucost and are read when they are needed; the standalone executable has them inside. */
export const packageFiles = [
  'package.json',
  'dist/rates/cards.json',
  'dist/rates/gpus.json',
  'dist/demo/recording.txt.gz',
] as const;

export type PackageFile = (typeof packageFiles)[number];

/** Reads a file of this installation, wherever it lies. Throws Error if the installation lacks it. */
export function readPackageFile(name: PackageFile): Buffer {
  if (isSea()) return Buffer.from(getAsset(name));
  const path = join(packageFolder(), name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run the build`);
  return readFileSync(path);
}

/** Sources, chunks and entries lie at different depths below the folder of package.json. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}
