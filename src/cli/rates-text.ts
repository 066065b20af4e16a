import Table from 'cli-table3';
import type { Ending } from '../bill/rate.ts';
import type { Price } from '../rates/card.ts';
import type { FoundMachine } from '../rates/find-machine.ts';
import { fullName } from '../rates/find-machine.ts';
import { type Offer, type OfferSort, sortValue } from '../rates/offers.ts';
import { staleAfterDays } from '../rates/rate-warnings.ts';
import { truncate } from '../render/text.ts';

const lastColumn: Readonly<
  Record<OfferSort, { readonly name: string; readonly decimals: number }>
> = {
  'gpu-hour': { name: 'per GPU-h', decimals: 4 },
  tflop: { name: 'per TFLOP-h', decimals: 6 },
  gb: { name: 'per GiB-h', decimals: 5 },
  hour: { name: 'per GPU-h', decimals: 4 },
};

/** Prices as a table, within 100 columns for a terminal, with whole names for programs; and what its signs mean. */
export function offersText(
  offers: readonly Offer[],
  sort: OfferSort,
  most: number,
  isTerminal: boolean,
): string {
  const cut = isTerminal ? truncate : (text: string): string => text;
  if (offers.length === 0) return 'No price passes the filter.\n';
  const { name, decimals } = lastColumn[sort];
  const table = plainTable(1, ['machine', 'GPUs', 'bought', 'region', 'per hour', name, 'age']);
  for (const offer of offers.slice(0, most)) {
    const value = sort === 'hour' ? offer.perGpuHour : sortValue(offer, sort);
    table.push([
      isTerminal
        ? shorten(`${offer.provider}/${offer.type}`, 29)
        : `${offer.provider}/${offer.type}`,
      cut(gpuText(offer), 19),
      cut(offer.purchase, 11),
      cut(offer.region, 11),
      amount(offer.perHour, 4),
      amount(value, decimals),
      ageText(offer),
    ]);
  }
  const shown = offers.slice(0, most);
  const currencies = [...new Set(shown.map(({ currency }) => currency))];
  const notes = [
    `Prices in ${currencies.join(' and ')}; age in days.`,
    ...(shown.some(({ isStale }) => isStale)
      ? [`! older than ${staleAfterDays} days, or without a date.`]
      : []),
    ...(shown.some(isDoubtful) ? ['? confidence below high: see gpucost rates show TYPE.'] : []),
    ...(shown.some(({ plusHost }) => plusHost)
      ? ['+ added to a host with a price of its own.']
      : []),
    ...(offers.length > most ? [`${offers.length - most} more: --all, or narrow it down.`] : []),
  ];
  return `${tableText(table)}\n\n${notes.join('\n')}\n`;
}

/** One machine: facts, every price with its source, and what ends the bill. */
export function machineText(
  found: FoundMachine,
  offers: readonly Offer[],
  isTerminal: boolean,
): string {
  const { card, machine } = found;
  const { vcpus, memory_gib: memory, note, aliases } = machine.facts;
  const [first] = offers;
  const facts = [
    ...(first === undefined ? [] : [gpuText(first)]),
    ...(vcpus === undefined ? [] : [`${vcpus} vCPUs`]),
    ...(memory === undefined ? [] : [`${memory} GiB`]),
  ];
  const {
    increment = '1s',
    minimum = '0s',
    charged,
  } = { ...card.billing, ...machine.facts.billing };
  const step = `billed in steps of ${increment}, at least ${minimum}${charged === 'always' ? ', used or not' : ''}`;
  const table = plainTable(2, [
    'region',
    'bought',
    `${card.currency} per hour`,
    'as of',
    'age',
    'confidence',
    'source',
  ]);
  const sources = [...new Set(offers.map(({ source }) => source))];
  for (const offer of offers) {
    table.push([
      isTerminal ? truncate(offer.region, 20) : offer.region,
      offer.purchase,
      `${amount(offer.perHour, 6)}${offer.perGpu ? ' a GPU' : ''}`,
      offer.asOf ?? 'not known',
      ageText(offer),
      offer.confidence,
      `[${sources.indexOf(offer.source) + 1}]`,
    ]);
  }
  const notes = [
    ...new Set(
      machine.prices.flatMap(({ terms }) => (terms.note === undefined ? [] : [terms.note])),
    ),
  ];
  return [
    `${fullName(found)}: ${facts.join(', ')}`,
    ...(aliases === undefined ? [] : [`also called ${aliases.join(', ')}`]),
    ...(note === undefined ? [] : [note]),
    step,
    '',
    tableText(table),
    '',
    ...sources.map((source, i) => `[${i + 1}] ${source}`),
    ...machine.prices.flatMap((price) => partsLine(price, card.currency)),
    ...notes.map((text) => `note: ${text}`),
    ...(machine.facts.gpus === 'attached'
      ? ['The GPUs attached to it are added at a price each.']
      : []),
    ...(card.endings.length === 0
      ? []
      : ['', 'What ends the bill:', ...card.endings.map(endingLine)]),
    '',
  ].join('\n');
}

/** How a price that is not simply one per hour is made up. */
function partsLine({ region, purchase, terms, units }: Price, currency: string): readonly string[] {
  const { own } = terms;
  const parts = [
    ...figure(terms.per_hour, ''),
    ...figure(terms.per_gpu_hour, ' a GPU'),
    ...figure(terms.per_vcpu_hour, ' a vCPU'),
    ...figure(terms.per_gib_hour, ' a GiB of memory'),
    ...figure(terms.units_per_hour, ` ${units?.name ?? 'units'}${packText(units, currency)}`),
    ...(own === undefined ? [] : [ownText(own, currency)]),
  ];
  const isPlain = parts.length === 1 && own === undefined && terms.units_per_hour === undefined;
  return isPlain || parts.length === 0
    ? []
    : [`${region}, ${purchase}, an hour: ${parts.join(' + ')}`];
}

function figure(amountText: string | null | undefined, unit: string): readonly string[] {
  return amountText === null || amountText === undefined ? [] : [`${amountText}${unit}`];
}

function packText(units: Price['units'], currency: string): string {
  return units === null ? '' : ` (${units.packUnits} for ${currency} ${units.packPrice})`;
}

function ownText(own: NonNullable<Price['terms']['own']>, currency: string): string {
  const { purchase_price: bought, residual = '0', lifetime, per_year: yearly = {}, energy } = own;
  const costs = Object.entries(yearly).map(([name, cost]) => `${cost} a year for ${name}`);
  const power =
    energy === undefined
      ? []
      : [
          `measured energy at ${energy.per_kwh} a kWh, PUE ${energy.pue ?? 1}, ${energy.host_watts ?? 0} W for the host`,
        ];
  return [`${currency} ${bought} − ${residual} over ${lifetime}`, ...costs, ...power].join(' + ');
}

function endingLine({ action, compute, keeps, note }: Ending): string {
  const stays =
    keeps.length === 0
      ? ''
      : `, ${keeps.join(' and ')} ${keeps.length > 1 ? 'stay' : 'stays'} on it`;
  return `  ${action}: the bill ${compute === 'ends' ? 'ends' : 'goes on'}${stays}${note === null ? '' : ` (${note})`}`;
}

function gpuText({ gpu, gpus, perGpu, plusHost }: Offer): string {
  if (gpu === null) return plusHost ? 'attached' : 'not known';
  if (plusHost) return `+ ${gpu}`;
  if (perGpu) return `any ${gpu}`;
  if (gpus === null) return `? ${gpu}`;
  return `${gpus < 1 ? `1/${Math.round(1 / gpus)}` : gpus} ${gpu}`;
}

function ageText(offer: Offer): string {
  const age = offer.ageDays === null ? '' : String(offer.ageDays);
  return `${age}${offer.isStale ? '!' : ''}${isDoubtful(offer) ? '?' : ''}`;
}

function isDoubtful({ confidence }: Offer): boolean {
  return confidence !== 'high';
}

function amount(value: number | null, decimals: number): string {
  return value === null ? 'not known' : value.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, '$1');
}

/** Names differ at both ends: `azure/Standard_N…BSE_v6`. */
function shorten(name: string, columns: number): string {
  if (name.length <= columns) return name;
  const end = Math.floor(columns / 3);
  return `${name.slice(0, columns - end - 1)}…${name.slice(-end)}`;
}

function tableText(table: Table.Table): string {
  return table.toString().replaceAll(/ +$/gm, '');
}

/** No borders and no colour: it is read by people and by cut and awk. */
function plainTable(gap: number, head: readonly string[]): Table.Table {
  const none = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ];
  return new Table({
    head: [...head],
    chars: { ...Object.fromEntries(none.map((name) => [name, ''])), middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: head.map((name) => (/per|age/.test(name) ? 'right' : 'left')),
  });
}
