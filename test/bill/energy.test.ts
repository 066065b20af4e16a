import { describe, expect, it } from 'vitest';
import { withEnergy } from '../../src/bill/energy.ts';
import { billMachine } from '../../src/bill/machine-bill.ts';
import { aCell, aMachine, aRate, aRun, at } from './billable.ts';

const measured = (...watts: readonly (number | null)[]) =>
  watts.map((mean) => ({ powerW: mean === null ? null : { mean } }));

// 0.18 a kWh, PUE 1.35, 1,200 W beside the GPUs.
const energy = { perKwhNanos: 180_000_000n, pue: 1.35, hostWatts: 1200 };

describe('withEnergy', () => {
  it('adds measured watts by hand: 8 GPUs at 450 W', () => {
    // (8 × 450 + 1200) W = 4.8 kW; × 1.35 = 6.48 kW at the meter; × 0.18 = 1.1664 an hour.
    // The machine itself costs 10 an hour, so an hour is 11.1664.
    const rate = withEnergy(aRate('10', { energy }), measured(...Array<number>(8).fill(450)), 0);
    expect(rate.parts.at(-1)).toMatchObject({
      name: 'energy',
      unit: 'kWh',
      quantity: 6.48,
      perHourNanos: 1_166_400_000n,
    });
    expect(rate.perHourNanos).toBe(11_166_400_000n);
    // 6 % of the GPUs' part, 3.6 kW × 1.35 × 0.18 = 0.8748: 0.052488.
    expect(rate.warnings.at(-1)?.message).toContain('± USD 0.052488 an hour');

    const start = at('10:00:00');
    const cell = aCell(start, start + 3_600_000, { effective: 3_600_000 });
    const { total } = billMachine(
      aMachine([aRun(start, start + 3_600_000)], { 'GPU-a': [cell] }),
      rate,
    );
    expect(total.billedMicros).toBe(11_166_400n);
  });

  it('takes GPUs without a reading and hidden ones at the mean of the others', () => {
    // Two read 300 and 500 W, one does not say, one is hidden: 4 × 400 W + 1200 W = 2.8 kW.
    // 2.8 × 1.35 × 0.18 = 0.6804.
    const rate = withEnergy(aRate('0', { energy }), measured(300, 500, null), 1);
    expect(rate.perHourNanos).toBe(680_400_000n);
  });

  it('leaves energy out where no power was read, and says so', () => {
    const rate = withEnergy(aRate('10', { energy }), measured(null, null), 0);
    expect(rate.perHourNanos).toBe(10_000_000_000n);
    expect(rate.warnings.map(({ code }) => code)).toEqual(['energy-unknown']);
  });

  it('leaves other rates alone', () => {
    const rate = aRate('10');
    expect(withEnergy(rate, measured(450), 0)).toBe(rate);
  });
});
