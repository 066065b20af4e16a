import { UsageError } from '../errors.ts';
import type { ResourceCharges } from './invoice-tally.ts';
import { decimalFromMicros, microsFromPicos, microsOf } from './money.ts';

/** What gpucost estimates for the machine over the window. */
export interface Estimate {
  readonly currency: string;
  readonly billedMicros: bigint;
  /** Billed time of the machine's runs. */
  readonly billedMs: number;
  readonly perHourNanos: bigint;
}

/** Why the charge differs from the estimate. */
type Cause =
  | 'time'
  | 'price'
  | 'price-or-time'
  | 'commitment'
  | 'discount'
  | 'credit'
  | 'other-usage'
  | 'adjustment'
  | 'tax';

/** A part of the difference; positive where more was charged than estimated. */
interface Difference {
  readonly cause: Cause;
  readonly micros: bigint;
  readonly says: string;
}

/** Estimate and charge side by side; the differences add up to charged − estimated exactly. */
export interface Reconciliation {
  readonly resource: string;
  readonly currency: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly estimatedMicros: bigint;
  readonly chargedMicros: bigint;
  readonly estimatedMs: number;
  /** Null where the invoice's quantities are not machine time. */
  readonly chargedMs: number | null;
  readonly differences: readonly Difference[];
}

/**
 * Explains an invoice by steps from the estimate to the charge: other time at the estimated price, another list price,
 * discounts or commitments on it, then what else the invoice charges the machine. Each step's end is rounded to
 * micros, and a difference is the step between two ends, so that they add up exactly. Steps of nothing are left out.
 * Throws a UsageError for another currency.
 */
export function reconcile(estimate: Estimate, charges: ResourceCharges): Reconciliation {
  if (estimate.currency !== charges.currency) {
    throw new UsageError(
      `the invoice is in ${charges.currency || 'an unnamed currency'}, the estimate in ${estimate.currency}`,
      {
        hint: 'Currencies are never converted here: use a rate card in the currency of the invoice.',
      },
    );
  }
  const { amounts } = charges;
  const differences: Difference[] = [];
  let at = estimate.billedMicros;
  const stepTo = (end: bigint, cause: Cause, says: string): void => {
    const by = end - at;
    if (by !== 0n) differences.push({ cause, micros: by, says });
    at = end;
  };

  if (charges.timeMs !== null) {
    const moreMs = charges.timeMs - estimate.billedMs;
    const atPrice = microsOf(estimate.perHourNanos, Math.abs(moreMs));
    stepTo(at + (moreMs < 0 ? -atPrice : atPrice), 'time', timeText(moreMs));
  }
  if (charges.listPicos !== null) {
    const cause = charges.timeMs === null ? 'price-or-time' : 'price';
    stepTo(
      microsFromPicos(charges.listPicos),
      cause,
      cause === 'price'
        ? 'the list price on the invoice is another one than the rate card has'
        : 'price and time differ; the invoice does not tell machine time',
    );
    const isCommitted = charges.committedPicos !== 0n;
    stepTo(
      microsFromPicos(amounts.time),
      isCommitted ? 'commitment' : 'discount',
      isCommitted
        ? 'reservations or savings plans cover the time, their cost spread over it'
        : 'a discount on the list price',
    );
  } else {
    const cause = charges.timeMs === null ? 'price-or-time' : 'price';
    stepTo(
      microsFromPicos(amounts.time),
      cause,
      'another price than the rate card has, discounts with it: the invoice tells no list price',
    );
  }

  let picos = amounts.time;
  for (const [kind, cause, says] of further) {
    picos += amounts[kind];
    stepTo(microsFromPicos(picos), cause, says);
  }
  return {
    resource: charges.resource,
    currency: charges.currency,
    startMs: charges.startMs,
    endMs: charges.endMs,
    estimatedMicros: estimate.billedMicros,
    chargedMicros: at,
    estimatedMs: estimate.billedMs,
    chargedMs: charges.timeMs,
    differences,
  };
}

const further = [
  ['discount', 'discount', 'discounts as rows of their own'],
  ['credit', 'credit', 'credits'],
  ['usage', 'other-usage', 'traffic, disks and what else is charged under the id of the machine'],
  ['adjustment', 'adjustment', 'fees, refunds and corrections'],
  ['tax', 'tax', 'tax'],
] as const;

function timeText(moreMs: number): string {
  const hours = decimalFromMicros(microsOf(1_000_000_000n, Math.abs(moreMs)));
  return moreMs > 0
    ? `the invoice has ${hours} h more: the machine ran while nobody watched, or before (--billed-from launch)`
    : `the invoice has ${hours} h less: part of the window was not charged, or is not on it yet`;
}
