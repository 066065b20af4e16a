import { describe, expect, it } from 'vitest';
import { adjustRate } from '../../src/bill/adjust.ts';
import type { MachineRate } from '../../src/bill/rate.ts';

const listed: MachineRate = {
  provider: 'aws',
  type: 'p5.48xlarge',
  region: 'us-east-1',
  purchase: 'on-demand',
  currency: 'USD',
  parts: [
    {
      name: 'machine',
      quantity: 1,
      unit: 'machine',
      perUnitHourNanos: 55_040_000_000n,
      perHourNanos: 55_040_000_000n,
      asOf: '2026-07-20',
      source: 'aws.yaml',
      confidence: 'high',
    },
  ],
  perHourNanos: 55_040_000_000n,
  bills: 'machine',
  gpuCount: 8,
  gpuShare: null,
  gpuKey: 'H100-SXM5-80GB',
  incrementMs: 1_000,
  minimumMs: 60_000,
  charged: 'while-allocated',
  ending: [],
  warnings: [],
};

const euro = { from: 'USD', to: 'EUR', rate: '0.9', asOf: '2026-11-01', source: 'ECB' };

describe('adjustRate', () => {
  it('takes a provider’s discounts off, each off what is left', () => {
    const rate = adjustRate(
      listed,
      [
        { provider: 'aws', share: '0.12', name: 'EDP' },
        { provider: 'gcp', share: '0.5', name: 'not ours' },
        { provider: 'aws', share: '0.10', name: 'private pricing' },
      ],
      [],
    );
    // 55.04 × 0.88 = 48.4352; × 0.90 = 43.59168
    expect(rate.perHourNanos).toBe(43_591_680_000n);
    expect(rate.parts.map((p) => [p.name, p.perHourNanos])).toEqual([
      ['machine', 55_040_000_000n],
      ['discount EDP', -6_604_800_000n],
      ['discount private pricing', -4_843_520_000n],
    ]);
  });

  it('converts every part at a dated rate, and says so', () => {
    const rate = adjustRate(listed, [{ provider: 'aws', share: '0.12', name: 'EDP' }], [euro]);
    // 55.04 × 0.9 = 49.536; 6.6048 × 0.9 = 5.94432
    expect(rate.currency).toBe('EUR');
    expect(rate.perHourNanos).toBe(43_591_680_000n);
    expect(rate.parts.map((p) => p.perHourNanos)).toEqual([49_536_000_000n, -5_944_320_000n]);
    expect(rate.warnings[0]?.message).toContain('2026-11-01');
  });

  it('leaves other providers and currencies alone', () => {
    const gbp = { ...euro, from: 'GBP' };
    expect(adjustRate(listed, [{ provider: 'oci', share: '0.5', name: 'x' }], [gbp])).toEqual(
      listed,
    );
  });
});
