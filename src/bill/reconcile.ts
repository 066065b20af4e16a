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
  readonly type: string;
  /** False for spot, reserved and discounted rates: the invoice's list price then explains nothing. */
  readonly isListPrice: boolean;
}

/** Why the charge differs from the estimate. */
export const differenceCauses = [
  'unobserved-uptime',
  'uncharged-time',
  'rounding',
  'price',
  'price-or-time',
  'commitment',
  'discount',
  'credit',
  'other-usage',
  'adjustment',
  'tax',
] as const;

type Cause = (typeof differenceCauses)[number];

/** A part of the difference; positive where more was charged than estimated. */
interface Difference {
  readonly cause: Cause;
  readonly micros: bigint;
  readonly says: string;
}

/** Estimate and charge side by side; the differences add up to charged − estimated exactly. */
export interface Reconciliation {
  readonly currency: string;
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
    if (moreMs > 0) stepTo(at + atPrice, 'unobserved-uptime', moreTimeText(moreMs));
    if (moreMs < 0) stepTo(at - atPrice, 'uncharged-time', lessTimeText(moreMs));
  }
  const priceTo = (end: bigint, says: string): void => {
    const by = end < at ? at - end : end - at;
    if (charges.timeMs === null) stepTo(end, 'price-or-time', says);
    else if (by <= roundingOf(estimate, charges)) stepTo(end, 'rounding', roundingText);
    else stepTo(end, 'price', says);
  };
  let picos = amounts.time;
  if (!estimate.isListPrice) {
    // The rate has its discount in it, and so have these two together.
    picos += amounts.discount;
    priceTo(microsFromPicos(picos), priceText(estimate, charges));
  } else if (charges.listPicos === null) {
    const says = `${priceText(estimate, charges)}, discounts with it: the invoice tells no list price`;
    priceTo(microsFromPicos(picos), says);
  } else {
    priceTo(microsFromPicos(charges.listPicos), priceText(estimate, charges));
    const isCommitted = charges.committedPicos !== 0n;
    stepTo(
      microsFromPicos(picos),
      isCommitted ? 'commitment' : 'discount',
      isCommitted
        ? 'reservations or savings plans cover the time, their cost spread over it'
        : 'a discount on the list price',
    );
  }

  for (const [kind, furtherCause, says] of further) {
    if (kind === 'discount' && !estimate.isListPrice) continue;
    picos += amounts[kind];
    stepTo(microsFromPicos(picos), furtherCause, says);
  }
  return {
    currency: charges.currency,
    estimatedMicros: estimate.billedMicros,
    chargedMicros: at,
    estimatedMs: estimate.billedMs,
    chargedMs: charges.timeMs,
    differences,
  };
}

const further = [
  ['discount', 'discount', 'discounts as rows of their own'],
  ['credit', 'credit', 'credits to the account'],
  ['usage', 'other-usage', 'traffic, disks and what else is charged under the id of the machine'],
  ['adjustment', 'adjustment', 'fees, refunds and corrections'],
  ['tax', 'tax', 'tax on the charges of the machine'],
] as const;

function moreTimeText(moreMs: number): string {
  return `the invoice has ${hoursText(moreMs)} more: uptime before, between or after what was watched (--billed-from launch bills it too)`;
}

function lessTimeText(moreMs: number): string {
  return `the invoice has ${hoursText(moreMs)} less: part of the window was not charged, or is not on it yet`;
}

function hoursText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 60_000) return `${size / 1000} s`;
  return `${decimalFromMicros(microsOf(1_000_000_000n, size))} h`;
}

/** A quantity of hours is read in whole milliseconds: each row can be off by half of one, and by a micro of money. */
function roundingOf({ perHourNanos }: Estimate, { rows }: ResourceCharges): bigint {
  return microsOf(perHourNanos, rows) + BigInt(rows);
}

const roundingText = 'time is counted in milliseconds, and money in millionths';

function priceText(estimate: Estimate, charges: ResourceCharges): string {
  const { type } = charges;
  const isOther = type !== null && type.toLowerCase() !== estimate.type.toLowerCase();
  const price = estimate.isListPrice ? 'another list price' : 'another price';
  const what = isOther
    ? `the invoice has a ${type.slice(0, longestType)}, the rate is of a ${estimate.type}`
    : `the invoice has ${price} than the rate`;
  return charges.timeMs === null
    ? `${what}, or other hours: its quantities are not machine time`
    : what;
}

/** A cell can be a megabyte long. */
const longestType = 80;
