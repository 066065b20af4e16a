import type { Cells } from './csv-rows.ts';
import { gpuKeyOf } from './gpu-keys.ts';
import { type Imported, type MachineFacts, type PriceRow, plainPrice } from './price-row.ts';
import type { Tally } from './tally.ts';

/** SkyPilot's pricing.csv of a site: prices of a vCPU, a GB and an accelerator by region and zone, filled in by hand. */
export async function readSlurm(lines: AsyncIterable<Cells>, tally: Tally): Promise<Imported> {
  const rows: PriceRow[] = [];
  const facts = new Map<string, MachineFacts>();
  for await (const cells of lines) {
    tally.rowsRead += 1;
    const accelerator = cells('AcceleratorName');
    const gpu = plainPrice(cells('PricePerAccelerator'));
    if (accelerator === '' || gpu === null) {
      tally.dropRow('a template row without an accelerator', 'AcceleratorName is empty');
      continue;
    }
    const type = accelerator.toLowerCase();
    const place = [cells('Region'), cells('Zone')].filter((name) => name !== '').join('/');
    const common = {
      type,
      region: place === '' ? 'any' : place,
      purchase: 'site',
      asOf: null,
      doubt: null,
    };
    rows.push({ ...common, part: 'per_gpu_hour', price: gpu });
    const vcpu = plainPrice(cells('PricePerVCPU'));
    const gib = plainPrice(cells('PricePerMemoryGB'));
    if (vcpu !== null && vcpu !== '0') rows.push({ ...common, part: 'per_vcpu_hour', price: vcpu });
    if (gib !== null && gib !== '0') rows.push({ ...common, part: 'per_gib_hour', price: gib });
    facts.set(type, {
      gpu: gpuKeyOf('slurm', accelerator),
      gpus: 'any',
      vcpus: null,
      memoryGib: null,
    });
  }
  return { provider: 'slurm', currency: 'USD', rows, facts, accelerators: [] };
}
