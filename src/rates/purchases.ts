import { UsageError } from '../errors.ts';
import type { RateCards } from './merge.ts';
import { nearest } from './nearest.ts';

/** The ways in which the cards sell machines, such as on-demand and spot, by name. */
function knownPurchases(cards: RateCards): readonly string[] {
  const known = new Set<string>();
  for (const card of cards.values()) {
    for (const { prices } of card.machines.values()) {
      for (const { purchase } of prices) known.add(purchase);
    }
  }
  return [...known].toSorted();
}

/** Throws UsageError for a purchase that no price of the cards has: a slip, with those there are. */
export function checkPurchase(cards: RateCards, purchase: string): void {
  const known = knownPurchases(cards);
  if (known.includes(purchase)) return;
  const near = nearest(purchase, known);
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  throw new UsageError(`no rate card has a price for the purchase "${purchase}"`, {
    hint: `${meant}Known: ${known.join(', ')}.`,
  });
}
