import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOfVisible, sumOfCosts } from '../../src/bill/cost.ts';
import { restKeys, splitCell } from '../../src/report/split-cell.ts';
import { emptyStateMs, sumStateMs } from '../../src/usage/accounts.ts';
import type { HolderClaim } from '../../src/usage/attribution.ts';
import { basisMs } from '../../src/usage/epoch.ts';
import { type Holder, holderOf } from '../../src/usage/holder.ts';
import { states } from '../../src/usage/states.ts';
import { type Cell, unobservedCauses } from '../../src/usage/usage.ts';
import '../kit/property-seed.ts';

const ms = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_600_000 }));

const cells = fc
  .record({
    low: fc.double({ min: 0, max: 1, noNaN: true }),
    high: fc.double({ min: 0, max: 1, noNaN: true }),
    byState: fc.tuple(ms, ms, ms, ms, ms, ms, ms),
    gap: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ low, high, byState, gap }): Cell => {
    const [effective, underfilled, throttled, waiting, heldIdle, emptyIdle, unobserved] = byState;
    const none = emptyStateMs();
    const busyMs = effective + underfilled + throttled;
    const gapMs = Math.round(gap * unobserved);
    return {
      startMs: 0,
      endMs: byState.reduce((sum, x) => sum + x, 0),
      billedMs: byState.reduce((sum, x) => sum + x, 0) + 500,
      busyMs,
      effectiveLowMs: Math.round(low * effective),
      effectiveHighMs: effective + Math.round(high * (busyMs - effective)),
      byState: {
        effective,
        underfilled,
        throttled,
        waiting,
        heldIdle,
        emptyIdle,
        unobserved,
        rounding: 500,
      },
      unobservedBy: { ...none.unobservedBy, gap: gapMs, driver: unobserved - gapMs },
    };
  });

const claim = fc
  .record({
    pid: fc.option(fc.integer({ min: 1, max: 5 })),
    share: fc.tuple(
      ...Array.from({ length: 5 }, () => fc.double({ min: 0, max: 1e6, noNaN: true })),
    ),
  })
  .map(({ pid, share }): HolderClaim => {
    const [effective = 0, underfilled = 0, throttled = 0, waiting = 0, heldIdle = 0] = share;
    return {
      holder: pid === null ? null : holderOf({ pid, name: 'python3' }),
      byState: { effective, underfilled, throttled, waiting, heldIdle },
      byBasis: basisMs('alone', 1),
    };
  });

const keyOf = (holder: Holder | null) => (holder === null ? restKeys.unknown : `${holder.pid}`);

test('rows add up to the cell in each state, to the millisecond and the micro, whatever is claimed', () => {
  fc.assert(
    fc.property(
      cells,
      fc.array(claim, { maxLength: 8 }),
      fc.bigInt(0n, 10n ** 12n),
      (cell, claims, micros) => {
        const cost = costOfVisible(cell, cell.endMs === 0 ? 0n : micros, 7n);
        const parts = splitCell(cell, cost, claims, keyOf);
        const usage = sumStateMs(parts.map((part) => part.usage));
        expect(usage.byState).toEqual(cell.byState);
        expect(usage.unobservedBy).toEqual(cell.unobservedBy);
        for (const key of ['billedMs', 'busyMs', 'effectiveLowMs', 'effectiveHighMs'] as const) {
          expect(usage[key]).toBe(cell[key]);
        }
        expect(sumOfCosts(parts.flatMap((part) => part.cost ?? []))).toEqual(cost);
        for (const part of parts) {
          const { byState, busyMs, effectiveLowMs, effectiveHighMs, billedMs } = part.usage;
          expect(states.every((state) => byState[state] >= 0)).toBe(true);
          expect(states.reduce((sum, state) => sum + byState[state], 0)).toBe(billedMs);
          expect(effectiveLowMs).toBeLessThanOrEqual(byState.effective);
          expect(effectiveHighMs).toBeGreaterThanOrEqual(byState.effective);
          expect(effectiveHighMs).toBeLessThanOrEqual(busyMs);
          const causes = unobservedCauses.reduce((sum, c) => sum + part.usage.unobservedBy[c], 0);
          expect(causes).toBe(byState.unobserved);
          const money = part.cost?.byState;
          expect(states.every((state) => (money?.[state] ?? 0n) >= 0n)).toBe(true);
          expect(states.every((state) => byState[state] > 0 || (money?.[state] ?? 0n) === 0n)).toBe(
            true,
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('what nobody claims is not known, empty time is nobody’s, and causes have their own rows', () => {
  const none = emptyStateMs();
  const cell: Cell = {
    ...none,
    startMs: 0,
    endMs: 1000,
    billedMs: 1000,
    busyMs: 100,
    effectiveHighMs: 100,
    byState: { ...none.byState, effective: 100, emptyIdle: 500, unobserved: 400 },
    unobservedBy: { ...none.unobservedBy, gap: 300, driver: 100 },
  };
  const parts = splitCell(cell, null, [], keyOf).filter(({ usage }) => usage.billedMs > 0);
  expect(parts.map(({ key, usage }) => [key, usage.billedMs])).toEqual([
    [restKeys.driver, 100],
    [restKeys.gap, 300],
    [restKeys.nobody, 500],
    [restKeys.unknown, 100],
  ]);
});
