import type { GpuSpec } from '../rules/rule.ts';
import type { Machine, Price, ProviderCard } from './card.ts';
import type { RateCards } from './merge.ts';
import { priceParts } from './parts.ts';
import { ageDays, staleAfterDays } from './rate-warnings.ts';

/** One price of one machine, comparable with others: prices are plain numbers of the currency. */
export interface Offer {
  readonly provider: string;
  readonly type: string;
  readonly region: string;
  readonly purchase: string;
  readonly currency: string;
  readonly gpu: string | null;
  /** Physical GPUs, so 0.125 for 1/8; null where the card does not say. One where any count is sold. */
  readonly gpus: number | null;
  /** True where GPUs are sold in any count: perHour is of one. */
  readonly perGpu: boolean;
  /** True for an accelerator whose host is billed beside it. */
  readonly plusHost: boolean;
  readonly perHour: number | null;
  readonly perGpuHour: number | null;
  /** Of one dense fp16 TFLOP/s for one hour; null where the GPU table has no figure. */
  readonly perTflopHour: number | null;
  /** Of one GiB of GPU memory for one hour. */
  readonly perGibHour: number | null;
  readonly asOf: string | null;
  readonly ageDays: number | null;
  readonly isStale: boolean;
  readonly confidence: string;
  readonly source: string;
}

export interface OfferFilter {
  readonly provider?: string | undefined;
  /** Part of a GPU's key, in any case; with gpuIsKey the whole key. */
  readonly gpu?: string | undefined;
  readonly gpuIsKey?: boolean;
  readonly purchase?: string | undefined;
  /** A region, or `all`; the provider's usual one where left out. */
  readonly region?: string | undefined;
  /** Most per hour of the whole machine. */
  readonly maxPrice?: number | undefined;
  /** Most per GPU-hour. */
  readonly maxGpuPrice?: number | undefined;
}

export const offerSorts = ['gpu-hour', 'tflop', 'gb', 'hour'] as const;
export type OfferSort = (typeof offerSorts)[number];

/** All prices of the cards that pass a filter, cheapest first by currency; unknown figures last. */
export function listOffers(
  cards: RateCards,
  filter: OfferFilter,
  sort: OfferSort,
  facts: { readonly nowMs: number; readonly gpu: (key: string) => GpuSpec | null },
): readonly Offer[] {
  const offers = [...cards.values()].flatMap((card) => [
    ...[...card.machines.values()].flatMap((machine) =>
      regional(card, machine.prices, filter).map((price) => toOffer(card, machine, price, facts)),
    ),
    ...[...card.accelerators].flatMap(([key, prices]) =>
      regional(card, prices, filter).map((price) => ({
        ...toOffer(card, attachedMachine(key), price, facts),
        plusHost: true,
      })),
    ),
  ]);
  return offers
    .filter((offer) => passes(offer, filter))
    .toSorted(
      (a, b) =>
        compareText(a.currency, b.currency) ||
        (sortValue(a, sort) ?? Infinity) - (sortValue(b, sort) ?? Infinity) ||
        compareText(`${a.provider}/${a.type}`, `${b.provider}/${b.type}`) ||
        compareText(a.region, b.region),
    );
}

export function sortValue(offer: Offer, sort: OfferSort): number | null {
  switch (sort) {
    case 'gpu-hour':
      return offer.perGpuHour;
    case 'tflop':
      return offer.perTflopHour;
    case 'gb':
      return offer.perGibHour;
    case 'hour':
      return offer.perHour;
  }
}

/** A GPU that is added to a host, as if it were sold alone. */
function attachedMachine(key: string): Machine {
  return { type: `+ ${key}`, facts: { gpu: key, gpus: 'any' }, prices: [] };
}

/** Without a region one price a purchase is enough: the usual region's, else the first. */
function regional(
  card: ProviderCard,
  prices: readonly Price[],
  { region }: OfferFilter,
): readonly Price[] {
  if (region === 'all') return prices;
  const usual = region ?? card.defaultRegion;
  return [...new Set(prices.map(({ purchase }) => purchase))].flatMap((purchase) => {
    const sold = prices.filter((price) => price.purchase === purchase);
    const found = sold.find((price) => price.region === usual || price.region === 'any');
    const chosen = found ?? (region === undefined ? sold[0] : undefined);
    return chosen === undefined ? [] : [chosen];
  });
}

function toOffer(
  card: ProviderCard,
  machine: Machine,
  price: Price,
  facts: { readonly nowMs: number; readonly gpu: (key: string) => GpuSpec | null },
): Offer {
  const { gpu: key = null, gpus: devices } = machine.facts;
  const perGpu = devices === 'any';
  const gpus = physicalGpus(machine);
  const nanos = hourNanos(card, machine, price);
  const perHour = nanos === null ? null : Number(nanos) / 1e9;
  const perGpuHour = perHour === null || gpus === null ? null : perHour / gpus;
  const spec = key === null ? null : facts.gpu(key);
  const per = (figure: number | null | undefined): number | null =>
    perGpuHour === null || !figure ? null : perGpuHour / figure;
  const age = price.asOf === null ? null : ageDays(price.asOf, facts.nowMs);
  return {
    provider: card.provider,
    type: machine.type,
    region: price.region,
    purchase: price.purchase,
    currency: card.currency,
    gpu: key,
    gpus,
    perGpu,
    plusHost: devices === 'attached',
    perHour,
    perGpuHour,
    perTflopHour: per(spec?.fp16Tflops),
    perGibHour: per(spec?.memoryGib),
    asOf: price.asOf,
    ageDays: age,
    isStale: age === null || age > staleAfterDays,
    confidence: price.confidence,
    source: price.source,
  };
}

function physicalGpus({ facts: { gpus, share } }: Machine): number | null {
  if (gpus === undefined || gpus === 'attached') return null;
  const [part = 1, whole = 1] = (share ?? '1/1').split('/').map(Number);
  return ((gpus === 'any' ? 1 : gpus) * part) / whole;
}

/**
 * A price per hour in billionths, as if one GPU were held where any count is sold, and the whole machine elsewhere;
 * of the host alone where GPUs are attached. Null for a figure that is not known.
 */
export function hourNanos(card: ProviderCard, machine: Machine, price: Price): bigint | null {
  const { gpu = null, gpus, vcpus: cores, memory_gib: gib } = machine.facts;
  const count = typeof gpus === 'number' ? gpus : 1;
  // How much of the host goes with one of any number of GPUs is not said.
  const vcpus = gpus === 'any' ? null : (cores ?? null);
  const memoryGib = gpus === 'any' ? null : (gib ?? null);
  const alone =
    gpus === 'attached' ? { ...machine, facts: { ...machine.facts, gpus: 1 } } : machine;
  const { parts } = priceParts({
    card,
    machine: alone,
    price,
    held: { visible: [{ key: gpu, count }], gpuCount: count, onlyKey: gpu, vcpus, memoryGib },
    atMs: 0,
  });
  return parts === null ? null : parts.reduce((sum, part) => sum + part.perHourNanos, 0n);
}

function passes(offer: Offer, filter: OfferFilter): boolean {
  const { provider, purchase, maxPrice, maxGpuPrice } = filter;
  return (
    (provider === undefined || offer.provider === provider.toLowerCase()) &&
    hasGpu(offer, filter) &&
    (purchase === undefined || offer.purchase === purchase) &&
    (maxPrice === undefined || (offer.perHour !== null && offer.perHour <= maxPrice)) &&
    (maxGpuPrice === undefined || (offer.perGpuHour !== null && offer.perGpuHour <= maxGpuPrice))
  );
}

function hasGpu({ gpu: key }: Offer, { gpu, gpuIsKey }: OfferFilter): boolean {
  if (gpu === undefined) return true;
  return gpuIsKey ? key === gpu : (key ?? '').toLowerCase().includes(gpu.toLowerCase());
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
