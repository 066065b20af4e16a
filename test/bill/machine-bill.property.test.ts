import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostMicros, MachineBill } from '../../src/bill/bill.ts';
import { type BillableMachine, billMachine } from '../../src/bill/machine-bill.ts';
import { microsOf } from '../../src/bill/money.ts';
import { wastedMicros, wastedMs, wastedShareOfMoney } from '../../src/bill/waste.ts';
import { states } from '../../src/usage/states.ts';
import type { Cell, Run } from '../../src/usage/usage.ts';
import { aCell, aMachine, aRate, aRun, at } from './billable.ts';

const hour = 3_600_000;

/** Two integers below 2^31 decide how a stretch of a GPU divides into states; the same seed, the same division. */
function splitOf(lengthMs: number, seed: number): Record<string, number> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  const split: Record<string, number> = {};
  let left = lengthMs;
  for (const name of states.filter((s) => s !== 'rounding' && s !== 'unobserved')) {
    const ms = next() % 3 === 0 ? 0 : next() % (left + 1);
    split[name] = ms;
    left -= ms;
  }
  split['unobserved'] = left;
  return split;
}

/** Cells of a run, cut at clock hours, with its rounding in the last. */
function cellsOf(run: Run, seed: number): Cell[] {
  const cells: Cell[] = [];
  let from = run.startMs;
  do {
    const until = Math.min(run.endMs, (Math.floor(from / hour) + 1) * hour);
    const rounding = until === run.endMs ? run.billedMs - (run.endMs - run.startMs) : 0;
    const split = splitOf(until - from, seed + cells.length * 7919);
    const effective = split['effective'] ?? 0;
    const busy = effective + (split['underfilled'] ?? 0) + (split['throttled'] ?? 0);
    cells.push(
      aCell(
        from,
        until,
        { ...split, rounding },
        { low: seed % (effective + 1), high: effective + (seed % (busy - effective + 1)) },
      ),
    );
    from = until;
  } while (from < run.endMs);
  return cells;
}

const aRunShape = fc.record({
  pauseMs: fc.integer({ min: 0, max: 2 * hour }),
  lengthMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5 * hour })),
  roundingMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: hour })),
});

const aUsage = fc
  .record({
    shapes: fc.array(aRunShape, { minLength: 1, maxLength: 4 }),
    seeds: fc.array(fc.nat(2 ** 31 - 1), { maxLength: 4 }),
    hiddenGpus: fc.nat(3),
  })
  .map(({ shapes, seeds, hiddenGpus }): BillableMachine => {
    const runs: Run[] = [];
    let now = at('09:17:23.456');
    for (const { pauseMs, lengthMs, roundingMs } of shapes) {
      now += pauseMs;
      runs.push(aRun(now, now + lengthMs, { billedMs: lengthMs + roundingMs }));
      now += lengthMs;
    }
    const gpus = seeds.map((seed, index): [string, Cell[]] => [
      `GPU-${index}`,
      runs.flatMap((run, place) => cellsOf(run, seed + place)),
    ]);
    return aMachine(runs, Object.fromEntries(gpus), hiddenGpus);
  });

const aPrice = fc
  .oneof(fc.bigInt(0n, 10n ** 4n), fc.bigInt(0n, 10n ** 12n))
  .map((nanos) => aRate('0', { perHourNanos: nanos }));

/** The machine cut to a window: runs, and cells with states dealt anew inside the part that is left. */
function cut(machine: BillableMachine, since: number, until: number): BillableMachine {
  const runs = machine.runs
    .filter((run) => run.startMs < until && run.endMs >= since && owns(run, since, until))
    .map((run) => {
      const startMs = Math.max(run.startMs, since);
      const endMs = Math.min(run.endMs, until);
      const rounding = run.endMs <= until ? run.billedMs - (run.endMs - run.startMs) : 0;
      return { ...run, startMs, endMs, billedMs: endMs - startMs + rounding };
    });
  const gpus = machine.gpus.map(({ identity }, index): [string, Cell[]] => [
    identity.id,
    runs.flatMap((run) => cellsOf(run, index)),
  ]);
  return aMachine(runs, Object.fromEntries(gpus), machine.hiddenGpus);
}

/** A run of no length, or one that ends where the window starts, belongs to the window before. */
function owns(run: Run, since: number, until: number): boolean {
  return run.endMs > since || (run.startMs === run.endMs && run.startMs >= since && since < until);
}

function expectSound(cost: CostMicros): void {
  const sum = states.reduce((total, state) => total + cost.byState[state], 0n);
  expect(sum).toBe(cost.billedMicros);
  for (const state of states) expect(cost.byState[state]).toBeGreaterThanOrEqual(0n);
  const { effective, underfilled, throttled } = cost.byState;
  expect(cost.effectiveLowMicros).toBeLessThanOrEqual(effective);
  expect(cost.effectiveHighMicros).toBeGreaterThanOrEqual(effective);
  expect(cost.effectiveHighMicros).toBeLessThanOrEqual(effective + underfilled + throttled);
  expect(cost.effectiveLowMicros).toBeGreaterThanOrEqual(0n);

  const wasted = wastedMicros(cost);
  expect(wasted.low).toBeGreaterThanOrEqual(0n);
  expect(wasted.low).toBeLessThanOrEqual(wasted.estimate);
  expect(wasted.estimate).toBeLessThanOrEqual(wasted.high);
  const share = wastedShareOfMoney(cost);
  if (share !== null) expect(share.low >= 0 && share.high <= 1).toBe(true);
}

const totals = (bill: MachineBill) => ({
  machine: bill.total.billedMicros,
  rounding: bill.total.byState.rounding,
  hidden: bill.hidden.billedMicros,
  gpus: [...bill.gpus.values()].map((gpu) => gpu.total.billedMicros),
});

describe('for any machine usage and rate', () => {
  it('each sum is exact, no state is negative, and bands hold their estimate', () => {
    fc.assert(
      fc.property(aUsage, aPrice, (machine, rate) => {
        const bill = billMachine(machine, rate);
        expectSound(bill.total);
        expectSound(bill.hidden);
        let all = bill.hidden.billedMicros;
        for (const gpu of bill.gpus.values()) {
          for (const cell of gpu.cells) expectSound(cell);
          expectSound(gpu.total);
          const cells = gpu.cells.reduce((sum, cell) => sum + cell.billedMicros, 0n);
          expect(gpu.total.billedMicros).toBe(cells);
          all += cells;
        }
        expect(bill.total.billedMicros).toBe(all);
        const byRuns = machine.runs.map((run) => microsOf(rate.perHourNanos, run.billedMs));
        expect(all).toBe(byRuns.reduce((sum, micros) => sum + micros, 0n));
      }),
    );
  });

  it('no GPU pays more than a micro above another in a run, and a state pays by its time', () => {
    fc.assert(
      fc.property(aUsage, aPrice, (machine, rate) => {
        const bill = billMachine(machine, rate);
        const paid = [...bill.gpus.values()].map((gpu) => gpu.total.billedMicros).sort(bySize);
        const spread = (paid.at(-1) ?? 0n) - (paid.at(0) ?? 0n);
        expect(spread).toBeLessThanOrEqual(BigInt(machine.runs.length));

        for (const { identity, cells } of machine.gpus) {
          for (const [index, cell] of cells.entries()) {
            const cost = bill.gpus.get(identity.id)?.cells[index];
            if (cost === undefined) throw new Error('a cell without a cost');
            const timeMicros = cost.billedMicros - cost.byState.rounding;
            for (const state of states.filter((name) => name !== 'rounding')) {
              if (cell.byState[state] === 0) expect(cost.byState[state]).toBe(0n);
              const length = BigInt(cell.endMs - cell.startMs);
              const off = cost.byState[state] * length - timeMicros * BigInt(cell.byState[state]);
              expect(off > -length && off < length).toBe(length > 0n);
            }
          }
        }
      }),
    );
  });

  it('cut at any millisecond, the parts add up for the machine, each GPU and the hidden ones', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 24 * hour }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(aUsage, aPrice, cuts, (machine, rate, offsets) => {
        const start = at('09:00:00');
        const edges = [start - 1, ...offsets.map((ms) => start + ms).sort((a, b) => a - b)];
        edges.push(start + 100 * hour);
        const whole = totals(billMachine(machine, rate));
        const parts = edges
          .slice(1)
          .map((until, index) => totals(billMachine(cut(machine, edges[index] ?? 0, until), rate)));
        const sum = (of: (part: typeof whole) => bigint) =>
          parts.reduce((total, part) => total + of(part), 0n);
        expect({
          machine: sum((part) => part.machine),
          rounding: sum((part) => part.rounding),
          hidden: sum((part) => part.hidden),
          gpus: whole.gpus.map((_, index) => sum((part) => part.gpus[index] ?? 0n)),
        }).toEqual(whole);
      }),
    );
  });

  it('never falls as a run goes on', () => {
    fc.assert(
      fc.property(aUsage, aPrice, fc.nat(2 * hour), fc.nat(2 * hour), (machine, rate, ms, more) => {
        const startMs = at('09:00:00');
        const goingOn = (length: number) => {
          const run = aRun(startMs, startMs + length);
          const gpus = machine.gpus.map(({ identity }, index): [string, Cell[]] => [
            identity.id,
            cellsOf(run, index),
          ]);
          return totals(
            billMachine(aMachine([run], Object.fromEntries(gpus), machine.hiddenGpus), rate),
          );
        };
        const [before, after] = [goingOn(ms), goingOn(ms + more)];
        expect(after.machine).toBeGreaterThanOrEqual(before.machine);
        for (const [index, paid] of before.gpus.entries()) {
          expect(after.gpus[index]).toBeGreaterThanOrEqual(paid);
        }
      }),
    );
  });

  it('wasted hours mirror the effective band', () => {
    fc.assert(
      fc.property(aUsage, (machine) => {
        for (const cell of machine.gpus.flatMap((gpu) => gpu.cells)) {
          const { estimate, low, high } = wastedMs(cell);
          const { effective, unobserved, rounding } = cell.byState;
          expect(estimate).toBe(cell.billedMs - effective - unobserved - rounding);
          expect(low + cell.effectiveHighMs).toBe(estimate + effective);
          expect(high + cell.effectiveLowMs).toBe(estimate + effective);
        }
      }),
    );
  });
});

function bySize(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
