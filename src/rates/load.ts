import { basename } from 'node:path';
import { builtInCards } from './built-in.ts';
import { type ProviderCard, toProviderCard } from './card.ts';
import { mergeCards, type RateCards } from './merge.ts';

/**
 * The built-in cards with the user's laid over them in the order given; the last wins.
 * Throws a UsageError with every problem of the first file that is wrong.
 */
export async function loadRateCards(paths: readonly string[] = []): Promise<RateCards> {
  const own: ProviderCard[] = [];
  for (const path of paths) {
    // yaml and zod are loaded only for users' files: built-in cards were checked by the build.
    const { readCard } = await import('./read-card.ts');
    own.push(toProviderCard(await readCard(path), basename(path)));
  }
  return mergeCards([...builtInCards(), ...own]);
}
