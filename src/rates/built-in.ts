import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProviderCard, toProviderCard } from './card.ts';
import type { GpuTable } from './gpu-schema.ts';
import type { RateCard } from './schema.ts';

/** What the build makes of rates/*.yaml: checked by the schema there, so it is not checked again here. */
export interface CompiledCards {
  readonly cards: readonly { readonly file: string; readonly card: RateCard }[];
}

let cards: readonly ProviderCard[] | undefined;
let gpus: GpuTable | undefined;

/** The rate cards that come with gpucost; read once, on first use. */
export function builtInCards(): readonly ProviderCard[] {
  cards ??= readCompiled<CompiledCards>('cards.json').cards.map(({ file, card }) =>
    toProviderCard(card, file),
  );
  return cards;
}

/** The GPU table that comes with gpucost; read once, on first use. */
export function builtInGpus(): GpuTable {
  gpus ??= readCompiled<GpuTable>('gpus.json');
  return gpus;
}

function readCompiled<T>(name: string): T {
  const path = join(packageFolder(), 'dist', 'rates', name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run the build`);
  // The build wrote it from checked cards.
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Sources, chunks and entries lie at different depths below the folder of package.json. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}
