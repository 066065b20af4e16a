import type { Cell, Run } from '../usage/usage.ts';
import { equalPart } from './apportion.ts';
import type { CostMicros, MachineBill } from './bill.ts';
import { costOfHidden, costOfVisible, sumOfCosts } from './cost.ts';
import { microsOfSpan, periodsBefore } from './price-periods.ts';
import type { MachineRate } from './rate.ts';

/** What billing needs of a MachineUsage. */
export interface BillableMachine {
  readonly runs: readonly Run[];
  readonly gpus: readonly {
    readonly identity: { readonly id: string };
    readonly cells: readonly Cell[];
  }[];
  readonly hiddenGpus: number;
  /** The hidden GPUs' time together, over the same runs. */
  readonly hiddenCells?: readonly Cell[];
}

/** The GPUs that share a run's money: places in order of UUID, the hidden ones behind the visible. */
interface Places {
  readonly count: number;
  readonly positionOf: ReadonlyMap<string, number>;
}

/**
 * Prices a machine's usage. A run costs price × billed time, rounded half up once per run and price period; what it
 * cost up to an instant is the same sum up to there, so the parts of a run that is cut anywhere add up to the micro.
 * Each instant's money goes in equal parts to the machine's GPUs, visible and hidden, and within a GPU's
 * cell by the milliseconds of each state. What increment and minimum add is `rounding` in the run's last cell.
 * With `bills: allocation` hidden GPUs cost nothing. Without any GPU all of it is unobserved.
 * Throws where cells don't cover the runs: the usage is then broken.
 */
export function billMachine(machine: BillableMachine, rate: MachineRate): MachineBill {
  const hiddenGpus = rate.bills === 'allocation' ? 0 : machine.hiddenGpus;
  const places = placesOf(machine, hiddenGpus);
  const runs = machine.runs.map((run) => pricedRun(run, rate));

  const gpus = new Map<string, { total: CostMicros; cells: CostMicros[] }>();
  for (const { identity, cells } of machine.gpus) {
    const position = places.positionOf.get(identity.id) ?? 0;
    const partOf = (amount: bigint): bigint => equalPart(amount, places.count, position);
    const costs = costsOfCells(cells, runs, partOf, costOfVisible);
    gpus.set(identity.id, { total: sumOfCosts(costs), cells: costs });
  }

  const hiddenPart = partOfHidden(machine.gpus.length, places);
  const hidden = sumOfCosts(runs.map((run) => costOfHiddenGpus(run, hiddenPart)));
  const { hiddenCells = [] } = machine;
  const hiddenCosts =
    hiddenCells.length === 0
      ? []
      : costsOfCells(hiddenCells, runs, hiddenPart, (_cell, time, rounding) =>
          costOfHidden(time, rounding),
        );
  const total = sumOfCosts([hidden, ...Array.from(gpus.values(), (gpu) => gpu.total)]);
  return { currency: rate.currency, total, hidden, hiddenCells: hiddenCosts, gpus };
}

interface PricedRun {
  readonly startMs: number;
  readonly endMs: number;
  readonly roundingMs: number;
  /** What the uncut run cost from its start to an instant of it, in micros. */
  until(timeMs: number): bigint;
  /** What it cost to its end with rounding. */
  readonly untilRounded: bigint;
}

function pricedRun(run: Run, rate: MachineRate): PricedRun {
  const roundingMs = run.billedMs - (run.endMs - run.startMs);
  // Prices that take over after the run's end have no part in it: its rounding costs what its last instant cost.
  const periods = periodsBefore(rate, run.endMs);
  const until = (timeMs: number): bigint =>
    microsOfSpan(periods, { startMs: run.fullStartMs, endMs: timeMs });
  return {
    startMs: run.startMs,
    endMs: run.endMs,
    roundingMs,
    until,
    untilRounded: until(run.endMs + roundingMs),
  };
}

function placesOf(machine: BillableMachine, hiddenGpus: number): Places {
  const ids = machine.gpus.map(({ identity }) => identity.id).sort();
  return {
    count: ids.length + hiddenGpus,
    positionOf: new Map(ids.map((id, position) => [id, position])),
  };
}

function costsOfCells(
  cells: readonly Cell[],
  runs: readonly PricedRun[],
  partOf: (amount: bigint) => bigint,
  costOf: (cell: Cell, timeMicros: bigint, roundingMicros: bigint) => CostMicros,
): CostMicros[] {
  const costs: CostMicros[] = [];
  let next = 0;
  for (const run of runs) {
    let covered = run.startMs;
    do {
      const cell = cells[next];
      if (cell === undefined || cell.startMs !== covered || cell.endMs > run.endMs) {
        throw new Error(`no cell covers ${new Date(covered).toISOString()} of a run`);
      }
      next += 1;
      covered = cell.endMs;
      const from = partOf(run.until(cell.startMs));
      const to = partOf(run.until(cell.endMs));
      const isLast = cell.endMs === run.endMs;
      const rounding = isLast ? partOf(run.untilRounded) - to : 0n;
      costs.push(costOf(cell, to - from, rounding));
    } while (covered < run.endMs);
  }
  if (next !== cells.length)
    throw new Error(`${cells.length - next} cells lie outside of all runs`);
  return costs;
}

/** The hidden GPUs' part of an amount: the places behind the visible ones; all of it on a machine without any GPU. */
function partOfHidden(visible: number, places: Places): (amount: bigint) => bigint {
  return (amount) => {
    if (places.count === 0) return amount;
    let part = 0n;
    for (let position = visible; position < places.count; position += 1) {
      part += equalPart(amount, places.count, position);
    }
    return part;
  };
}

function costOfHiddenGpus(run: PricedRun, partOf: (amount: bigint) => bigint): CostMicros {
  const from = partOf(run.until(run.startMs));
  const to = partOf(run.until(run.endMs));
  return costOfHidden(to - from, partOf(run.untilRounded) - to);
}
