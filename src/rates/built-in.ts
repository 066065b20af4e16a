import { type PackageFile, readPackageFile } from '../package-file.ts';
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
  cards ??= readCompiled<CompiledCards>('dist/rates/cards.json').cards.map(({ file, card }) =>
    toProviderCard(card, file),
  );
  return cards;
}

/** The GPU table that comes with gpucost; read once, on first use. */
export function builtInGpus(): GpuTable {
  gpus ??= readCompiled<GpuTable>('dist/rates/gpus.json');
  return gpus;
}

function readCompiled<T>(name: PackageFile): T {
  // The build wrote it from checked cards.
  return JSON.parse(readPackageFile(name).toString('utf8')) as T;
}
