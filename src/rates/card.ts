import type { Ending } from '../bill/rate.ts';
import type { CardBilling, CardMachine, CardPrice, Confidence, RateCard } from './schema.ts';

/** What all files say about one provider, price by price with what each inherits from its file. */
export interface ProviderCard {
  readonly provider: string;
  readonly currency: string;
  /** Names of the files that it was merged from, first to last. */
  readonly files: readonly string[];
  readonly billing: CardBilling;
  readonly endings: readonly Ending[];
  /** What is taken where neither flag nor detection says. */
  readonly defaultRegion: string | null;
  readonly defaultPurchase: string | null;
  readonly accelerators: ReadonlyMap<string, readonly Price[]>;
  readonly machines: ReadonlyMap<string, Machine>;
}

export interface Machine {
  readonly type: string;
  readonly facts: Omit<CardMachine, 'prices'>;
  readonly prices: readonly Price[];
}

/** One price with its file's defaults, units and discounts filled in. */
export interface Price {
  readonly region: string;
  readonly purchase: string;
  readonly asOf: string | null;
  readonly confidence: Confidence;
  /** File, id and address or note, for people. */
  readonly source: string;
  readonly file: string;
  readonly terms: CardPrice;
  readonly units: Units | null;
  readonly discount: { readonly id: string; readonly upTo: string } | null;
}

/** The price of a provider's credit units: of its first pack. */
export interface Units {
  readonly name: string;
  readonly packUnits: number;
  /** Plain decimal in the card's currency. */
  readonly packPrice: string;
  readonly asOf: string | null;
  readonly source: string;
}

/** One file's card with inheritance resolved; throws a RangeError for a card that was not checked. */
export function toProviderCard(card: RateCard, file: string): ProviderCard {
  const units = card.units === undefined ? null : toUnits(card, card.units, file);
  const toPrices = (prices: readonly CardPrice[]): readonly Price[] =>
    prices.map((terms) => toPrice(card, terms, units, file));
  return {
    provider: card.provider,
    currency: card.currency,
    files: [file],
    billing: card.billing ?? {},
    endings: (card.ending ?? []).map(({ action, compute, keeps, note }) => ({
      action,
      compute,
      keeps: keeps ?? [],
      note: note ?? null,
    })),
    defaultRegion: card.defaults?.region ?? null,
    defaultPurchase: card.defaults?.purchase ?? null,
    accelerators: new Map(
      Object.entries(card.accelerators ?? {}).map(([key, { prices }]) => [key, toPrices(prices)]),
    ),
    machines: new Map(
      Object.entries(card.machines).map(([type, { prices, ...facts }]) => [
        type,
        lazily(type, facts, () => toPrices(prices ?? [])),
      ]),
    ),
  };
}

/** A command asks for the prices of one machine of hundreds. */
function lazily(
  type: string,
  facts: Machine['facts'],
  makePrices: () => readonly Price[],
): Machine {
  let made: readonly Price[] | undefined;
  return {
    type,
    facts,
    get prices() {
      made ??= makePrices();
      return made;
    },
  };
}

function toPrice(card: RateCard, terms: CardPrice, units: Units | null, file: string): Price {
  const { region, purchase, as_of, source, confidence } = { ...card.defaults, ...terms };
  if (region === undefined || purchase === undefined || source === undefined) {
    throw new RangeError(`${file}: a price without region, purchase or source`);
  }
  const discount = terms.automatic_discount;
  const bound = discount === undefined ? undefined : card.discounts?.[discount];
  return {
    region,
    purchase,
    asOf: as_of ?? null,
    confidence: confidence ?? 'none',
    source: sourceText(card, source, file),
    file,
    terms,
    units,
    discount:
      discount === undefined || bound === undefined ? null : { id: discount, upTo: bound.up_to },
  };
}

function toUnits(
  card: RateCard,
  units: NonNullable<RateCard['units']>,
  file: string,
): Units | null {
  const pack = units.packs[0];
  if (pack === undefined) return null;
  return {
    name: units.name,
    packUnits: pack.units,
    packPrice: pack.price,
    asOf: units.as_of,
    source: sourceText(card, units.source, file),
  };
}

function sourceText(card: RateCard, id: string, file: string): string {
  const source = card.sources[id];
  const where = source?.url ?? source?.note;
  return `${file}: ${where ?? id}${source === undefined ? '' : `, read ${source.read}`}`;
}
