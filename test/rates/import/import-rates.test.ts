import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { builtInCards } from '../../../src/rates/built-in.ts';
import { toProviderCard } from '../../../src/rates/card.ts';
import { importRates } from '../../../src/rates/import/import-rates.ts';
import type { ImportOptions } from '../../../src/rates/import/options.ts';
import { mergeCards } from '../../../src/rates/merge.ts';
import { parseCard } from '../../../src/rates/read-card.ts';

const cards = mergeCards(builtInCards());
const today = '2026-11-23';

function importFile(
  source: string,
  options: Partial<ImportOptions> & Pick<ImportOptions, 'format'>,
) {
  return importRates({ source, isNetworkAllowed: false, cards, ...options }, today);
}

/** The card's prices as `type region purchase figure`. */
function prices(card: string): readonly string[] {
  return Object.entries(parseCard(card, 'imported').machines).flatMap(([type, machine]) =>
    (machine.prices ?? []).map((price) =>
      [type, price.region, price.purchase, price.per_hour ?? price.per_gpu_hour].join(' '),
    ),
  );
}

async function message(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    return error instanceof UsageError ? error.message : `not a UsageError: ${String(error)}`;
  }
  return 'no error';
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('an Azure price list', () => {
  it('gives hourly Linux prices of NVIDIA machines, with the day from which each holds', async () => {
    const { card, tally } = await importFile(fixture('azure-retail.json'), {
      format: 'azure-retail',
    });
    expect(prices(card)).toEqual([
      'Standard_NC24ads_A100_v4 eastus on-demand 4.5',
      'Standard_NC24ads_A100_v4 eastus spot 0.9',
      'Standard_ND96isr_H100_v5 westus on-demand 7.25',
    ]);
    expect(card).toContain('per_hour: 4.5, as_of: 2026-05-01, source: import, confidence: medium');
    expect([tally.rowsRead, tally.rowsTaken, tally.rowsDropped]).toEqual([12, 3, 9]);
    expect(tally.summary()).toContain('dropped 1: spot equal to on-demand: a filler');
    expect(tally.summary()).toContain('dropped 1: Windows');
    expect(tally.summary()).toContain('dropped 1: low priority');
    expect(tally.summary()).toContain('dropped 1: Reservation: not a price by the hour on demand');
    expect(tally.summary()).toContain(
      'dropped 1: not of NVIDIA (Standard_ND96isr_MI300X_v5, westus)',
    );
    expect(tally.summary()).toContain('dropped 1: a price of 0');
    expect(tally.summary()).toContain(
      '"Standard_ND96isr_H100_v5  ": the name has blanks around it',
    );
  });

  it('is refused where it is something else', async () => {
    expect(
      await message(importFile(fixture('aws-pricelist.csv'), { format: 'azure-retail' })),
    ).toMatch(/expected JSON/);
  });
});

describe('an AWS price list', () => {
  it('gives shared Linux machines with GPUs, with the day of its publication', async () => {
    const { card, tally } = await importFile(fixture('aws-pricelist.csv'), {
      format: 'aws-pricelist',
    });
    expect(prices(card)).toEqual([
      'g5.xlarge us-east-1 on-demand 1.5',
      'g5.xlarge eu-west-1 on-demand 1.75',
      'p9.metal us-east-1 on-demand 99.123456789',
    ]);
    expect(card).toContain('as_of: 2026-10-01');
    expect(parseCard(card, 'imported').machines['p9.metal']).toMatchObject({
      gpus: 16,
      vcpus: 256,
      memory_gib: 4096,
    });
    // A machine that the built-in card knows keeps that card's facts.
    expect(parseCard(card, 'imported').machines['g5.xlarge']).not.toHaveProperty('gpus');
    expect([tally.rowsRead, tally.rowsTaken, tally.rowsDropped]).toEqual([12, 3, 9]);
    expect(tally.summary()).toContain('p9.metal: which GPUs it has, or how many, is not known');
    for (const reason of [
      'dedicated or host tenancy',
      'a capacity reservation',
      'sold as CapacityBlock',
      'not of NVIDIA',
      'no GPU',
      'not a machine',
      'a price of 0',
    ]) {
      expect(tally.countOf(reason)).toBe(1);
    }
  });

  it('is refused where it is something else', async () => {
    expect(
      await message(importFile(fixture('azure-retail.json'), { format: 'aws-pricelist' })),
    ).toMatch(/is not in the format aws-pricelist: the header row is missing$/);
  });
});

describe('a source that can not be had', () => {
  it.each([
    ['https://prices.example/list.csv', /the network may not be used$/],
    ['/nowhere/list.csv', /can't be read: ENOENT/],
  ])('%s', async (source, expected) => {
    expect(await message(importFile(source, { format: 'skypilot', provider: 'aws' }))).toMatch(
      expected,
    );
  });

  it('is not asked for over http', async () => {
    const options = { format: 'skypilot', provider: 'aws', isNetworkAllowed: true } as const;
    expect(await message(importFile('http://prices.example/list.csv', options))).toMatch(
      /expected an https address$/,
    );
  });
});

const raw = new URL('../../../../shared/prices/raw/', import.meta.url);
const rawFile = (name: string): string => fileURLToPath(new URL(name, raw));

describe.skipIf(!existsSync(raw))('catalogues as they are', () => {
  /** [file, rows, rows used] */
  const catalogues: readonly (readonly [string, number, number])[] = [
    ['skypilot_v6_azure_excerpt.csv', 46, 36],
    ['skypilot_v8_aws_excerpt.csv', 31, 27],
    ['skypilot_v8_gcp_excerpt.csv', 58, 23],
    ['skypilot_v8_lambda_excerpt.csv', 96, 79],
    ['skypilot_v8_nebius_gpu.csv', 22, 21],
    ['skypilot_v8_oci_excerpt.csv', 44, 38],
    ['skypilot_v8_runpod_excerpt.csv', 75, 25],
  ];

  it.each(catalogues)('%s: %i rows, %i used, and the card is valid', async (name, read, taken) => {
    const { card, tally } = await importFile(rawFile(name), { format: 'skypilot' });
    expect([tally.rowsRead, tally.rowsTaken]).toEqual([read, taken]);
    const merged = mergeCards([
      ...builtInCards(),
      toProviderCard(parseCard(card, 'imported'), 'imported'),
    ]);
    expect(merged.size).toBe(cards.size);
  });

  it('sees fillers in spot prices: equal to on-demand, or a tenth of it', async () => {
    const { card, tally } = await importFile(rawFile('skypilot_v8_aws_excerpt.csv'), {
      format: 'skypilot',
    });
    expect(tally.countOf('spot equal to on-demand: a filler')).toBe(3);
    expect(tally.countOf('spot exactly a tenth of on-demand: a filler')).toBe(2);
    expect(tally.countOf('not of NVIDIA')).toBe(1);
    expect(prices(card)).toContain('g5.2xlarge us-east-1 spot 0.4992');
    const lowest = await importFile(rawFile('skypilot_v8_aws_excerpt.csv'), {
      format: 'skypilot',
      spot: 'min',
    });
    expect(prices(lowest.card)).toContain('g5.2xlarge us-east-1 spot 0.4445');
  });

  it('adds up GCP’s VMs and GPUs, and leaves out GPUs of another product, TPUs and contradictions', async () => {
    const { card, tally } = await importFile(rawFile('skypilot_v8_gcp_excerpt.csv'), {
      format: 'skypilot',
    });
    // 0.73948 + 2.93391; the table of machines has 3.673385.
    expect(prices(card)).toContain('a2-highgpu-1g us-central1 on-demand 3.67339');
    expect(tally.countOf('a TPU')).toBe(2);
    // A100-80GB in europe-west4 and us-central1 (1 and 8), and H200 in europe-west1.
    expect(tally.countOf('spot above on-demand: one of the two is wrong')).toBe(4);
    // A100 asia-northeast1, H100 us-central1 (1 and 8), H100-MEGA asia-south1, H200 asia-south2.
    expect(tally.countOf('on-demand below 0.6 of the same GPU elsewhere: another product')).toBe(5);
    expect(prices(card).filter((line) => line.startsWith('a3-'))).toEqual([]);
    const { accelerators } = parseCard(card, 'imported');
    expect(accelerators?.['T4']?.prices[0]).toMatchObject({
      region: 'us-central1',
      per_gpu_hour: '0.35',
    });
    expect(accelerators?.['P100-PCIE-16GB']?.prices[0]).toMatchObject({ per_gpu_hour: '1.46' });
  });

  it('keeps 8 GPUs where Azure’s catalogue has 12, and drops empty prices and promotions', async () => {
    const { card, tally } = await importFile(rawFile('skypilot_v6_azure_excerpt.csv'), {
      format: 'skypilot',
    });
    expect(tally.summary()).toContain(
      'Standard_ND96isr_H100_v5: 12 GPUs in the catalogue, 8 on the card, which is kept',
    );
    expect(parseCard(card, 'imported').machines['Standard_ND96isr_H100_v5']).not.toHaveProperty(
      'gpus',
    );
    expect(prices(card)).not.toContainEqual(expect.stringMatching(/ND96isr_H100_v5 \w+ spot/));
    expect(tally.countOf('no price')).toBe(1);
    expect(tally.countOf('a promotion: a double of another type')).toBe(1);
  });

  it('joins the regions of providers with one list, and RunPod’s rows to a price per GPU', async () => {
    const oci = await importFile(rawFile('skypilot_v8_oci_excerpt.csv'), { format: 'skypilot' });
    expect(prices(oci.card)).toContain('BM.GPU.H100.8 any on-demand 80');
    const runpod = await importFile(rawFile('skypilot_v8_runpod_excerpt.csv'), {
      format: 'skypilot',
    });
    expect(prices(runpod.card)).toEqual([
      'a100-80gb any secure 1.64',
      'a100-80gb any secure-spot 0.82',
    ]);
  });

  it('doubts undated prices that are far from the card’s', async () => {
    const { tally } = await importFile(rawFile('skypilot_v8_lambda_excerpt.csv'), {
      format: 'skypilot',
    });
    expect(tally.summary()).toContain(
      'doubtful: gpu_8x_a100, any, on-demand: 10.32 without a date, 15.92 on the card of 2026-09-20',
    );
    // Not where the card's own price has no date either.
    expect(tally.summary()).not.toContain('gpu_8x_v100');
  });

  it('says that an empty template holds no price', async () => {
    expect(
      await message(importFile(rawFile('skypilot_v8_slurm_pricing.csv'), { format: 'skypilot' })),
    ).toMatch(/no price of a machine with NVIDIA GPUs was found$/);
  });

  it('reads any CSV whose columns are named', async () => {
    const columns = ['type=armSkuName', 'region=armRegionName', 'per_hour=retailPriceUsdPerHour'];
    const { card, tally } = await importFile(rawFile('azure_all_regions_gpu.csv'), {
      format: 'csv',
      provider: 'azure',
      columns,
      asOf: '2026-06-18',
    });
    expect([tally.rowsRead, tally.rowsTaken]).toEqual([1391, 1391]);
    expect(prices(card)).toContain('Standard_ND96isr_H100_v5 eastus on-demand 98.32');
  });
});
