import { UsageError } from '../../errors.ts';
import { spotFault } from './checks.ts';
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

/** Our columns of a plain CSV; `type` and a price are needed. */
export const plainColumns = [
  'type',
  'region',
  'purchase',
  'per_hour',
  'per_gpu_hour',
  'spot_per_hour',
  'gpu',
  'gpus',
  'vcpus',
  'memory_gib',
  'as_of',
] as const;

/** Prices of any CSV with a header: its columns are ours, or are named by `--columns`. */
export async function readPlainCsv(
  lines: AsyncIterable<Cells>,
  options: ImportOptions,
  tally: Tally,
): Promise<Imported> {
  const { provider } = options;
  if (provider === undefined) {
    throw new UsageError('a plain CSV does not say whose prices it holds', {
      hint: 'Pass --provider.',
    });
  }
  const column = columnNames(options.columns ?? []);
  const rows: PriceRow[] = [];
  const facts = new Map<string, MachineFacts>();
  for await (const cells of lines) {
    tally.rowsRead += 1;
    const read = (name: string): string => cells(column.get(name) ?? name);
    const type = read('type');
    const region = read('region') === '' ? 'any' : read('region');
    const label = `${type}, ${region}`;
    const hourly = plainPrice(read('per_hour'));
    const perGpu = plainPrice(read('per_gpu_hour'));
    const spot = plainPrice(read('spot_per_hour'));
    if (type === '' || (hourly ?? perGpu ?? spot) === null) {
      tally.dropRow(type === '' ? 'no machine type' : 'no price', label);
      continue;
    }
    const asOf = /^\d{4}-\d{2}-\d{2}$/.exec(read('as_of'))?.[0] ?? null;
    const purchase = read('purchase') === '' ? 'on-demand' : read('purchase');
    const common = { type, region, asOf, doubt: null };
    if (hourly !== null) rows.push({ ...common, purchase, part: 'per_hour', price: hourly });
    if (perGpu !== null) rows.push({ ...common, purchase, part: 'per_gpu_hour', price: perGpu });
    if (spot !== null) {
      const fault = spotFault(spot, hourly);
      if (fault === null) rows.push({ ...common, purchase: 'spot', part: 'per_hour', price: spot });
      else tally.dropFigure(fault, `${label}: ${spot} against ${hourly}`);
    }
    const gpus = cellNumber(read('gpus'));
    if (gpus !== null && !Number.isInteger(gpus))
      tally.flag(`${label}: ${gpus} GPUs is a part of one: say share on the card`);
    facts.set(type, {
      gpu: read('gpu') === '' ? null : read('gpu'),
      gpus:
        gpus !== null && Number.isInteger(gpus) && gpus > 0 ? gpus : perGpu === null ? null : 'any',
      vcpus: cellNumber(read('vcpus')),
      memoryGib: cellNumber(read('memory_gib')),
    });
  }
  return { provider, currency: options.currency ?? 'USD', rows, facts, accelerators: [] };
}

function columnNames(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [ours = '', ...theirs] = pair.split('=');
      if (plainColumns.some((name) => name === ours) && theirs.length > 0)
        return [ours, theirs.join('=')];
      throw new UsageError(`--columns: expected name=column, got "${pair}"`, {
        hint: `Names: ${plainColumns.join(', ')}.`,
      });
    }),
  );
}
