import { type State, states } from '../usage/states.ts';
import type { Cell } from '../usage/usage.ts';
import { apportion } from './apportion.ts';
import type { CostMicros } from './bill.ts';
import { divideHalfUp } from './money.ts';

/** Nothing spent. */
const noCost: CostMicros = {
  billedMicros: 0n,
  byState: byState(() => 0n),
  effectiveLowMicros: 0n,
  effectiveHighMicros: 0n,
};

/** Adds costs of one currency up, state by state. */
export function sumOfCosts(costs: readonly CostMicros[]): CostMicros {
  return {
    billedMicros: sumOf(costs, (cost) => cost.billedMicros),
    byState: byState((state) => sumOf(costs, (cost) => cost.byState[state])),
    effectiveLowMicros: sumOf(costs, (cost) => cost.effectiveLowMicros),
    effectiveHighMicros: sumOf(costs, (cost) => cost.effectiveHighMicros),
  };
}

/**
 * A cell's cost: `timeMicros` by the milliseconds of its states (largest remainder, ties by the state's name),
 * `roundingMicros` as rounding. The effective band takes the share of the busy money that it has of the busy time.
 * Throws where the cell's states don't add up to its length: the usage is then broken.
 */
export function costOfVisible(cell: Cell, timeMicros: bigint, roundingMicros: bigint): CostMicros {
  const lengthMs = cell.endMs - cell.startMs;
  const claims = states.map((state) => ({
    key: state,
    weight: BigInt(state === 'rounding' ? 0 : cell.byState[state]),
  }));
  if (claims.reduce((sum, { weight }) => sum + weight, 0n) !== BigInt(lengthMs)) {
    throw new Error(`the states of a cell of ${lengthMs} ms don't add up to it`);
  }

  const parts = apportion(timeMicros, claims);
  const partOf = new Map(states.map((state, index) => [state, parts[index] ?? 0n]));
  const cost = byState((state) =>
    state === 'rounding' ? roundingMicros : (partOf.get(state) ?? 0n),
  );
  const busy = cost.effective + cost.underfilled + cost.throttled;
  const shareOfBusy = (ms: number): bigint =>
    cell.busyMs === 0 ? 0n : divideHalfUp(busy * BigInt(ms), BigInt(cell.busyMs));
  return {
    billedMicros: timeMicros + roundingMicros,
    byState: cost,
    effectiveLowMicros: least(shareOfBusy(cell.effectiveLowMs), cost.effective),
    effectiveHighMicros: least(most(shareOfBusy(cell.effectiveHighMs), cost.effective), busy),
  };
}

/** The cost of GPUs that could not be seen: their time is unobserved. */
export function costOfHidden(timeMicros: bigint, roundingMicros: bigint): CostMicros {
  return {
    ...noCost,
    billedMicros: timeMicros + roundingMicros,
    byState: { ...noCost.byState, unobserved: timeMicros, rounding: roundingMicros },
  };
}

function byState(micros: (state: State) => bigint): Record<State, bigint> {
  return {
    effective: micros('effective'),
    underfilled: micros('underfilled'),
    throttled: micros('throttled'),
    waiting: micros('waiting'),
    heldIdle: micros('heldIdle'),
    emptyIdle: micros('emptyIdle'),
    unobserved: micros('unobserved'),
    rounding: micros('rounding'),
  };
}

function sumOf(costs: readonly CostMicros[], micros: (cost: CostMicros) => bigint): bigint {
  return costs.reduce((sum, cost) => sum + micros(cost), 0n);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
