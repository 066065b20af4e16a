import type { ProviderCard } from '../card.ts';
import type { Cells } from './csv-rows.ts';
import type { ImportOptions } from './options.ts';
import {
  cellNumber,
  type Imported,
  type MachineFacts,
  type PriceRow,
  plainPrice,
} from './price-row.ts';
import type { Tally } from './tally.ts';

/** Families with accelerators of other makers than NVIDIA. */
const otherMakers = /^(?:g4ad|dl1|dl2q|inf\d|trn\d\w*|vt1|f\d)\./;

/** Prices of an AWS price list of EC2 (its CSV): shared Linux machines with NVIDIA GPUs, on demand. */
export async function readAwsPriceList(
  lines: AsyncIterable<Cells>,
  publishedOn: () => string | null,
  options: ImportOptions,
  tally: Tally,
): Promise<Imported> {
  const card = options.cards.get('aws');
  const rows: PriceRow[] = [];
  const facts = new Map<string, MachineFacts>();
  for await (const cells of lines) {
    tally.rowsRead += 1;
    const type = cells('Instance Type');
    const region = cells('Region Code');
    const fault = dropReason(cells, type, card);
    if (fault !== null) {
      tally.dropRow(fault, `${type === '' ? cells('Product Family') : type}, ${region}`);
      continue;
    }
    const price = plainPrice(cells('PricePerUnit'));
    if (price === null || price === '0') {
      tally.dropRow(price === null ? 'no price' : 'a price of 0', `${type}, ${region}`);
      continue;
    }
    const asOf = publishedOn();
    rows.push({ type, region, purchase: 'on-demand', part: 'per_hour', price, asOf, doubt: null });
    facts.set(type, {
      gpu: null,
      gpus: wholeNumber(cells('GPU')),
      vcpus: cellNumber(cells('vCPU')),
      memoryGib: cellNumber(cells('Memory').replace(/,/g, '').replace(/ GiB$/, '')),
    });
  }
  return { provider: 'aws', currency: 'USD', rows, facts, accelerators: [] };
}

function dropReason(cells: Cells, type: string, card: ProviderCard | undefined): string | null {
  if (!cells('Product Family').startsWith('Compute Instance')) return 'not a machine';
  const gpus = cells('GPU');
  if ((gpus === '' || gpus === '0' || gpus === 'NA') && !card?.machines.has(type)) return 'no GPU';
  if (otherMakers.test(type)) return 'not of NVIDIA';
  if (cells('TermType') !== 'OnDemand')
    return `${cells('TermType')}: a term, not a price by the hour on demand`;
  if (!['', 'OnDemand'].includes(cells('Market Option')))
    return `sold as ${cells('Market Option')}`;
  if (cells('Tenancy') !== 'Shared') return 'dedicated or host tenancy';
  if (cells('Operating System') !== 'Linux') return 'another operating system than Linux';
  if (!['', 'NA'].includes(cells('Pre Installed S/W'))) return 'with software';
  if (!['', 'Used'].includes(cells('CapacityStatus'))) return 'a capacity reservation';
  if (!['', 'No License required'].includes(cells('License Model'))) return 'with a licence';
  if (cells('Unit') !== 'Hrs') return `by ${cells('Unit')}, not by the hour`;
  if (cells('Currency') !== 'USD') return `in ${cells('Currency')}`;
  return cells('Region Code') === '' ? 'no region code' : null;
}

function wholeNumber(text: string): number | null {
  const value = cellNumber(text);
  return value !== null && Number.isInteger(value) && value > 0 ? value : null;
}
