import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustRate } from '../../src/bill/adjust.ts';
import { withEnergy } from '../../src/bill/energy.ts';
import { billMachine } from '../../src/bill/machine-bill.ts';
import { meanPerHourNanos, priceChanges } from '../../src/bill/price-periods.ts';
import type { MachineRate } from '../../src/bill/rate.ts';
import { aCell, aMachine, aRate, aRun, at } from './billable.ts';

const hour = 3_600_000;

/** A rate whose prices take over at times; the first is the one that the rate shows. */
function changing(
  prices: readonly (readonly [fromMs: number, perHour: string])[],
  more: Partial<MachineRate> = {},
): MachineRate {
  const pricePeriods = prices.map(([fromMs, price]) => ({ fromMs, rate: aRate(price, more) }));
  return { ...aRate(prices[0]?.[1] ?? '0', more), pricePeriods };
}

const bill = (rate: MachineRate, from: number, until: number, more: { billedMs?: number } = {}) => {
  const run = aRun(from, until, more);
  const rounding = run.billedMs - (until - from);
  const cell = aCell(from, until, { effective: until - from, rounding });
  return billMachine(aMachine([run], { 'GPU-a': [cell] }), rate).total;
};

describe('a price that changes at 10:00 from 6.88 to 5.00', () => {
  const [start, change, end] = [at('09:30:00'), at('10:00:00'), at('11:15:00')];
  const rate = changing([
    [start, '6.88'],
    [change, '5.00'],
  ]);

  it('bills 09:30 to 11:15 as 6.88 × 0.5 h + 5 × 1.25 h = 3.44 + 6.25 = 9.69', () => {
    expect(bill(rate, start, end).billedMicros).toBe(9_690_000n);
  });

  it('bills what lies before it, and up to it, at 6.88, and what lies after it at 5.00', () => {
    expect(bill(rate, start, change).billedMicros).toBe(3_440_000n);
    expect(bill(rate, change, end).billedMicros).toBe(6_250_000n);
  });

  it('rounds an hour up at the price of the period in which the run ends', () => {
    // Two hours are billed: 15 more minutes at 5.00 are 1.25. One that ends at 10:00 sharp has 30 more at 6.88: 3.44.
    const later = bill(rate, start, end, { billedMs: 2 * hour });
    expect([later.byState.effective, later.byState.rounding]).toEqual([9_690_000n, 1_250_000n]);
    const sharp = bill(rate, start, change, { billedMs: hour });
    expect([sharp.byState.effective, sharp.byState.rounding]).toEqual([3_440_000n, 3_440_000n]);
  });

  it('rounds each period half up once', () => {
    // 0.526 × 1800 s and 0.0000009 × 4500 s: 0.263 and 0.000001125 -> 263000 + 1 micros.
    const odd = changing([
      [start, '0.526'],
      [change, '0.0000009'],
    ]);
    expect(bill(odd, start, end).billedMicros).toBe(263_001n);
    // 1 ms of each at 1.80 and 1.80 an hour is half a micro twice: rounded up twice.
    const even = changing([
      [start, '1.8'],
      [change, '1.8'],
    ]);
    expect(bill(even, change - 1, change + 1).billedMicros).toBe(2n);
    expect(bill(aRate('1.8'), change - 1, change + 1).billedMicros).toBe(1n);
  });

  it('takes discounts off each price, and converts each', () => {
    // (3.44 + 6.25) × 0.9 × 0.5 = 4.3605.
    const off = [{ provider: 'aws', share: '0.10', name: 'EDP' }];
    const euro = [{ from: 'USD', to: 'EUR', rate: '0.5', asOf: '2026-11-01', source: 'test' }];
    const paid = adjustRate(rate, off, euro);
    expect(bill(paid, start, end)).toMatchObject({ billedMicros: 4_360_500n });
    expect(paid.currency).toBe('EUR');
  });

  it('adds measured energy to each price', () => {
    // 1 GPU at 800 W + 200 W = 1 kW at 0.20 a kWh for 1.75 h: 0.35 more.
    const energy = { perKwhNanos: 200_000_000n, pue: 1, hostWatts: 200 };
    const own = changing(
      [
        [start, '6.88'],
        [change, '5.00'],
      ],
      { energy },
    );
    const measured = withEnergy(own, [{ powerW: { mean: 800 } }], 0);
    expect(bill(measured, start, end).billedMicros).toBe(10_040_000n);
  });

  it('says when, from what and to what; not of a change before the billed time', () => {
    expect(priceChanges(rate, start)).toEqual([
      {
        code: 'price-changed',
        message:
          'aws/test.large: the price changes at 2026-11-23T10:00:00.000Z from 6.88 to 5 USD an hour; each is billed for its own time.',
      },
    ]);
    expect(priceChanges(rate, change)).toEqual([]);
    expect(priceChanges(aRate('6.88'), start)).toEqual([]);
  });

  it('has a mean price: 9.69 / 1.75 h = 5.537142857', () => {
    expect(meanPerHourNanos(rate, [{ startMs: start, endMs: end }])).toBe(5_537_142_857n);
    expect(meanPerHourNanos(rate, [{ startMs: change, endMs: end }])).toBe(5_000_000_000n);
    expect(meanPerHourNanos(rate, [])).toBe(6_880_000_000n);
    expect(meanPerHourNanos(aRate('6.88'), [])).toBe(6_880_000_000n);
  });
});

it('counts a cut run from the first price that is known', () => {
  // A run since 08:00, of which 10:30 to 11:00 is billed; the price is known since 10:00: 5.00 × 0.5 h.
  const rate = changing([[at('10:00:00'), '5.00']]);
  const [from, until] = [at('10:30:00'), at('11:00:00')];
  const cell = aCell(from, until, { effective: until - from });
  const run = aRun(from, until, { fullStartMs: at('08:00:00') });
  const { total } = billMachine(aMachine([run], { 'GPU-a': [cell] }), rate);
  expect(total.billedMicros).toBe(2_500_000n);
});

describe('for any prices, GPUs and cuts', () => {
  const start = at('09:17:23.456');
  const offset = fc.integer({ min: 0, max: 6 * hour });
  const aChangingRate = fc
    .array(fc.tuple(offset, fc.bigInt(0n, 10n ** 12n)), { minLength: 1, maxLength: 5 })
    .map((changes) => {
      const pricePeriods = changes
        .toSorted(([a], [b]) => a - b)
        .map(([ms, perHourNanos], index) => ({
          fromMs: index === 0 ? start : start + ms,
          rate: aRate('0', { perHourNanos }),
        }));
      return { ...aRate('0'), pricePeriods };
    });
  const roundingMs = fc.integer({ min: 0, max: hour });
  const gpuCount = fc.integer({ min: 0, max: 3 });

  /** The run from start to end, cut to a window; it is rounded where its own end lies inside. */
  function paid(
    rate: MachineRate,
    gpus: number,
    run: { readonly endMs: number; readonly roundingMs: number },
    window: { readonly startMs: number; readonly endMs: number },
  ): bigint[] {
    const startMs = Math.max(start, window.startMs);
    const endMs = Math.min(run.endMs, window.endMs);
    const rounding = run.endMs <= window.endMs ? run.roundingMs : 0;
    const cut = aRun(startMs, endMs, {
      fullStartMs: start,
      billedMs: endMs - startMs + rounding,
    });
    const length = endMs - startMs;
    const cells = [aCell(startMs, endMs, { effective: length, rounding })];
    const machine = aMachine(
      [cut],
      Object.fromEntries(Array.from({ length: gpus }, (_, i) => [`GPU-${i}`, cells])),
      2,
    );
    const { total, hidden, gpus: costs } = billMachine(machine, rate);
    const states = Object.values(total.byState).reduce((sum, micros) => sum + micros, 0n);
    expect(states).toBe(total.billedMicros);
    const each = Array.from(costs.values(), (cost) => cost.total.billedMicros);
    return [total.billedMicros, total.byState.rounding, hidden.billedMicros, ...each];
  }

  it('the parts of a run that is cut anywhere add up, for the machine and each GPU', () => {
    fc.assert(
      fc.property(
        aChangingRate,
        gpuCount,
        fc.integer({ min: 1, max: 6 * hour }),
        roundingMs,
        fc.array(fc.nat(10_000), { minLength: 1, maxLength: 4 }),
        (rate, gpus, lengthMs, rounding, shares) => {
          const run = { endMs: start + lengthMs, roundingMs: rounding };
          const inner = shares
            .map((share) => start + Math.floor((share * lengthMs) / 10_001))
            .filter((ms) => ms > start);
          const edges = [...new Set([start, ...inner, run.endMs])].sort((a, b) => a - b);
          const whole = paid(rate, gpus, run, { startMs: start, endMs: run.endMs });
          const parts = edges
            .slice(1)
            .map((endMs, i) => paid(rate, gpus, run, { startMs: edges[i] ?? 0, endMs }));
          const sums = whole.map((_, i) => parts.reduce((sum, part) => sum + (part[i] ?? 0n), 0n));
          expect(sums).toEqual(whole);
        },
      ),
    );
  });

  it('a run never gets cheaper as it goes on', () => {
    fc.assert(
      fc.property(aChangingRate, gpuCount, offset, offset, (rate, gpus, ms, more) => {
        const upTo = (endMs: number) =>
          paid(rate, gpus, { endMs, roundingMs: 0 }, { startMs: start, endMs });
        const after = upTo(start + ms + more);
        for (const [i, micros] of upTo(start + ms).entries()) {
          expect(after[i]).toBeGreaterThanOrEqual(micros);
        }
      }),
    );
  });
});
