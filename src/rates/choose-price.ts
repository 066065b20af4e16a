import { decimalFromNanos, divideHalfUp } from '../bill/money.ts';
import type { Price, ProviderCard } from './card.ts';
import { parseNanos } from './decimal.ts';

interface Wanted {
  readonly region?: string | null;
  readonly purchase?: string | null;
  readonly atMs: number;
}

export interface RateWarning {
  readonly code: string;
  readonly message: string;
}

export type Choice =
  | { readonly price: Price; readonly warnings: readonly RateWarning[] }
  | { readonly price: null; readonly reason: string };

/**
 * The price for a region, a purchase and a time. What is not given is taken only where one answer stands out
 * (the provider's default, or the only one), and said in a warning where there was a choice.
 */
export function choosePrice(card: ProviderCard, prices: readonly Price[], wanted: Wanted): Choice {
  if (prices.length === 0) return { price: null, reason: 'the card has no price for it' };
  const valid = prices.filter(({ terms }) => isValid(terms.valid, wanted.atMs));
  if (valid.length === 0) {
    const periods = prices.map(
      ({ terms }) => `${terms.valid?.from ?? '…'} to ${terms.valid?.until ?? '…'}`,
    );
    return { price: null, reason: `no price is valid at that time, only ${listOf(periods)}` };
  }

  const purchase = choosePurchase(card, valid, wanted);
  if (purchase.value === null) return { price: null, reason: purchase.reason };
  const sold = valid.filter((price) => price.purchase === purchase.value);

  const region = chooseRegion(card, sold, wanted);
  if (region.value === null) return { price: null, reason: region.reason };
  const [latest] = sold
    .filter((price) => price.region === region.value)
    .toSorted((a, b) => compare(b.terms.valid?.from ?? '', a.terms.valid?.from ?? ''));
  return latest === undefined
    ? { price: null, reason: 'the card has no price for it' }
    : { price: latest, warnings: [...purchase.warnings, ...region.warnings] };
}

type Pick =
  | { readonly value: string; readonly warnings: readonly RateWarning[] }
  | { readonly value: null; readonly reason: string };

function choosePurchase(card: ProviderCard, prices: readonly Price[], wanted: Wanted): Pick {
  // A purchase that another region has is no answer: the choice is made among what can be had here.
  const here = prices.filter(
    (price) => !wanted.region || price.region === wanted.region || price.region === 'any',
  );
  const purchases = unique((here.length > 0 ? here : prices).map(({ purchase }) => purchase));
  if (wanted.purchase) {
    return purchases.includes(wanted.purchase)
      ? { value: wanted.purchase, warnings: [] }
      : {
          value: null,
          reason: `no ${wanted.purchase} price on the card, only ${listOf(purchases)}`,
        };
  }
  const [only] = purchases;
  if (only !== undefined && purchases.length === 1) return { value: only, warnings: [] };
  const usual = [card.defaultPurchase, 'on-demand'].find(
    (p) => p !== null && purchases.includes(p),
  );
  if (usual === undefined || usual === null) {
    return {
      value: null,
      reason: `it is sold as ${listOf(purchases)}: pass --purchase`,
    };
  }
  const others = purchases.filter(
    (purchase) =>
      purchase !== usual &&
      prices.some((price) => price.purchase === purchase && price.confidence !== 'none'),
  );
  if (others.length === 0) return { value: usual, warnings: [] };
  const message = `how the machine was bought is not known: priced as ${usual}, not ${listOf(others)} (--purchase)`;
  return { value: usual, warnings: [{ code: 'purchase-assumed', message }] };
}

function chooseRegion(card: ProviderCard, prices: readonly Price[], wanted: Wanted): Pick {
  const regions = unique(prices.map(({ region }) => region));
  if (wanted.region) {
    const exact = [wanted.region, 'any'].find((region) => regions.includes(region));
    return exact === undefined
      ? {
          value: null,
          reason: `no price for the region ${wanted.region}, only for ${listOf(regions)}`,
        }
      : { value: exact, warnings: [] };
  }
  if (regions.includes('any')) return { value: 'any', warnings: [] };
  const [only] = regions;
  const usual = regions.find((region) => region === card.defaultRegion);
  if (usual === undefined && (only === undefined || regions.length > 1)) {
    return {
      value: null,
      reason: `the price depends on the region (${listOf(regions)}): pass --region`,
    };
  }
  const value = usual ?? only ?? '';
  const message = `the region is not known: priced as in ${value}${spread(prices)} (--region)`;
  return { value, warnings: [{ code: 'region-assumed', message }] };
}

/** How far the machine's price goes by region, where it is a price per hour. */
function spread(prices: readonly Price[]): string {
  const nanos = prices.flatMap(({ terms }) =>
    terms.per_hour === undefined || terms.per_hour === null ? [] : [parseNanos(terms.per_hour)],
  );
  if (nanos.length < 2) return '';
  const lowest = nanos.reduce((a, b) => (b < a ? b : a));
  const highest = nanos.reduce((a, b) => (b > a ? b : a));
  return lowest === highest
    ? ''
    : `, where the regions cost ${toTenThousandths(lowest)} to ${toTenThousandths(highest)} an hour`;
}

/** `from` is the first day (UTC) on which a price holds, `until` the first on which it no longer does. */
function isValid(valid: Price['terms']['valid'], atMs: number): boolean {
  const after = valid?.from === undefined || atMs >= dayStartMs(valid.from);
  return after && (valid?.until === undefined || atMs < dayStartMs(valid.until));
}

/** Epoch milliseconds at which a day (`YYYY-MM-DD`) of a card begins: in UTC. */
export function dayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(compare);
}

function listOf(values: readonly string[]): string {
  const shown = values.slice(0, 12).join(', ');
  return values.length > 12 ? `${shown} and ${values.length - 12} more` : shown;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** For people: a price to four decimals, half up. */
function toTenThousandths(nanos: bigint): string {
  return decimalFromNanos(divideHalfUp(nanos, 100_000n) * 100_000n);
}
