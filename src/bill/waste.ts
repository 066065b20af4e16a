import type { StateMs } from '../usage/usage.ts';
import type { CostMicros } from './bill.ts';

/** An estimate between two bounds: low ≤ estimate ≤ high. */
export interface Band<T extends number | bigint> {
  readonly estimate: T;
  readonly low: T;
  readonly high: T;
}

/**
 * GPU-milliseconds that were paid for and did no work: busy time that was not effective, and idle time.
 * The band mirrors the effective one: `low` takes effective at its highest, it is the part beyond doubt.
 */
export function wastedMs(usage: StateMs): Band<number> {
  const { waiting, heldIdle, emptyIdle, effective } = usage.byState;
  const most = usage.busyMs + waiting + heldIdle + emptyIdle;
  return {
    estimate: most - effective,
    low: most - usage.effectiveHighMs,
    high: most - usage.effectiveLowMs,
  };
}

/** The money of `wastedMs`, in micros. */
export function wastedMicros(cost: CostMicros): Band<bigint> {
  const { effective, underfilled, throttled, waiting, heldIdle, emptyIdle } = cost.byState;
  const most = effective + underfilled + throttled + waiting + heldIdle + emptyIdle;
  return {
    estimate: most - effective,
    low: most - cost.effectiveHighMicros,
    high: most - cost.effectiveLowMicros,
  };
}

/** Share of the observed GPU time (billed − unobserved − rounding) that was wasted, 0–1; null where nothing was observed. */
export function wastedShareOfTime(usage: StateMs): Band<number> | null {
  const { unobserved, rounding } = usage.byState;
  return shareOf(wastedMs(usage), usage.billedMs - unobserved - rounding);
}

/** Share of the observed time's money that was wasted, 0–1; null where nothing was observed or it cost nothing. */
export function wastedShareOfMoney(cost: CostMicros): Band<number> | null {
  const { unobserved, rounding } = cost.byState;
  return shareOf(wastedMicros(cost), cost.billedMicros - unobserved - rounding);
}

function shareOf<T extends number | bigint>(wasted: Band<T>, observed: T): Band<number> | null {
  const divisor = Number(observed);
  if (divisor === 0) return null;
  return {
    estimate: Number(wasted.estimate) / divisor,
    low: Number(wasted.low) / divisor,
    high: Number(wasted.high) / divisor,
  };
}
