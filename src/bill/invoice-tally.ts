import { UsageError } from '../errors.ts';
import type { Charge, ChargeKind } from './invoice-row.ts';

/** Which charges are this machine's. */
export interface InvoiceSelection {
  /** The provider's id of the machine; null takes the only one of its type. */
  readonly resource: string | null;
  readonly type: string | null;
  /** Charges whose period touches this window count, whole: an invoice can't be cut finer than its rows. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What an invoice says of one machine. Amounts in trillionths. */
export interface ResourceCharges {
  readonly resource: string;
  readonly currency: string;
  /** The periods of the rows that count. */
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: number;
  readonly amounts: Readonly<Record<ChargeKind, bigint>>;
  /** List price of machine time; null where a row does not say. */
  readonly listPicos: bigint | null;
  /** Part of the machine time's amount that reservations or savings plans cover. */
  readonly committedPicos: bigint;
  /** Billed machine time; null where rows of one period add up to more than it (vCPU-hours, GiB-hours). */
  readonly timeMs: number | null;
}

/** Adds charges up, by resource, in one pass; holds one entry for each machine of the type. */
export interface InvoiceTally {
  /** False for a resource whose charges would not count. */
  wants(resource: string | null): boolean;
  add(charge: Charge): void;
  /**
   * The machine's charges; throws a UsageError where the invoice has none, or several machines of the type, or
   * several currencies.
   */
  finish(): ResourceCharges;
}

/** Rows of one hour can each be rounded up a little. */
const timeTolerance = 1.001;

interface Sums {
  readonly currencies: Set<string>;
  readonly amounts: Record<ChargeKind, bigint>;
  readonly periods: Map<number, { endMs: number; timeMs: number }>;
  hasType: boolean;
  rows: number;
  listPicos: bigint | null;
  committedPicos: bigint;
}

export function invoiceTally(selection: InvoiceSelection): InvoiceTally {
  const byResource = new Map<string, Sums>();
  const wants = (resource: string | null): resource is string =>
    resource !== null &&
    (selection.resource === null || isSameResource(resource, selection.resource));
  return {
    wants,
    add(charge) {
      const { resource } = charge;
      if (!wants(resource)) return;
      if (charge.startMs >= selection.endMs || charge.endMs <= selection.startMs) return;

      const sums = byResource.get(resource) ?? emptySums();
      byResource.set(resource, sums);
      sums.rows += 1;
      sums.currencies.add(charge.currency);
      sums.amounts[charge.kind] += charge.amountPicos;
      sums.hasType ||= selection.type !== null && isSameType(charge.type, selection.type);
      if (charge.kind !== 'time') return;
      sums.listPicos =
        sums.listPicos === null || charge.listPicos === null
          ? null
          : sums.listPicos + charge.listPicos;
      if (charge.isCommitted) sums.committedPicos += charge.amountPicos;
      const period = sums.periods.get(charge.startMs) ?? { endMs: charge.endMs, timeMs: 0 };
      period.timeMs += charge.timeMs ?? 0;
      sums.periods.set(charge.startMs, period);
    },
    finish: () => finish(byResource, selection),
  };
}

function emptySums(): Sums {
  return {
    currencies: new Set(),
    amounts: { time: 0n, usage: 0n, discount: 0n, tax: 0n, credit: 0n, adjustment: 0n },
    periods: new Map(),
    hasType: false,
    rows: 0,
    listPicos: 0n,
    committedPicos: 0n,
  };
}

function finish(
  byResource: ReadonlyMap<string, Sums>,
  { resource, type }: InvoiceSelection,
): ResourceCharges {
  const found = [...byResource].filter(
    ([, sums]) => sums.periods.size > 0 && (resource !== null || sums.hasType),
  );
  const [first, second] = found;
  if (first === undefined) {
    throw new UsageError(
      `the invoice has no machine time of ${resource ?? type ?? 'a machine'} in this window`,
      {
        hint: 'Name the machine by its id on the invoice, and check that the invoice covers the window.',
      },
    );
  }
  if (second !== undefined) {
    const names = found.map(([name]) => name).toSorted();
    throw new UsageError(`the invoice has ${found.length} machines of ${resource ?? type}`, {
      hint: `Name one by its id: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`,
    });
  }

  const [name, sums] = first;
  const [currency, other] = sums.currencies;
  if (currency === undefined || other !== undefined) {
    throw new UsageError(`the invoice charges ${name} in several currencies`, {
      hint: 'Currencies are never added: split the invoice first.',
    });
  }
  const periods = [...sums.periods];
  const fits = periods.every(
    ([startMs, period]) => period.timeMs <= (period.endMs - startMs) * timeTolerance,
  );
  return {
    resource: name,
    currency,
    startMs: Math.min(...periods.map(([startMs]) => startMs)),
    endMs: Math.max(...periods.map(([, { endMs }]) => endMs)),
    rows: sums.rows,
    amounts: sums.amounts,
    listPicos: sums.listPicos,
    committedPicos: sums.committedPicos,
    timeMs: fits ? periods.reduce((sum, [, { timeMs }]) => sum + timeMs, 0) : null,
  };
}

/** An ARN or a path ends with the id: `arn:aws:ec2:us-east-1:1:instance/i-0123`. */
function isSameResource(resource: string, wanted: string): boolean {
  const a = resource.toLowerCase();
  const b = wanted.toLowerCase();
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

function isSameType(type: string | null, wanted: string): boolean {
  return type?.toLowerCase() === wanted.toLowerCase();
}
