import { UsageError } from '../../errors.ts';
import type { ProviderCard } from '../card.ts';
import { type CatalogueRow, regionalPrices } from './catalogue-row.ts';
import { spotFault } from './checks.ts';
import type { Cells } from './csv-rows.ts';
import { gpuKeyOf, isOtherMaker } from './gpu-keys.ts';
import type { ImportOptions } from './options.ts';
import {
  cellNumber,
  type Imported,
  type MachineFacts,
  type PriceRow,
  plainPrice,
} from './price-row.ts';
import { readGcp } from './skypilot-gcp.ts';
import { readSlurm } from './skypilot-slurm.ts';
import type { Tally } from './tally.ts';

/** Prices of a SkyPilot catalogue: GPU machines of NVIDIA, one price a region, fillers left out. */
export async function readSkypilot(
  lines: AsyncIterable<Cells>,
  options: ImportOptions,
  tally: Tally,
): Promise<Imported> {
  const provider = options.provider ?? providerOf(options.source);
  if (provider === 'slurm') return readSlurm(lines, tally);
  const card = options.cards.get(provider);
  const rows: CatalogueRow[] = [];
  for await (const cells of lines) {
    tally.rowsRead += 1;
    const row = toRow(cells, provider, card, tally);
    if (row !== null) rows.push(row);
  }
  if (provider === 'gcp')
    return { provider, currency: 'USD', ...readGcp(rows, card, options, tally) };
  const machines = provider === 'runpod' ? singles(rows, tally) : rows;
  const prices = regionalPrices(machines, options.spot ?? 'median', tally);
  return {
    provider,
    currency: 'USD',
    rows: provider === 'runpod' ? prices.map(perPod) : prices,
    facts: provider === 'runpod' ? new Map() : factsOf(machines, provider, card, tally),
    accelerators: [],
  };
}

/** SkyPilot keeps catalogues in folders by provider. */
function providerOf(source: string): string {
  const known = [
    'aws',
    'azure',
    'gcp',
    'oci',
    'lambda',
    'nebius',
    'runpod',
    'fluidstack',
    'vast',
    'cudo',
    'paperspace',
    'hyperbolic',
    'slurm',
  ];
  const words = source.toLowerCase().split(/[/_.-]+/);
  const found = known.filter((name) => words.includes(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new UsageError(`${source}: the catalogue does not say whose prices it holds`, {
    hint: `Pass --provider, such as ${known.slice(0, 3).join(', ')}.`,
  });
}

function toRow(
  cells: Cells,
  provider: string,
  card: ProviderCard | undefined,
  tally: Tally,
): CatalogueRow | null {
  const type = cells('InstanceType');
  const accelerator = cells('AcceleratorName');
  const label = `${type === '' ? accelerator : type}, ${cells('Region')}`;
  if (/_promo$/i.test(type)) {
    tally.dropRow('a promotion: a double of another type', label);
    return null;
  }
  if (/^tpu/i.test(accelerator)) {
    tally.dropRow('a TPU', label);
    return null;
  }
  if (isOtherMaker(accelerator, cells('GpuInfo'))) {
    tally.dropRow('not of NVIDIA', `${label}, ${accelerator}`);
    return null;
  }
  // GCP's VM rows name no GPU, and some Azure sizes have GPUs that the catalogue does not know of.
  if (accelerator === '' && !card?.machines.has(type)) {
    tally.dropRow('no GPU', label);
    return null;
  }
  const onDemand = plainPrice(cells('Price'));
  const spot = plainPrice(cells('SpotPrice'));
  if (onDemand === null && spot === null) {
    tally.dropRow('no price', label);
    return null;
  }
  return {
    type,
    accelerator,
    count: cellNumber(cells('AcceleratorCount')),
    region: cells('Region'),
    zone: cells('AvailabilityZone'),
    onDemand,
    spot: acceptSpot(spot, onDemand, provider, label, tally),
    vcpus: cellNumber(cells('vCPUs')),
    memoryGib: cellNumber(cells('MemoryGiB')),
  };
}

function acceptSpot(
  spot: string | null,
  onDemand: string | null,
  provider: string,
  label: string,
  tally: Tally,
): string | null {
  const fault = spot === null ? null : spotFault(spot, onDemand);
  // On GCP a row whose prices contradict each other is judged as a whole, with its fellows.
  if (fault === null || provider === 'gcp') return spot;
  tally.dropFigure(fault, `${label}: ${spot} against ${onDemand}`);
  return null;
}

/** RunPod sells by the GPU: rows of several GPUs say nothing that one GPU's does not. */
function singles(rows: readonly CatalogueRow[], tally: Tally): readonly CatalogueRow[] {
  return rows.filter((row) => {
    if (row.count === 1) return true;
    tally.dropRow('several GPUs of what is sold by the GPU', `${row.type}, ${row.region}`);
    return false;
  });
}

/** `1x_A100-80GB_SECURE` is the type a100-80gb, bought as secure, at a price per GPU. */
function perPod(row: PriceRow): PriceRow {
  const [, name = row.type, cloud = ''] = /^1x_(.+)_(SECURE|COMMUNITY)$/.exec(row.type) ?? [];
  const bought = cloud.toLowerCase();
  const purchase = row.purchase === 'spot' ? `${bought}-spot` : bought;
  return { ...row, type: name.toLowerCase(), purchase, part: 'per_gpu_hour' };
}

function factsOf(
  rows: readonly CatalogueRow[],
  provider: string,
  card: ProviderCard | undefined,
  tally: Tally,
): ReadonlyMap<string, MachineFacts> {
  const facts = new Map<string, MachineFacts>();
  for (const { type, accelerator, count, vcpus, memoryGib } of rows) {
    if (facts.has(type)) continue;
    const known = card?.machines.get(type)?.facts.gpus;
    if (known !== undefined && count !== null && count > 0 && known !== count) {
      tally.flag(`${type}: ${count} GPUs in the catalogue, ${known} on the card, which is kept`);
    }
    facts.set(type, {
      gpu: gpuKeyOf(provider, accelerator),
      gpus: count !== null && Number.isInteger(count) && count > 0 ? count : null,
      vcpus,
      memoryGib,
    });
  }
  return facts;
}
