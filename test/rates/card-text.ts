import { type ProviderCard, toProviderCard } from '../../src/rates/card.ts';
import { mergeCards, type RateCards } from '../../src/rates/merge.ts';
import { parseCard } from '../../src/rates/read-card.ts';

/** A card of made-up figures: `machines` (and what else is given) below a head that every card needs. */
export function cardOf(
  body: string,
  head: { provider?: string; currency?: string; file?: string } = {},
): ProviderCard {
  const file = head.file ?? 'acme.yaml';
  const text = `schema: gpucost.rates/1
provider: ${head.provider ?? 'acme'}
currency: ${head.currency ?? 'USD'}
sources: { list: { note: made up, read: 2026-01-01 }, other: { note: made up too, read: 2026-01-01 } }
${body}`;
  return toProviderCard(parseCard(text, file), file);
}

export const defaults =
  'defaults: { region: any, purchase: on-demand, as_of: 2026-01-01, source: list, confidence: high }';

export function cardsOf(...cards: readonly ProviderCard[]): RateCards {
  return mergeCards(cards);
}
