import { apportion } from '../bill/apportion.ts';
import type { CostMicros } from '../bill/bill.ts';
import { type HeldState, type HolderClaim, heldStates } from '../usage/attribution.ts';
import type { Holder } from '../usage/holder.ts';
import { states } from '../usage/states.ts';
import { type Cell, type StateMs, unobservedCauses } from '../usage/usage.ts';

/** A group's part of one cell. */
export interface CellShare {
  readonly key: string;
  readonly usage: StateMs;
  readonly cost: CostMicros | null;
}

/** Keys of the part that no process answers for. */
export const restKeys = {
  unknown: 'rest: unknown',
  nobody: 'rest: nobody',
  rounding: 'rest: rounding',
  ...restOf(unobservedCauses),
} as const;

/** Thousandths of a millisecond: finer than any share that a reading gives. */
const claimScale = 1000;

/**
 * Divides a cell and its money among groups of holders, to the millisecond and the micro (largest remainder, ties by
 * key). Busy time, waiting and held idle time go by the claims; empty time is nobody's, unobserved time and rounding
 * are rows of their own.
 */
export function splitCell(
  cell: Cell,
  cost: CostMicros | null,
  claims: readonly HolderClaim[],
  keyOf: (holder: Holder | null) => string,
): readonly CellShare[] {
  const drafts = new Map<string, Draft>();
  const draft = (key: string): Draft => {
    const known = drafts.get(key) ?? newDraft();
    drafts.set(key, known);
    return known;
  };
  const owners = byKey(claims, keyOf);
  for (const state of heldStates) {
    divide(cell.byState[state], ownersOf(owners, state)).forEach(([key, ms]) => {
      draft(key).ms[state] += ms;
    });
  }
  draft(restKeys.nobody).ms.emptyIdle = cell.byState.emptyIdle;
  for (const cause of unobservedCauses) {
    const ms = cell.unobservedBy[cause];
    if (ms > 0) draft(restKeys[cause]).causes[cause] = ms;
    draft(restKeys[cause]).ms.unobserved = ms;
  }
  draft(restKeys.rounding).ms.rounding = cell.byState.rounding;

  const all = [...drafts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  divideBand(cell, all);
  if (cost) divideMoney(cost, all);
  return all.map(([key, d]) => ({ key, usage: usageOf(d), cost: cost && costOf(d) }));
}

interface Draft {
  readonly ms: Record<(typeof states)[number], number>;
  readonly causes: Record<(typeof unobservedCauses)[number], number>;
  readonly micros: Record<(typeof states)[number], bigint>;
  lowMs: number;
  highMs: number;
  lowMicros: bigint;
  highMicros: bigint;
}

type Drafts = readonly (readonly [string, Draft])[];

type Owners = ReadonlyMap<string, Readonly<Record<HeldState, number>>>;

function byKey(claims: readonly HolderClaim[], keyOf: (holder: Holder | null) => string): Owners {
  const owners = new Map<string, Record<HeldState, number>>();
  for (const { holder, byState } of claims) {
    const key = keyOf(holder);
    const sum = owners.get(key) ?? { ...noTime };
    for (const state of heldStates) sum[state] += byState[state];
    owners.set(key, sum);
  }
  return owners;
}

const noTime = { effective: 0, underfilled: 0, throttled: 0, waiting: 0, heldIdle: 0 };

function ownersOf(owners: Owners, state: HeldState): readonly Weighted[] {
  const weighted = [...owners].map(([key, byState]) => ({
    key,
    weight: BigInt(Math.round(byState[state] * claimScale)),
  }));
  const isClaimed = weighted.some(({ weight }) => weight > 0n);
  return isClaimed ? weighted : [{ key: restKeys.unknown, weight: 1n }];
}

interface Weighted {
  readonly key: string;
  readonly weight: bigint;
}

function divide(ms: number, claims: readonly Weighted[]): readonly (readonly [string, number])[] {
  if (ms === 0) return [];
  const parts = apportion(BigInt(ms), claims);
  return claims.map(({ key }, i) => [key, Number(parts[i] ?? 0n)]);
}

const busyMs = ({ ms }: Draft): number => ms.effective + ms.underfilled + ms.throttled;

/** The band's ends: low within each group's effective time, high between that and its busy time. */
function divideBand(cell: Cell, drafts: Drafts): void {
  const above = cell.effectiveHighMs - cell.byState.effective;
  const lows = apportioned(BigInt(cell.effectiveLowMs), drafts, (d) => BigInt(d.ms.effective));
  const highs = apportioned(BigInt(above), drafts, (d) => BigInt(busyMs(d) - d.ms.effective));
  drafts.forEach(([, d], i) => {
    const group = d;
    group.lowMs = Number(lows[i] ?? 0n);
    group.highMs = d.ms.effective + Number(highs[i] ?? 0n);
  });
}

/** Each state's money by its milliseconds, so that a group without time of a state has none of its money. */
function divideMoney(cost: CostMicros, drafts: Drafts): void {
  for (const state of states) {
    const parts = apportioned(cost.byState[state], drafts, (d) => BigInt(d.ms[state]));
    drafts.forEach(([, d], i) => {
      d.micros[state] = parts[i] ?? 0n;
    });
  }
  const above = cost.effectiveHighMicros - cost.byState.effective;
  const lows = apportioned(cost.effectiveLowMicros, drafts, (d) => d.micros.effective);
  const highs = apportioned(above, drafts, (d) => d.micros.underfilled + d.micros.throttled);
  drafts.forEach(([, d], i) => {
    const group = d;
    group.lowMicros = lows[i] ?? 0n;
    group.highMicros = d.micros.effective + (highs[i] ?? 0n);
  });
}

function apportioned(
  amount: bigint,
  drafts: Drafts,
  weightOf: (draft: Draft) => bigint,
): readonly bigint[] {
  return apportion(
    amount,
    drafts.map(([key, draft]) => ({ key, weight: weightOf(draft) })),
  );
}

function newDraft(): Draft {
  const ms = { ...noTime, emptyIdle: 0, unobserved: 0, rounding: 0 };
  const none = 0n;
  return {
    ms,
    causes: restCounts(),
    micros: {
      effective: none,
      underfilled: none,
      throttled: none,
      waiting: none,
      heldIdle: none,
      emptyIdle: none,
      unobserved: none,
      rounding: none,
    },
    lowMs: 0,
    highMs: 0,
    lowMicros: none,
    highMicros: none,
  };
}

function usageOf(draft: Draft): StateMs {
  return {
    billedMs: states.reduce((sum, state) => sum + draft.ms[state], 0),
    byState: draft.ms,
    unobservedBy: draft.causes,
    busyMs: busyMs(draft),
    effectiveLowMs: draft.lowMs,
    effectiveHighMs: draft.highMs,
  };
}

function costOf(draft: Draft): CostMicros {
  return {
    billedMicros: states.reduce((sum, state) => sum + draft.micros[state], 0n),
    byState: draft.micros,
    effectiveLowMicros: draft.lowMicros,
    effectiveHighMicros: draft.highMicros,
  };
}

function restCounts(): Draft['causes'] {
  return {
    beforeFirstSample: 0,
    gap: 0,
    hiddenGpus: 0,
    driver: 0,
    notReported: 0,
    machineOff: 0,
  };
}

function restOf<const C extends string>(causes: readonly C[]): { readonly [K in C]: `rest: ${K}` } {
  // fromEntries forgets the keys, which are exactly the causes.
  return Object.fromEntries(causes.map((cause) => [cause, `rest: ${cause}`])) as {
    readonly [K in C]: `rest: ${K}`;
  };
}
