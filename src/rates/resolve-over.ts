import type { MachineRate, PricePeriod } from '../bill/rate.ts';
import { dayStartMs } from './choose-price.ts';
import { findMachine } from './find-machine.ts';
import type { RateCards } from './merge.ts';
import { type RateQuery, type Resolution, resolveRate } from './resolve.ts';

/** Time that is billed, epoch milliseconds. */
interface BilledSpan {
  /** Where it began before a window cut its head; money is counted from here. */
  readonly fullStartMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The rate at the query's time, with `pricePeriods` where another price of the same region and purchase takes over
 * during the spans (ascending). A rate of null comes with the reason: besides those of `resolveRate`, a price of which
 * no figure is known, or other terms (increment, minimum, what is billed), in time that is billed.
 * Throws as `resolveRate` does.
 */
export function resolveOver(
  cards: RateCards,
  query: RateQuery,
  spans: readonly BilledSpan[],
): Resolution {
  const resolution = resolveRate(cards, query);
  if (resolution.rate === null) return resolution;

  const { rate } = resolution;
  // What was assumed at the start holds for the rest: another purchase is no other price of this one.
  const usualRegion = rate.region === 'any' ? null : rate.region;
  const same = { ...query, purchase: rate.purchase, region: query.region ?? usualRegion };
  const startMs = spans[0]?.fullStartMs ?? query.atMs;
  const instants = [startMs, ...changesWithin(cards, query, startMs, spans.at(-1)?.endMs)];
  const warnings = [...rate.warnings];
  const periods: PricePeriod[] = [];
  for (const [index, fromMs] of instants.entries()) {
    const untilMs = instants[index + 1] ?? Infinity;
    const isBilled = spans.some((span) => span.startMs < untilMs && span.endMs > fromMs);
    const next = resolveRate(cards, { ...same, atMs: fromMs });
    const missing = next.rate === null ? next.reason : otherTerms(rate, next.rate);
    if (missing !== null && isBilled) {
      const reason = `${missing} (from ${new Date(fromMs).toISOString()})`;
      return { rate: null, reason, candidates: next.rate === null ? next.candidates : [] };
    }
    if (next.rate === null || missing !== null) continue;
    if (isBilled) warnings.push(...next.rate.warnings);
    if (!isSamePrice(periods.at(-1)?.rate, next.rate)) periods.push({ fromMs, rate: next.rate });
  }
  if (periods.length < 2 && (periods[0]?.fromMs ?? startMs) === startMs) return { rate };
  const byMessage = new Map(warnings.map((warning) => [warning.message, warning]));
  return { rate: { ...rate, pricePeriods: periods, warnings: [...byMessage.values()] } };
}

/** The instants after `startMs`, before `endMs`, at which a price of the machine or its accelerators begins or ends to hold. */
function changesWithin(
  cards: RateCards,
  query: RateQuery,
  startMs: number,
  endMs = startMs,
): readonly number[] {
  const { card, machine } = findMachine(cards, query);
  const attached = machine.facts.gpus === 'attached' ? [...card.accelerators.values()].flat() : [];
  const instants = [...machine.prices, ...attached].flatMap(({ terms: { valid } }) =>
    [valid?.from, valid?.until].flatMap((day) => (day === undefined ? [] : [dayStartMs(day)])),
  );
  return [...new Set(instants)]
    .filter((timeMs) => timeMs > startMs && timeMs < endMs)
    .toSorted((a, b) => a - b);
}

/** Runs are made, and GPUs counted, by one set of terms. */
function otherTerms(a: MachineRate, b: MachineRate): string | null {
  const isSame =
    a.bills === b.bills &&
    a.charged === b.charged &&
    a.incrementMs === b.incrementMs &&
    a.minimumMs === b.minimumMs &&
    (a.energy == null) === (b.energy == null);
  return isSame
    ? null
    : `${a.provider}/${a.type}: it is billed by other terms, report the time before and after apart with --until and --since`;
}

function isSamePrice(a: MachineRate | undefined, b: MachineRate): boolean {
  return (
    a !== undefined &&
    a.perHourNanos === b.perHourNanos &&
    a.energy?.perKwhNanos === b.energy?.perKwhNanos &&
    a.energy?.pue === b.energy?.pue &&
    a.energy?.hostWatts === b.energy?.hostWatts
  );
}
