import { numberFromMicros, numberFromNanos } from '../bill/money.ts';
import { microsOfSpan, periodsBefore } from '../bill/price-periods.ts';
import type { Ending } from '../bill/rate.ts';
import { noCuts } from '../usage/cuts.ts';
import { UsagePart } from '../usage/part.ts';
import { windowMsFor } from '../usage/windows.ts';
import { collectedHost, type HostHeader } from './collected-host.ts';
import { hiddenCount, type PricingOptions, rateOf } from './pricing.ts';

/** What a host that is being recorded costs, and what ends its bill. */
export interface HostPrice {
  /** GPUs of the machine that can't be seen from here; null where that is not known (a container without a rate). */
  readonly hiddenGpus: number | null;
  readonly ending: readonly Ending[];
  /** What the whole machine costs over a span (epoch milliseconds), without rounding; null without a rate. */
  over(startMs: number, endMs: number): SpanCost | null;
}

export interface SpanCost {
  readonly currency: string;
  readonly cost: number;
  /** At the end of the span. */
  readonly perHour: number;
}

/** Prices a recorded host by its header. Throws UsageError for a machine type that was asked for and is on no card. */
export function hostPrice(header: HostHeader, pricing: PricingOptions): HostPrice {
  const gpus = header.gpus.map((identity) => ({
    identity,
    part: new UsagePart(windowMsFor(header.intervalMs), noCuts),
  }));
  const machine = collectedHost(header, gpus, header.startedAt);
  const known = rateOf(machine, pricing, []);
  return {
    hiddenGpus: known === null && header.host.container ? null : hiddenCount(machine, known, []),
    ending: known?.ending ?? [],
    over(startMs, endMs) {
      const run = { startMs, endMs, fullStartMs: startMs, startedBy: 'start' } as const;
      const rate = rateOf(machine, pricing, [], [{ ...run, billedMs: endMs - startMs }]);
      // Measured energy is no price per hour: what it costs is known only with its samples.
      if (rate === null || (rate.energy ?? null) !== null) return null;
      const periods = periodsBefore(rate, endMs);
      return {
        currency: rate.currency,
        cost: numberFromMicros(microsOfSpan(periods, { startMs, endMs })),
        perHour: numberFromNanos((periods.at(-1)?.rate ?? rate).perHourNanos),
      };
    },
  };
}
