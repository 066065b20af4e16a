import { describe, expect, it } from 'vitest';
import { billMachine } from '../../src/bill/machine-bill.ts';
import { wastedMicros, wastedShareOfMoney } from '../../src/bill/waste.ts';
import { aCell, aMachine, aRate, aRun, at } from './billable.ts';

const hour = 3_600_000;

describe('bills worked by hand', () => {
  it('g4dn.xlarge launched 10:00:00, watched :20 to :45 and stopped: the minimum is rounding', () => {
    // 45 s are billed as 60 s (AWS: per second, 60 s at least): 0.526 × 60 / 3600 = 0.0087667 -> 8767 micros.
    // To the end of the run 0.526 × 45 / 3600 = 0.006575 -> 6575; the minimum adds 8767 − 6575 = 2192.
    // 6575 by 20 s unobserved and 25 s watched: 2922.2 and 3652.8 -> 2922 and 3653.
    const start = at('10:00:00');
    const end = at('10:00:45');
    const machine = aMachine([aRun(start, end, { billedMs: 60_000 })], {
      'GPU-a': [aCell(start, end, { unobserved: 20_000, emptyIdle: 25_000, rounding: 15_000 })],
    });
    const { total } = billMachine(machine, aRate('0.526'));
    expect(total.billedMicros).toBe(8_767n);
    expect(total.byState).toMatchObject({
      unobserved: 2_922n,
      emptyIdle: 3_653n,
      rounding: 2_192n,
    });
  });

  it('n1-standard-4 with a T4 for 2 h 30 min: two parts, rounded once', () => {
    // Host 0.189999 × 2.5 = 0.4749975, GPU 0.35 × 2.5 = 0.875: together 1.3499975 -> 1.349998.
    const start = at('10:00:00');
    const end = at('12:30:00');
    const cells = [
      aCell(start, start + hour, { effective: hour }),
      aCell(start + hour, start + 2 * hour, { effective: hour }),
      aCell(start + 2 * hour, end, { effective: hour / 2 }),
    ];
    const machine = aMachine([aRun(start, end)], { 'GPU-a': cells });
    const bill = billMachine(machine, aRate(['0.189999', '0.35']));
    expect(bill.total.billedMicros).toBe(1_349_998n);
    expect(bill.gpus.get('GPU-a')?.cells.map((cell) => cell.billedMicros)).toEqual([
      539_999n,
      539_999n,
      270_000n,
    ]);
  });

  describe('p5.48xlarge for an hour from a container with two of its eight GPUs', () => {
    const start = at('10:00:00');
    const gpus = {
      'GPU-a': [aCell(start, start + hour, { effective: 0.8 * hour, underfilled: 0.2 * hour })],
      'GPU-b': [aCell(start, start + hour, { emptyIdle: hour })],
    };

    it('bills the whole machine, and divides waste by what was observed', () => {
      // 55.04 / 8 = 6.88 a GPU; hidden 6 × 6.88 = 41.28; effective 0.8 × 6.88 = 5.504;
      // wasted 0.2 × 6.88 + 6.88 = 8.256, which is 60 % of the 13.76 that were observed.
      const bill = billMachine(aMachine([aRun(start, start + hour)], gpus, 6), aRate('55.04'));
      expect(bill.total.billedMicros).toBe(55_040_000n);
      expect(bill.hidden.billedMicros).toBe(41_280_000n);
      expect(bill.total.byState.unobserved).toBe(41_280_000n);
      expect(bill.total.byState.effective).toBe(5_504_000n);
      expect(wastedMicros(bill.total).estimate).toBe(8_256_000n);
      expect(wastedShareOfMoney(bill.total)?.estimate).toBe(0.6);
      expect(bill.gpus.get('GPU-a')?.total.billedMicros).toBe(6_880_000n);
      expect(bill.gpus.get('GPU-b')?.total.billedMicros).toBe(6_880_000n);
    });

    it('bills only what is held where the price bills the allocation', () => {
      // 2 × 6.88 = 13.76 is the rate of the allocation.
      const rate = aRate('13.76', { bills: 'allocation' });
      const bill = billMachine(aMachine([aRun(start, start + hour)], gpus, 6), rate);
      expect(bill.total.billedMicros).toBe(13_760_000n);
      expect(bill.hidden.billedMicros).toBe(0n);
    });
  });

  it('g4dn.xlarge with runs of 20, 20 and 100 s: a minimum for each start', () => {
    // 0.526 × 60 / 3600 = 0.0087667 -> 8767, twice; 0.526 × 100 / 3600 = 0.0146111 -> 14611. Each run is rounded
    // once: 8767 + 8767 + 14611 = 32145. (Rounding only the sum, 0.526 × 220 / 3600, would give 32144.)
    // Without the minimum 20 s cost 0.526 × 20 / 3600 = 0.0029222 -> 2922, so rounding is 2 × (8767 − 2922) = 11690.
    const runs = [
      aRun(at('10:00:00'), at('10:00:20'), { billedMs: 60_000 }),
      aRun(at('10:02:00'), at('10:02:20'), { billedMs: 60_000 }),
      aRun(at('10:05:00'), at('10:06:40')),
    ];
    const cells = runs.map((run) => {
      const length = run.endMs - run.startMs;
      return aCell(run.startMs, run.endMs, { effective: length, rounding: run.billedMs - length });
    });
    const { total } = billMachine(aMachine(runs, { 'GPU-a': cells }), aRate('0.526'));
    expect(total.billedMicros).toBe(32_145n);
    expect(total.byState.rounding).toBe(11_690n);
    expect(total.byState.effective).toBe(2_922n + 2_922n + 14_611n);
  });

  it('one run of 400 s, no stop', () => {
    // 0.526 × 400 / 3600 = 0.0584444 -> 58444.
    const start = at('10:00:00');
    const machine = aMachine([aRun(start, start + 400_000)], {
      'GPU-a': [aCell(start, start + 400_000, { unobserved: 260_000, effective: 140_000 })],
    });
    const { total } = billMachine(machine, aRate('0.526'));
    expect(total.billedMicros).toBe(58_444n);
  });

  it('p5.4xlarge from 09:30 to 11:15 cut at 10:00 and 11:00: 3.44 + 6.88 + 1.72 = 12.04', () => {
    const cuts = ['09:30:00', '10:00:00', '11:00:00', '11:15:00'].map(at);
    const rate = aRate('6.88');
    const part = (from: number, until: number) =>
      billMachine(
        aMachine([aRun(from, until, { fullStartMs: at('09:30:00') })], {
          'GPU-a': [aCell(from, until, { effective: until - from })],
        }),
        rate,
      ).total.billedMicros;
    const parts = cuts.slice(1).map((until, index) => part(cuts[index] ?? 0, until));
    // 6.88 × 0.5 h, × 1 h, × 0.25 h; the whole is 6.88 × 1.75 = 12.04.
    expect(parts).toEqual([3_440_000n, 6_880_000n, 1_720_000n]);
    expect(parts.reduce((sum, micros) => sum + micros, 0n)).toBe(12_040_000n);
  });
});

describe('what each provider rounds to', () => {
  const oneRun = (price: string, seconds: number, billedSeconds: number) => {
    const start = at('10:00:00');
    const end = start + seconds * 1000;
    const run = aRun(start, end, { billedMs: billedSeconds * 1000 });
    const cell = aCell(start, end, {
      heldIdle: seconds * 1000,
      rounding: (billedSeconds - seconds) * 1000,
    });
    return billMachine(aMachine([run], { 'GPU-a': [cell] }), aRate(price)).total;
  };

  it('per minute: Lambda 8×H100 at 31.92, 10 min 1 s is 11 minutes', () => {
    // 31.92 × 11 / 60 = 5.852; to the run's end 31.92 × 601 / 3600 = 5.32886667 -> 5.328867.
    const total = oneRun('31.92', 601, 660);
    expect(total.billedMicros).toBe(5_852_000n);
    expect(total.byState.rounding).toBe(5_852_000n - 5_328_867n);
  });

  it('per hour: OCI BM.GPU.H100.8 at 80.00, 30 s cost the hour that a bare-metal start costs', () => {
    // 80 × 30 / 3600 = 0.66666667 -> 0.666667; the rest of 80.00 is the minimum.
    const total = oneRun('80', 30, 3600);
    expect(total.billedMicros).toBe(80_000_000n);
    expect(total.byState.heldIdle).toBe(666_667n);
  });
});

describe('apportioning', () => {
  const start = at('10:00:00');

  it('gives the odd micros of a machine to the GPUs that come first by UUID', () => {
    // 0.000011 over three GPUs: 4, 4, 3 micros; the hidden one comes last.
    const cell = aCell(start, start + hour, { effective: hour });
    const machine = aMachine([aRun(start, start + hour)], { 'GPU-b': [cell], 'GPU-a': [cell] }, 1);
    const bill = billMachine(machine, aRate('0.000011'));
    expect(bill.gpus.get('GPU-a')?.total.billedMicros).toBe(4n);
    expect(bill.gpus.get('GPU-b')?.total.billedMicros).toBe(4n);
    expect(bill.hidden.billedMicros).toBe(3n);
  });

  it('gives the effective band its part of the busy money', () => {
    // Busy 3000 s of 3600 s cost 3.00 of 3.60; low 1000 s is 1.00, high 2500 s is 2.50, the estimate 2000 s is 2.00.
    const cell = aCell(
      start,
      start + hour,
      { effective: 2_000_000, underfilled: 1_000_000, waiting: 600_000 },
      { low: 1_000_000, high: 2_500_000 },
    );
    const { total } = billMachine(
      aMachine([aRun(start, start + hour)], { 'GPU-a': [cell] }),
      aRate('3.6'),
    );
    expect(total.effectiveLowMicros).toBe(1_000_000n);
    expect(total.byState.effective).toBe(2_000_000n);
    expect(total.effectiveHighMicros).toBe(2_500_000n);
    // Wasted: 3.60 − 2.00 = 1.60; at least 3.60 − 2.50 = 1.10, at most 3.60 − 1.00 = 2.60.
    expect(wastedMicros(total)).toEqual({
      estimate: 1_600_000n,
      low: 1_100_000n,
      high: 2_600_000n,
    });
  });

  it('a reserved machine that stood still is unobserved money', () => {
    // 24.50 an hour, charged always: 24.50 × 2 = 49.00, none of it seen.
    const cells = [0, 1].map((n) =>
      aCell(start + n * hour, start + (n + 1) * hour, { unobserved: hour }),
    );
    const machine = aMachine([aRun(start, start + 2 * hour)], { 'GPU-a': cells });
    const { total } = billMachine(machine, aRate('24.50', { charged: 'always' }));
    expect(total.byState.unobserved).toBe(49_000_000n);
    expect(wastedShareOfMoney(total)).toBeNull();
  });

  it('a machine of which no GPU is known is billed all the same', () => {
    const { total, hidden } = billMachine(
      aMachine([aRun(start, start + hour)], {}),
      aRate('24.50'),
    );
    expect(total.byState.unobserved).toBe(24_500_000n);
    expect(hidden.billedMicros).toBe(24_500_000n);
  });

  it('a free machine costs nothing, and has no share of it', () => {
    const cell = aCell(start, start + hour, { emptyIdle: hour });
    const { total } = billMachine(
      aMachine([aRun(start, start + hour)], { 'GPU-a': [cell] }),
      aRate('0'),
    );
    expect(total.billedMicros).toBe(0n);
    expect(wastedShareOfMoney(total)).toBeNull();
  });
});

describe('broken usage', () => {
  const start = at('10:00:00');
  const cell = (from: number, until: number) => aCell(from, until, { effective: until - from });
  const run = [aRun(start, start + hour)];

  it.each([
    ['a hole between cells', [cell(start, start + 1000), cell(start + 2000, start + hour)]],
    ['a missing end', [cell(start, start + 1000)]],
    ['a cell beyond the run', [cell(start, start + hour), cell(start + hour, start + hour + 1)]],
    ['a cell over the end', [cell(start, start + hour + 1)]],
    ['states that do not add up', [aCell(start, start + hour, { effective: hour - 1 })]],
  ])('is refused: %s', (_name, cells) => {
    expect(() => billMachine(aMachine(run, { 'GPU-a': cells }), aRate('1'))).toThrow(/cell/);
  });
});
