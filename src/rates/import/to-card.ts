import { decimalFromNanos } from '../../bill/money.ts';
import { NumberText } from '../number-text.ts';
import { hourNanos } from '../offers.ts';
import { cardYaml } from './card-yaml.ts';
import { doubtOutliers, groupBy } from './checks.ts';
import type { ImportOptions } from './options.ts';
import type { Imported, MachineFacts, PriceRow } from './price-row.ts';
import type { Tally } from './tally.ts';

/** The YAML of a card from what an import found; machines that a card knows keep its facts. */
export function toCardYaml(
  imported: Imported,
  options: ImportOptions,
  today: string,
  tally: Tally,
): string {
  const { provider, currency, facts } = imported;
  const known = options.cards.get(provider);
  const machines = priceLists(imported.rows, provider, options, tally);
  const accelerators = priceLists(imported.accelerators, provider, options, tally);
  const card = {
    schema: 'gpucost.rates/1',
    provider,
    currency,
    sources: { import: { ...sourceOf(options), read: today } },
    ...(accelerators.length === 0
      ? {}
      : {
          accelerators: Object.fromEntries(accelerators.map(([key, prices]) => [key, { prices }])),
        }),
    machines: Object.fromEntries(
      machines.map(([type, prices]) => [
        type,
        { ...(known?.machines.has(type) ? {} : newFacts(facts.get(type), type, tally)), prices },
      ]),
    ),
  };
  return cardYaml(card);
}

type PriceLine = Readonly<Record<string, unknown>>;

function priceLists(
  rows: readonly PriceRow[],
  provider: string,
  options: ImportOptions,
  tally: Tally,
): readonly (readonly [string, readonly PriceLine[]])[] {
  const isOnePrice = options.cards.get(provider)?.defaultRegion === 'any';
  const judged = isOnePrice ? collapseRegions(rows) : doubtOutliers(rows);
  return [...groupBy(judged, ({ type }) => type)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, own]) => [
      type,
      [...groupBy(own, (row) => JSON.stringify([row.region, row.purchase])).values()].flatMap(
        (parts) => priceLine(parts, provider, options, tally),
      ),
    ]);
}

/** A provider with one list for all regions: the same price everywhere is a price for any. */
function collapseRegions(rows: readonly PriceRow[]): readonly PriceRow[] {
  return [
    ...groupBy(rows, (row) => JSON.stringify([row.type, row.purchase, row.part])).values(),
  ].flatMap((group) => {
    const [first] = group;
    const isSame = first !== undefined && group.every(({ price }) => price === first.price);
    return isSame ? [{ ...first, region: 'any' }] : group;
  });
}

function priceLine(
  parts: readonly PriceRow[],
  provider: string,
  options: ImportOptions,
  tally: Tally,
): readonly PriceLine[] {
  const [first] = parts;
  if (first === undefined) return [];
  const { type, region, purchase, doubt } = first;
  const asOf = options.asOf ?? first.asOf;
  compareWithCard(first, asOf, options, provider, tally);
  if (doubt !== null && !doubt.includes(' zones'))
    tally.flag(`${type}, ${region}, ${purchase}: ${doubt}`);
  return [
    {
      region,
      purchase,
      ...Object.fromEntries(parts.map(({ part, price }) => [part, new NumberText(price)])),
      as_of: asOf,
      source: 'import',
      confidence: asOf === null || doubt !== null ? 'low' : 'medium',
      ...(doubt === null ? {} : { note: doubt }),
    },
  ];
}

/** An undated price that is far from a dated one is likely the older. */
function compareWithCard(
  row: PriceRow,
  asOf: string | null,
  options: ImportOptions,
  provider: string,
  tally: Tally,
): void {
  const card = options.cards.get(provider);
  const machine = card?.machines.get(row.type);
  const known = machine?.prices.find(
    ({ region, purchase }) => region === row.region && purchase === row.purchase,
  );
  if (asOf !== null || card === undefined || machine === undefined || !known?.asOf) return;
  const nanos = hourNanos(card, machine, known);
  if (nanos === null || nanos === 0n) return;
  const figure = decimalFromNanos(nanos);
  const ratio = Number(row.price) / Number(figure);
  if (ratio > 0.9 && ratio < 1.1) return;
  tally.flag(
    `${row.type}, ${row.region}, ${row.purchase}: ${row.price} without a date, ${figure} on the card of ${known.asOf}`,
  );
}

function newFacts(facts: MachineFacts | undefined, type: string, tally: Tally): PriceLine {
  if (facts?.gpu == null || facts.gpus === null) {
    tally.flag(
      `${type}: which GPUs it has, or how many, is not known: add gpu and gpus to the card`,
    );
  }
  return {
    ...(facts?.gpu == null ? {} : { gpu: facts.gpu }),
    ...(facts?.gpus == null ? {} : { gpus: facts.gpus }),
    ...(facts?.vcpus == null ? {} : { vcpus: facts.vcpus }),
    ...(facts?.memoryGib == null ? {} : { memory_gib: facts.memoryGib }),
  };
}

function sourceOf({ source, format }: ImportOptions): PriceLine {
  const url = /^https?:/.test(source) ? { url: source } : {};
  return {
    ...url,
    note: `imported from ${format}${'url' in url ? '' : `, ${source.split(/[\\/]/).at(-1)}`}`,
  };
}
