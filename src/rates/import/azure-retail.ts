import { z } from 'zod';
import type { ProviderCard } from '../card.ts';
import { spotFault } from './checks.ts';
import type { ImportOptions } from './options.ts';
import { type Imported, type PriceRow, plainPrice } from './price-row.ts';
import type { Tally } from './tally.ts';

/** What is read of an item of the Azure Retail Prices API; other keys are let through. */
const item = z.object({
  armSkuName: z.string().default(''),
  armRegionName: z.string().default(''),
  currencyCode: z.string(),
  effectiveStartDate: z.string().default(''),
  meterName: z.string().default(''),
  productName: z.string().default(''),
  retailPrice: z.number(),
  serviceName: z.string().default(''),
  skuName: z.string().default(''),
  tierMinimumUnits: z.number().default(0),
  type: z.string().default(''),
  unitOfMeasure: z.string().default(''),
});

export const retailPage = z.object({
  Items: z.array(item),
  NextPageLink: z.string().nullish(),
});

type Item = z.output<typeof item>;

/** Prices of Azure's Retail Prices API: Linux virtual machines of the N series, by the hour, on demand and spot. */
export async function readAzureRetail(
  pages: AsyncIterable<unknown>,
  options: ImportOptions,
  tally: Tally,
): Promise<Imported> {
  const card = options.cards.get('azure');
  const rows = new Map<string, PriceRow>();
  let currency: string | null = null;
  for await (const page of pages) {
    for (const found of retailPage.parse(page).Items) {
      tally.rowsRead += 1;
      currency ??= found.currencyCode;
      const row = toRow(found, currency, card, tally);
      if (row === null) continue;
      const key = JSON.stringify([row.type, row.region, row.purchase]);
      const known = rows.get(key);
      if (known === undefined || (row.asOf ?? '') > (known.asOf ?? '')) rows.set(key, row);
      if (known !== undefined)
        tally.dropRow('an older price of the same machine', `${row.type}, ${row.region}`);
    }
  }
  return {
    provider: 'azure',
    currency: currency ?? 'USD',
    rows: withoutFillers([...rows.values()], tally),
    facts: new Map(
      [...rows.values()].map(({ type }) => [
        type,
        { gpu: null, gpus: null, vcpus: null, memoryGib: null },
      ]),
    ),
    accelerators: [],
  };
}

function toRow(
  found: Item,
  currency: string,
  card: ProviderCard | undefined,
  tally: Tally,
): PriceRow | null {
  const type = found.armSkuName.trim();
  const fault = dropReason(found, type, currency, card);
  if (fault !== null) {
    tally.dropRow(fault, `${type === '' ? found.productName : type}, ${found.armRegionName}`);
    return null;
  }
  if (type !== found.armSkuName)
    tally.flag(`"${found.armSkuName}": the name has blanks around it, which are left out`);
  const price = plainPrice(plainNumber(found.retailPrice));
  if (price === null) {
    tally.dropRow('a price that is no plain number', `${type}: ${found.retailPrice}`);
    return null;
  }
  const isSpot = /\bSpot\b/.test(`${found.skuName} ${found.meterName}`);
  const asOf = /^\d{4}-\d{2}-\d{2}/.exec(found.effectiveStartDate)?.[0] ?? null;
  const purchase = isSpot ? 'spot' : 'on-demand';
  return {
    type,
    region: found.armRegionName,
    purchase,
    part: 'per_hour',
    price,
    asOf,
    doubt: null,
  };
}

/** Sizes with letters N, NC, ND, NG and NV have accelerators; which of them are NVIDIA's only the card knows. */
function dropReason(
  found: Item,
  type: string,
  currency: string,
  card: ProviderCard | undefined,
): string | null {
  const words = `${found.skuName} ${found.meterName} ${found.productName}`;
  if (found.serviceName !== 'Virtual Machines') return 'another service';
  if (found.type !== 'Consumption')
    return `${found.type === '' ? 'no type' : found.type}: not a price by the hour on demand`;
  if (!/^Standard_N[CDV]/.test(type)) return 'not a size with NVIDIA GPUs';
  if (/_V620|_MI\d|_V710|MA35D|as_v4$/.test(type)) return 'not of NVIDIA';
  if (/_promo$/i.test(type)) return 'a promotion: a double of another type';
  if (/\bWindows\b/.test(words)) return 'Windows';
  if (/Low Priority/.test(words)) return 'low priority, which spot has replaced';
  if (/Cloud Services|Dedicated Host/.test(words)) return 'another product';
  if (found.unitOfMeasure !== '1 Hour') return `by ${found.unitOfMeasure}, not by the hour`;
  if (found.currencyCode !== currency)
    return `in ${found.currencyCode}, where the first is in ${currency}`;
  if (found.retailPrice === 0) return 'a price of 0';
  if (found.tierMinimumUnits > 0) return 'a price from a higher tier';
  return card?.machines.has(type) ||
    card === undefined ||
    /_(?:A10|A100|H100|H200|T4|GB200|GB300|B200|RTXPRO\w*)_v\d$|_v[1-3]$/.test(type)
    ? null
    : 'not known to have NVIDIA GPUs';
}

/** JSON numbers of prices have few digits: their shortest text is what was sent. */
function plainNumber(value: number): string {
  const text = String(value);
  return /e/.test(text) ? value.toFixed(12) : text;
}

function withoutFillers(rows: readonly PriceRow[], tally: Tally): readonly PriceRow[] {
  const onDemand = new Map(
    rows
      .filter(({ purchase }) => purchase === 'on-demand')
      .map((row) => [`${row.type} ${row.region}`, row.price]),
  );
  return rows.filter((row) => {
    if (row.purchase !== 'spot') return true;
    const other = onDemand.get(`${row.type} ${row.region}`) ?? null;
    const fault = spotFault(row.price, other);
    if (fault !== null)
      tally.dropRow(fault, `${row.type}, ${row.region}: ${row.price} against ${other}`);
    return fault === null;
  });
}
