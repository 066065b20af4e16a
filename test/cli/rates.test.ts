import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ratesCheck, ratesImport, ratesList, ratesShow } from '../../src/cli/rates.ts';
import { UsageError } from '../../src/errors.ts';
import type { Offer } from '../../src/rates/offers.ts';

const nowMs = Date.parse('2026-11-23T00:00:00Z');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpucost-rates-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function output(run: (write: (text: string) => Promise<void>) => Promise<number>) {
  let text = '';
  const exitCode = await run(async (more) => {
    text += more;
  });
  expect(exitCode).toBe(0);
  return text;
}

async function offers(
  options: Omit<Parameters<typeof ratesList>[0], 'nowMs' | 'json'>,
): Promise<Offer[]> {
  const text = await output((write) => ratesList({ ...options, nowMs, json: true }, write));
  // What was printed is the list itself.
  return JSON.parse(text) as Offer[];
}

describe('rates list', () => {
  it('fits into 100 columns and explains its signs', async () => {
    const text = await output((write) => ratesList({ nowMs, all: true, isTerminal: true }, write));
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.length).toBeGreaterThan(200);
    expect(text).toContain('! older than 90 days, or without a date.');
  });

  it('gives programs whole names', async () => {
    const text = await output((write) => ratesList({ nowMs, all: true }, write));
    expect(text).not.toContain('…');
    const names = (await offers({})).map(({ provider, type }) => `${provider}/${type}`);
    expect(Math.max(...names.map((name) => name.length))).toBeGreaterThan(29);
    for (const name of names) expect(text).toContain(`${name} `);
  });

  it('filters by provider, GPU, purchase and price', async () => {
    const found = await offers({
      provider: 'aws',
      gpu: 'h100',
      purchase: 'on-demand',
      maxPrice: 50,
    });
    expect(found.map(({ type, perHour }) => [type, perHour])).toEqual([['p5.4xlarge', 6.88]]);
    expect(await offers({ gpu: 'A100', maxGpuPrice: 1.5 })).not.toEqual([]);
    for (const offer of await offers({ gpu: 'A100', maxGpuPrice: 1.5 })) {
      expect(offer.gpu).toContain('A100');
      expect(offer.perGpuHour).toBeLessThanOrEqual(1.5);
    }
  });

  it('takes a whole GPU name as that GPU alone', async () => {
    expect(new Set((await offers({ gpu: 'NVIDIA L4' })).map(({ gpu }) => gpu))).toEqual(
      new Set(['L4']),
    );
  });

  it.each([
    ['gpu-hour', 'perGpuHour'],
    ['tflop', 'perTflopHour'],
    ['gb', 'perGibHour'],
    ['hour', 'perHour'],
  ] as const)('sorts by %s, unknown figures last', async (sort, key) => {
    const values = (await offers({ sort })).map((offer) => offer[key] ?? Number.POSITIVE_INFINITY);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  it('compares a whole GPU: 1/8 L4 at 0.202 is 1.616 per GPU-hour, 0.0673 per GiB', async () => {
    const [offer] = (await offers({ provider: 'aws' })).filter(({ type }) => type === 'g6f.large');
    expect(offer).toMatchObject({
      gpus: 0.125,
      perHour: 0.202,
      perGpuHour: 1.616,
      isStale: true,
      ageDays: 126,
    });
    expect(offer?.perGibHour).toBeCloseTo(1.616 / 24, 9);
    expect(offer?.perTflopHour).toBeCloseTo(1.616 / 121, 9);
  });

  it('shows other regions where asked', async () => {
    const [here] = await offers({ provider: 'azure', gpu: 'A100-PCIE-80GB', region: 'westeurope' });
    expect(here?.region).toBe('westeurope');
    expect((await offers({ provider: 'azure', region: 'all' })).length).toBeGreaterThan(1_000);
  });

  it('refuses a provider that has no card', async () => {
    await expect(ratesList({ nowMs, provider: 'nobody' }, async () => undefined)).rejects.toThrow(
      UsageError,
    );
  });
});

describe('rates show', () => {
  it('shows prices, sources and what ends the bill', async () => {
    expect(
      await output((write) => ratesShow('aws/p5.48xlarge', { nowMs }, write)),
    ).toMatchInlineSnapshot(`
      "aws/p5.48xlarge: 8 H100-SXM5-80GB, 192 vCPUs, 2048 GiB
      billed in steps of 1s, at least 60s

      region     bought          USD per hour  as of        age  confidence  source
      us-east-1  on-demand              55.04  2026-07-20  126!  high        [1]
      us-east-1  capacity-block     not known  not known     !?  none        [1]

      [1] aws.yaml: https://github.com/aws/karpenter-provider-aws, read 2026-11-23

      What ends the bill:
        stop, or shut down in the guest: the bill ends, disks and addresses stay on it
        terminate: the bill ends
        reboot: the bill goes on (the minimum does not begin again)
      "
    `);
  });

  it('shows what a card of your own says', async () => {
    const rates = [
      fileURLToPath(new URL('../../rates/examples/reserved-aws.yaml', import.meta.url)),
    ];
    const text = await output((write) => ratesShow('p5.48xlarge', { nowMs, rates }, write));
    expect(text).toMatch(/us-east-1\s+reserved\s+24\.50\s+2026-01-01/);
    expect(text).toContain('reserved-aws.yaml: reservation 4711');
  });

  it.each([
    [
      'on-premises.yaml',
      'dgx-rack-3',
      'any, own, an hour: EUR 280000 − 28000 over 4y + 12000 a year for staff',
    ],
    [
      'slurm-site.yaml',
      'mixed',
      'any, site, an hour: 0.60 a GPU + 0.01 a vCPU + 0.001 a GiB of memory',
    ],
  ])('shows what the price of %s is made of', async (file, type, line) => {
    const rates = [fileURLToPath(new URL(`../../rates/examples/${file}`, import.meta.url))];
    expect(await output((write) => ratesShow(type, { nowMs, rates }, write))).toContain(line);
  });

  it('refuses an unknown type with the nearest one', async () => {
    await expect(ratesShow('p5.48xlagre', { nowMs }, async () => undefined)).rejects.toThrow(
      'unknown machine type "p5.48xlagre": did you mean aws/p5.48xlarge',
    );
  });
});

describe('rates check', () => {
  it('says what a card holds, and what may not be meant', async () => {
    const path = join(folder, 'mine.yaml');
    await writeFile(
      path,
      `schema: gpucost.rates/1
provider: mine
currency: EUR
sources: { list: { note: made up, read: 2026-01-01 } }
defaults: { region: any, purchase: site, as_of: 2026-01-01, source: list, confidence: high }
machines:
  box: { gpu: H100-SXM5-80BG, gpus: 8, prices: [{ per_hour: 20 }] }
  bare: { gpus: 1 }
`,
    );
    expect(await output((write) => ratesCheck([path], { nowMs }, write))).toBe(
      [
        `${path}: ok: mine, 2 machines, 1 prices`,
        `${path}: machines.box.gpu: "H100-SXM5-80BG" is not in the GPU table; did you mean H100-SXM5-80GB?`,
        `${path}: machines.box: its oldest price is 326 days old`,
        `${path}: machines.bare: no price`,
        '',
      ].join('\n'),
    );
  });

  it('tells the problems of all files', async () => {
    const paths = ['a.yaml', 'b.yaml'].map((name) => join(folder, name));
    for (const path of paths) await writeFile(path, 'schema: gpucost.rates/1\n');
    const error: unknown = await ratesCheck(paths, { nowMs }, async () => undefined).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error instanceof UsageError ? error.message.split('\n') : []).toHaveLength(8);
  });
});

describe('rates import', () => {
  it('writes a card that can be laid over the built-in one, and says what was dropped', async () => {
    const source = fileURLToPath(
      new URL('../rates/import/fixtures/aws-pricelist.csv', import.meta.url),
    );
    const said: string[] = [];
    const card = await output((write) =>
      ratesImport(
        source,
        { from: 'aws-pricelist', nowMs, isNetworkAllowed: false },
        write,
        (text) => said.push(text),
      ),
    );
    expect(said.join('')).toMatch(/^12 rows read, 3 used, 9 not used\n/);
    const path = join(folder, 'imported.yaml');
    await writeFile(path, card);
    const text = await output((write) =>
      ratesShow('aws/g5.xlarge', { nowMs, rates: [path] }, write),
    );
    expect(text).toMatch(/eu-west-1\s+on-demand\s+1\.75/);
    expect(text).toContain('1 A10G');
  });
});
