import { describe, expect, it } from 'vitest';
import { decimalFromNanos } from '../../src/bill/money.ts';
import { mergeCards } from '../../src/rates/merge.ts';
import { resolveRate } from '../../src/rates/resolve.ts';
import { cardOf, defaults } from './card-text.ts';

const nowMs = Date.parse('2026-02-01T00:00:00Z');
const builtIn = cardOf(
  `${defaults}
billing: { increment: 1s, minimum: 60s }
ending: [{ action: stop, compute: ends }]
machines:
  node: { gpu: H100-SXM5-80GB, gpus: 8, vcpus: 192, prices: [{ per_hour: 55.04 }, { purchase: spot, per_hour: 20 }] }
`,
  { file: 'built-in.yaml' },
);

function price(cards: Parameters<typeof mergeCards>[0], purchase: string) {
  const { rate } = resolveRate(mergeCards(cards), { type: 'node', purchase, atMs: nowMs, nowMs });
  if (rate === null) throw new Error('no rate');
  return rate;
}

describe('merging cards', () => {
  const contract = cardOf(
    `machines:
  node:
    vcpus: 96
    prices:
      - { purchase: reserved, region: any, per_hour: 24.50, billing: { charged: always }, as_of: 2026-01-01, source: list, confidence: high }
      - { purchase: spot, region: any, per_hour: 18, as_of: 2026-01-01, source: list, confidence: high }
`,
    { file: 'contract.yaml' },
  );

  it('adds a price and keeps the facts and terms of the machine', () => {
    const rate = price([builtIn, contract], 'reserved');
    expect(decimalFromNanos(rate.perHourNanos)).toBe('24.5');
    expect(rate).toMatchObject({
      gpuCount: 8,
      incrementMs: 1_000,
      minimumMs: 60_000,
      charged: 'always',
    });
    expect(rate.ending).toHaveLength(1);
    expect(rate.parts[0]?.source).toBe('contract.yaml: made up, read 2026-01-01');
  });

  it('replaces the price of the same region and purchase, and leaves the others', () => {
    expect(decimalFromNanos(price([builtIn, contract], 'spot').perHourNanos)).toBe('18');
    expect(decimalFromNanos(price([builtIn, contract], 'on-demand').perHourNanos)).toBe('55.04');
    expect(decimalFromNanos(price([contract, builtIn], 'spot').perHourNanos)).toBe('20');
  });

  it('refuses two currencies for one provider', () => {
    const euro = cardOf(`${defaults}\nmachines: { node: { prices: [{ per_hour: 50 }] } }\n`, {
      currency: 'EUR',
      file: 'euro.yaml',
    });
    expect(() => mergeCards([builtIn, euro])).toThrow(
      'euro.yaml: currency: expected USD as in built-in.yaml, got EUR',
    );
  });
});
