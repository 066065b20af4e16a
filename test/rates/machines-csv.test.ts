import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInCards, builtInGpus } from '../../src/rates/built-in.ts';
import { parseNanos } from '../../src/rates/decimal.ts';
import { identifyGpu } from '../../src/rates/gpus.ts';
import { mergeCards } from '../../src/rates/merge.ts';
import { resolveRate } from '../../src/rates/resolve.ts';

const table = new URL('../../../shared/prices/machines.csv', import.meta.url);
const nowMs = Date.parse('2026-11-23T00:00:00Z');

/** [provider, type as the table has it, type on the card, region, purchase, visible GPUs] */
const machines: readonly (readonly [string, string, string, string, string, string, number])[] = [
  ['aws', 'p5.48xlarge', 'p5.48xlarge', 'us-east-1', 'on-demand', 'H100-SXM5-80GB', 8],
  ['aws', 'g4dn.xlarge', 'g4dn.xlarge', 'us-east-1', 'on-demand', 'T4', 1],
  ['aws', 'g6f.large', 'g6f.large', 'us-east-1', 'on-demand', 'L4', 1],
  ['gcp', 'a3-highgpu-8g', 'a3-highgpu-8g', 'us-central1', 'on-demand', 'H100-SXM5-80GB', 8],
  ['gcp', 'g2-standard-48', 'g2-standard-48', 'us-central1', 'on-demand', 'L4', 4],
  ['gcp', 'n1-standard-4+nvidia-tesla-t4x1', 'n1-standard-4', 'us-central1', 'on-demand', 'T4', 1],
  [
    'gcp',
    'n1-standard-16+nvidia-tesla-p100x1',
    'n1-standard-16',
    'us-central1',
    'on-demand',
    'P100-PCIE-16GB',
    1,
  ],
  [
    'azure',
    'Standard_ND96isr_H100_v5',
    'Standard_ND96isr_H100_v5',
    'eastus',
    'on-demand',
    'H100-SXM5-80GB',
    8,
  ],
  ['azure', 'Standard_NV6ads_A10_v5', 'Standard_NV6ads_A10_v5', 'eastus', 'on-demand', 'A10', 1],
  ['oci', 'BM.GPU.H100.8', 'BM.GPU.H100.8', 'any', 'on-demand', 'H100-SXM5-80GB', 8],
  ['lambda', 'gpu_8x_h100_sxm5', 'gpu_8x_h100_sxm5', 'any', 'on-demand', 'H100-SXM5-80GB', 8],
  ['runpod', '1x_H100-SXM_SECURE', 'h100-sxm', 'any', 'secure', 'H100-SXM5-80GB', 1],
  ['coreweave', 'gd-8xh100ib-i128', 'gd-8xh100ib-i128', 'any', 'on-demand', 'H100-SXM5-80GB', 8],
  ['hyperstack', 'n3-H200-SXM (per GPU)', 'n3-H200-SXM', 'any', 'on-demand', 'H200-SXM-141GB', 1],
  ['colab', 'colab-a100', 'colab-a100', 'any', 'pay-as-you-go', 'A100-SXM4-40GB', 1],
  ['vast', 'market/H100 SXM', 'h100-sxm', 'any', 'marketplace', 'H100-SXM5-80GB', 1],
];

describe.skipIf(!existsSync(table))('one hour of a machine', () => {
  const rows = existsSync(table) ? readFileSync(table, 'utf8').split('\n') : [];

  it.each(machines)(
    '%s %s costs what its table says',
    (provider, listed, type, region, purchase, key, count) => {
      const row = rows.find((line) => line.startsWith(`${provider},${listed},`)) ?? '';
      const dollars = row.split(',')[8] ?? '';
      const { rate } = resolveRate(mergeCards(builtInCards()), {
        provider,
        type,
        region,
        purchase,
        visibleGpus: [{ key, count }],
        atMs: nowMs,
        nowMs,
      });
      const difference = (rate?.perHourNanos ?? 0n) - parseNanos(dollars);
      // To the hundredth of a cent: Colab's row is rounded to four places.
      expect(difference < 0n ? -difference : difference).toBeLessThanOrEqual(50_000n);
      expect(rate?.warnings.map(({ code }) => code)).not.toContain('gpu-differs');
    },
  );

  it('is on a card for every NVIDIA machine of the providers that have one', () => {
    const cards = mergeCards(builtInCards());
    const missing = rows.slice(1).flatMap((line) => {
      const [provider = '', type = '', key = ''] = line.split(',');
      const card = cards.get(provider);
      if (card === undefined || key.startsWith('AMD-') || key.startsWith('INTEL-')) return [];
      const plain = type
        .replace(/\+.*$/, '')
        .replace(/^market\//, '')
        .replace(/\.?\s*\(per GPU\)$/, '')
        .replace(/^1x_(.*)_(?:SECURE|COMMUNITY)$/, '$1');
      const names = [plain, plain.toLowerCase().replaceAll(' ', '-')];
      return names.some((name) => card.machines.has(name)) ? [] : [`${provider}/${type}`];
    });
    expect(missing).toEqual([]);
  });
});

const lists = new URL('../../../shared/nvidia-smi/list/', import.meta.url);

describe.skipIf(!existsSync(lists))('names that nvidia-smi -L printed', () => {
  it('are known, but for desktop cards that nobody rents', () => {
    const names = readdirSync(lists).flatMap((file) =>
      [...readFileSync(new URL(file, lists), 'utf8').matchAll(/^GPU \d+: (.+?) \(UUID/gm)].map(
        (match) => match[1] ?? '',
      ),
    );
    expect(names.length).toBeGreaterThan(5);
    const unknown = names.filter((name) => identifyGpu(builtInGpus(), name, null) === null);
    expect(unknown.filter((name) => !/GeForce (?:GTX|RTX [24]080)/.test(name))).toEqual([]);
  });
});
