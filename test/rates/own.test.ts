import { describe, expect, it } from 'vitest';
import { decimalFromNanos } from '../../src/bill/money.ts';
import { ownHourNanos } from '../../src/rates/own.ts';
import { resolveRate } from '../../src/rates/resolve.ts';
import { cardOf, cardsOf } from './card-text.ts';

const nowMs = Date.parse('2026-02-01T00:00:00Z');

describe('a machine of your own', () => {
  it('costs (280000 − 28000) / 4 years + 27000 a year, over 8,766 h: 90000 / 8766 = 10.266940452', () => {
    const own = {
      purchase_price: '280000',
      residual: '28000',
      lifetime: '4y',
      per_year: { staff: '12000', hosting: '6000', support: '9000' },
    };
    expect(decimalFromNanos(ownHourNanos(own))).toBe('10.266940452');
  });

  it('is one part, charged for the calendar, with energy apart', () => {
    const cards = cardsOf(
      cardOf(`machines:
  rack:
    gpus: 8
    prices:
      - purchase: own
        region: any
        own: { purchase_price: 8766, lifetime: 1y, energy: { per_kwh: 0.18, pue: 1.35, host_watts: 1200 } }
        billing: { charged: always }
        as_of: 2026-01-01
        source: list
        confidence: high
`),
    );
    const { rate } = resolveRate(cards, { type: 'rack', atMs: nowMs, nowMs });
    expect(rate).toMatchObject({
      charged: 'always',
      perHourNanos: 1_000_000_000n,
      energy: { perKwhNanos: 180_000_000n, pue: 1.35, hostWatts: 1200 },
    });
    expect(rate?.warnings.map(({ code }) => code)).toEqual(['rate-energy']);
    expect(rate?.parts.map(({ name }) => name)).toEqual(['depreciation and yearly costs']);
  });
});
