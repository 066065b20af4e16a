import { UsageError } from '../errors.ts';
import type { Machine, Price, ProviderCard } from './card.ts';

/** Provider cards by provider id. */
export type RateCards = ReadonlyMap<string, ProviderCard>;

/**
 * Lays cards over one another, the last wins: machine facts key by key, prices by region, purchase and valid.from.
 * Throws a UsageError where two cards of one provider have different currencies.
 */
export function mergeCards(cards: Iterable<ProviderCard>): RateCards {
  const merged = new Map<string, ProviderCard>();
  for (const card of cards) {
    const below = merged.get(card.provider);
    merged.set(card.provider, below === undefined ? card : layOver(below, card));
  }
  return merged;
}

function layOver(below: ProviderCard, above: ProviderCard): ProviderCard {
  const file = above.files.at(-1) ?? above.provider;
  if (below.currency !== above.currency) {
    throw new UsageError(
      `${file}: currency: expected ${below.currency} as in ${below.files.join(', ')}, got ${above.currency}`,
      { hint: 'Prices of one provider are merged: give this card a provider id of its own.' },
    );
  }
  return {
    provider: below.provider,
    currency: below.currency,
    files: [...below.files, ...above.files],
    billing: { ...below.billing, ...above.billing },
    endings: above.endings.length > 0 ? above.endings : below.endings,
    // A customer's defaults describe the customer's prices, not what an unnamed purchase means.
    defaultRegion: below.defaultRegion ?? above.defaultRegion,
    defaultPurchase: below.defaultPurchase ?? above.defaultPurchase,
    accelerators: mergeMaps(below.accelerators, above.accelerators, mergePrices),
    machines: mergeMaps(below.machines, above.machines, mergeMachines),
  };
}

function mergeMaps<T>(
  below: ReadonlyMap<string, T>,
  above: ReadonlyMap<string, T>,
  merge: (below: T, above: T) => T,
): ReadonlyMap<string, T> {
  const merged = new Map(below);
  for (const [key, value] of above) {
    const under = merged.get(key);
    merged.set(key, under === undefined ? value : merge(under, value));
  }
  return merged;
}

function mergeMachines(below: Machine, above: Machine): Machine {
  return {
    type: below.type,
    facts: {
      ...below.facts,
      ...above.facts,
      ...(below.facts.billing || above.facts.billing
        ? { billing: { ...below.facts.billing, ...above.facts.billing } }
        : {}),
    },
    prices: mergePrices(below.prices, above.prices),
  };
}

function mergePrices(below: readonly Price[], above: readonly Price[]): readonly Price[] {
  const merged = new Map(below.map((price) => [priceKey(price), price]));
  for (const price of above) merged.set(priceKey(price), price);
  return [...merged.values()];
}

function priceKey(price: Price): string {
  return JSON.stringify([price.region, price.purchase, price.terms.valid?.from ?? null]);
}
