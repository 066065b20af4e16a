import { decimalFromNanos, divideHalfUp } from '../../bill/money.ts';
import type { Machine, ProviderCard } from '../card.ts';
import { parseNanos } from '../decimal.ts';
import { type CatalogueRow, regionalPrices } from './catalogue-row.ts';
import { groupBy, implausibleRatio, spotFault } from './checks.ts';
import { gpuKeyOf } from './gpu-keys.ts';
import type { ImportOptions } from './options.ts';
import type { Imported, PriceRow } from './price-row.ts';
import type { Tally } from './tally.ts';

/**
 * GCP in SkyPilot's catalogue: VM rows exclude their GPUs, and rows without a type are GPUs alone.
 * A machine costs VM + GPUs of the same zone; local SSD is in neither.
 */
export function readGcp(
  rows: readonly CatalogueRow[],
  card: ProviderCard | undefined,
  options: ImportOptions,
  tally: Tally,
): Pick<Imported, 'rows' | 'facts' | 'accelerators'> {
  const spot = options.spot ?? 'median';
  const gpus = plausibleGpus(
    rows.filter(({ type }) => type === ''),
    tally,
  );
  const used = new Set<CatalogueRow>();
  const sums = rows
    .filter(({ type }) => type !== '')
    .flatMap((host) => {
      const machine = card?.machines.get(host.type);
      if (machine?.facts.gpus === 'attached') return [host];
      const found = gpus.find((gpu) => gpu.zone === host.zone && fits(gpu, machine));
      if (found === undefined) {
        tally.dropRow('a VM without its GPUs in the same zone', `${host.type}, ${host.zone}`);
        return [];
      }
      used.add(found);
      const onDemand = add(host.onDemand, found.onDemand);
      return [{ ...host, onDemand, spot: add(host.spot, found.spot) }];
    });
  const attached = gpus.flatMap((gpu) => {
    const key = attachable(card, gpu);
    if (key === null) return [];
    used.add(gpu);
    return [{ ...gpu, type: key, onDemand: each(gpu.onDemand, gpu), spot: each(gpu.spot, gpu) }];
  });
  for (const gpu of gpus) {
    if (used.has(gpu)) continue;
    tally.dropRow(
      'GPUs without a VM in the same zone',
      `${gpu.count} × ${gpu.accelerator}, ${gpu.zone}`,
    );
  }
  return {
    rows: regionalPrices(sums, spot, tally).map((row) => ({
      ...row,
      doubt: row.doubt ?? withoutSsd(row.type, card),
    })),
    facts: new Map(),
    accelerators: regionalPrices(attached, spot, tally).map(
      (row): PriceRow => ({ ...row, part: 'per_gpu_hour' }),
    ),
  };
}

/** The card's price holds a local SSD; neither row of the catalogue does. */
function withoutSsd(type: string, card: ProviderCard | undefined): string | null {
  const includes = card?.machines
    .get(type)
    ?.prices.some(({ terms }) => terms.includes?.includes('local-ssd'));
  return includes === true ? 'local SSD is not in it' : null;
}

function each(price: string | null, { count }: CatalogueRow): string | null {
  return price === null || count === null || count < 1
    ? null
    : decimalFromNanos(divideHalfUp(parseNanos(price), BigInt(count)));
}

/** Rows of other products under the same name: their spot price is above, or other regions cost far more. */
function plausibleGpus(rows: readonly CatalogueRow[], tally: Tally): readonly CatalogueRow[] {
  const highest = new Map(
    [...groupBy(rows, groupKey)].map(([key, group]) => [
      key,
      group.reduce(
        (most, { onDemand }) =>
          onDemand !== null && Number(onDemand) > most ? Number(onDemand) : most,
        0,
      ),
    ]),
  );
  return rows.filter((row) => {
    const { accelerator, count, region, onDemand, spot } = row;
    const label = `${count} × ${accelerator}, ${region}`;
    const fault = spot === null ? null : spotFault(spot, onDemand);
    if (fault !== null) {
      tally.dropRow(fault, `${label}: ${spot} against ${onDemand}`);
      return false;
    }
    const most = highest.get(groupKey(row)) ?? 0;
    if (onDemand !== null && Number(onDemand) < implausibleRatio * most) {
      tally.dropRow(
        `on-demand below ${implausibleRatio} of the same GPU elsewhere: another product`,
        `${label}: ${onDemand} against ${most}`,
      );
      return false;
    }
    return true;
  });
}

function groupKey({ accelerator, count }: CatalogueRow): string {
  return JSON.stringify([accelerator, count]);
}

function fits(gpu: CatalogueRow, machine: Machine | undefined): boolean {
  if (machine === undefined || gpu.count !== machine.facts.gpus) return false;
  // A3 Mega has H100s at a price of their own.
  const isMega = machine.type.startsWith('a3-megagpu');
  return (
    gpuKeyOf('gcp', gpu.accelerator) === machine.facts.gpu &&
    isMega === (gpu.accelerator === 'H100-MEGA')
  );
}

function attachable(card: ProviderCard | undefined, gpu: CatalogueRow): string | null {
  const key = gpuKeyOf('gcp', gpu.accelerator);
  return key !== null && card?.accelerators.has(key) ? key : null;
}

function add(a: string | null, b: string | null): string | null {
  return a === null || b === null ? null : decimalFromNanos(parseNanos(a) + parseNanos(b));
}
