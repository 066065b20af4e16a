import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decimalFromNanos } from '../../src/bill/money.ts';
import { parseNanos } from '../../src/rates/decimal.ts';
import { resolveRate } from '../../src/rates/resolve.ts';
import { cardOf, cardsOf, defaults } from './card-text.ts';

const nowMs = Date.parse('2026-02-01T00:00:00Z');
const amount = fc.bigInt({ min: 0n, max: 10n ** 14n }).map(decimalFromNanos);
const gpus = fc.oneof(fc.integer({ min: 1, max: 16 }).map(String), fc.constant('any'));

const price = fc
  .record(
    {
      per_hour: amount,
      per_gpu_hour: amount,
      per_vcpu_hour: amount,
      per_gib_hour: amount,
      units_per_hour: amount,
    },
    { requiredKeys: [] },
  )
  .filter((parts) => Object.keys(parts).length > 0);

const bills = fc.constantFrom('', ', bills: machine', ', bills: allocation');
const held = fc.record({
  visible: fc.integer({ min: 0, max: 16 }),
  vcpus: fc.integer({ min: 0, max: 512 }),
  memoryGib: fc.integer({ min: 0, max: 4096 }),
});

it('a decimal survives being read and written', () => {
  fc.assert(fc.property(amount, (text) => decimalFromNanos(parseNanos(text)) === text));
});

it('a rate is the sum of its parts, never negative, and never of what is not held', () => {
  fc.assert(
    fc.property(
      price,
      gpus,
      bills,
      held,
      (parts, count, billing, { visible, vcpus, memoryGib }) => {
        const figures = Object.entries(parts).map(([key, value]) => `${key}: ${value}`);
        const cards = cardsOf(
          cardOf(`${defaults}
units: { name: compute units, packs: [{ units: 7, price: 9.99 }], as_of: 2026-01-01, source: list }
machines: { box: { gpus: ${count}, vcpus: 64, prices: [{ ${figures.join(', ')}${billing} }] } }
`),
        );
        const query = { type: 'box', vcpus, memoryGib, atMs: nowMs, nowMs };
        const { rate } = resolveRate(cards, {
          ...query,
          visibleGpus: [{ key: 'T4', count: visible }],
        });
        if (rate === null) {
          // The only thing that can be missing: a share of a machine that is sold in any count.
          expect([count, rate]).toEqual(['any', null]);
          return;
        }
        expect(rate.perHourNanos).toBe(
          rate.parts.reduce((sum, part) => sum + part.perHourNanos, 0n),
        );
        expect(rate.parts).toHaveLength(figures.length);
        for (const part of rate.parts) {
          expect(part.perHourNanos).toBeGreaterThanOrEqual(0n);
          if (part.unit === 'GPU' && rate.bills === 'allocation')
            expect(part.quantity).toBe(visible);
          if (part.unit !== 'compute unit' && Number.isInteger(part.quantity)) {
            expect(part.perHourNanos).toBe(part.perUnitHourNanos * BigInt(part.quantity));
          }
        }
        // More GPUs held never cost less.
        const more = resolveRate(cards, {
          ...query,
          visibleGpus: [{ key: 'T4', count: visible + 1 }],
        }).rate;
        expect(more?.perHourNanos ?? 0n).toBeGreaterThanOrEqual(rate.perHourNanos);
      },
    ),
  );
});
