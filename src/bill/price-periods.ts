import { decimalFromNanos, microsOf, scaleNanos } from './money.ts';
import type { MachineRate, PricePeriod } from './rate.ts';

/** From its start, before its end. Epoch milliseconds. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The prices that hold before `endMs`, ascending; a rate of one price holds at all times. */
export function periodsBefore(rate: MachineRate, endMs: number): readonly PricePeriod[] {
  const periods = rate.pricePeriods ?? [{ fromMs: -Infinity, rate }];
  return periods.filter(({ fromMs }, index) => index === 0 || fromMs < endMs);
}

/** Micros of a span: each price times its part of it, rounded half up once per period. Never falls as the end moves on. */
export function microsOfSpan(periods: readonly PricePeriod[], span: Span): bigint {
  return stretches(periods, span).reduce(
    (sum, { perHourNanos, ms }) => sum + microsOf(perHourNanos, ms),
    0n,
  );
}

/** The mean price of some time, by milliseconds, within a billionth per period: for what is told by its length alone. */
export function meanPerHourNanos(rate: MachineRate, spans: readonly Span[]): bigint {
  const { pricePeriods } = rate;
  if (pricePeriods === undefined) return rate.perHourNanos;
  const all = spans.flatMap((span) => stretches(pricePeriods, span));
  const lengthMs = all.reduce((sum, { ms }) => sum + BigInt(Math.round(ms)), 0n);
  if (lengthMs === 0n) return rate.perHourNanos;
  return all.reduce(
    (sum, { perHourNanos, ms }) => sum + scaleNanos(perHourNanos, BigInt(Math.round(ms)), lengthMs),
    0n,
  );
}

/** Changes each price of a rate. */
export function mapPrices(
  rate: MachineRate,
  change: (price: MachineRate) => MachineRate,
): MachineRate {
  const { pricePeriods } = rate;
  if (pricePeriods === undefined) return change(rate);
  const changed = pricePeriods.map(({ fromMs, rate: price }) => ({ fromMs, rate: change(price) }));
  return { ...change(rate), pricePeriods: changed };
}

/** Says of each price that takes over after `startMs` when, from what and to what. */
export function priceChanges(rate: MachineRate, startMs: number): MachineRate['warnings'] {
  const { pricePeriods = [], provider, type, currency } = rate;
  return pricePeriods.slice(1).flatMap(({ fromMs, rate: price }, index) => {
    const before = pricePeriods[index]?.rate.perHourNanos ?? 0n;
    if (fromMs <= startMs || before === price.perHourNanos) return [];
    const [from, to] = [before, price.perHourNanos].map(decimalFromNanos);
    const message = `${provider}/${type}: the price changes at ${new Date(fromMs).toISOString()} from ${from} to ${to} ${currency} an hour; each is billed for its own time.`;
    return [{ code: 'price-changed', message }];
  });
}

/** How a span divides into periods; time before the first is nobody's. */
function stretches(
  periods: readonly PricePeriod[],
  { startMs, endMs }: Span,
): readonly { readonly perHourNanos: bigint; readonly ms: number }[] {
  return periods.flatMap(({ fromMs, rate: { perHourNanos } }, index) => {
    const from = Math.max(fromMs, startMs);
    const until = Math.min(periods[index + 1]?.fromMs ?? Infinity, endMs);
    return until > from ? [{ perHourNanos, ms: until - from }] : [];
  });
}
