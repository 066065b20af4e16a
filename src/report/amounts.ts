import type { CostMicros } from '../bill/bill.ts';
import { numberFromMicros } from '../bill/money.ts';
import {
  type Band,
  wastedMicros,
  wastedMs,
  wastedShareOfMoney,
  wastedShareOfTime,
} from '../bill/waste.ts';
import type { Basis, StateMs } from '../usage/usage.ts';
import type { ReportCost, ReportGpuHours } from './report.ts';

const hourMs = 3_600_000;

export function hoursOf(ms: number): number {
  return ms / hourMs;
}

/** GPU-hours of a set of GPU time; divided into hours here and nowhere before. */
export function toGpuHours(usage: StateMs, basis: Basis | 'mixed'): ReportGpuHours {
  const { byState, unobservedBy } = usage;
  return {
    billed: hoursOf(usage.billedMs),
    observed: hoursOf(usage.billedMs - byState.unobserved - byState.rounding),
    busy: hoursOf(usage.busyMs),
    effective: {
      estimate: hoursOf(byState.effective),
      low: hoursOf(usage.effectiveLowMs),
      high: hoursOf(usage.effectiveHighMs),
      basis,
    },
    wasted: mapBand(wastedMs(usage), hoursOf),
    byState: {
      effective: hoursOf(byState.effective),
      underfilled: hoursOf(byState.underfilled),
      throttled: hoursOf(byState.throttled),
      waiting: hoursOf(byState.waiting),
      heldIdle: hoursOf(byState.heldIdle),
      emptyIdle: hoursOf(byState.emptyIdle),
      unobserved: hoursOf(byState.unobserved),
      rounding: hoursOf(byState.rounding),
    },
    unobservedBy: {
      beforeFirstSample: hoursOf(unobservedBy.beforeFirstSample),
      gap: hoursOf(unobservedBy.gap),
      hiddenGpus: hoursOf(unobservedBy.hiddenGpus),
      driver: hoursOf(unobservedBy.driver),
      notReported: hoursOf(unobservedBy.notReported),
      machineOff: hoursOf(unobservedBy.machineOff),
    },
  };
}

/** Money of a set of GPU time; the share falls back to time where it cost nothing (free machines). */
export function toCost(currency: string, cost: CostMicros, usage: StateMs): ReportCost {
  const { byState } = cost;
  const share = wastedShareOfMoney(cost) ?? wastedShareOfTime(usage);
  return {
    currency,
    billed: numberFromMicros(cost.billedMicros),
    wasted: mapBand(wastedMicros(cost), numberFromMicros),
    wastedShare: share ?? { estimate: null, low: null, high: null },
    byState: {
      effective: numberFromMicros(byState.effective),
      underfilled: numberFromMicros(byState.underfilled),
      throttled: numberFromMicros(byState.throttled),
      waiting: numberFromMicros(byState.waiting),
      heldIdle: numberFromMicros(byState.heldIdle),
      emptyIdle: numberFromMicros(byState.emptyIdle),
      unobserved: numberFromMicros(byState.unobserved),
      rounding: numberFromMicros(byState.rounding),
    },
  };
}

function mapBand<T extends number | bigint>(
  band: Band<T>,
  to: (value: T) => number,
): { estimate: number; low: number; high: number } {
  return { estimate: to(band.estimate), low: to(band.low), high: to(band.high) };
}
