import { UsageError } from '../errors.ts';
import { type Candidate, type ChosenBy, chooseResource, isSame } from './choose-resource.ts';
import type { Charge, ChargeKind } from './invoice-row.ts';

/** Which charges are this machine's. */
export interface InvoiceSelection {
  /** The provider's id of the machine; null takes the only one of its type, in its region where that is known. */
  readonly resource: string | null;
  readonly type: string | null;
  readonly region: string | null;
  /** Charges whose period touches this window count, whole: an invoice can't be cut finer than its rows. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What an invoice says of one machine. Amounts in trillionths. */
export interface ResourceCharges {
  readonly resource: string;
  /** How it was told from the others of the invoice. */
  readonly chosenBy: ChosenBy;
  /** The machine type by the invoice; null where its rows name none. */
  readonly type: string | null;
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
  /** Billed machine time; null where rows are of parts (vCPU-hours, GiB-hours), or add up to more than their period. */
  readonly timeMs: number | null;
}

/**
 * Adds charges up, by resource, in one pass. It holds hours only of machines of the type, or of unknown type: where no
 * resource is named, machine time of another type is not the machine's (a resized one has rows of both).
 */
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

interface Period {
  endMs: number;
  timeMs: number;
  readonly meters: Set<string>;
  hasParts: boolean;
}

interface Sums {
  readonly currencies: Set<string>;
  readonly amounts: Record<ChargeKind, bigint>;
  readonly periods: Map<number, Period>;
  /** Of its machine time. */
  readonly types: Set<string>;
  region: string | null;
  rows: number;
  listPicos: bigint | null;
  committedPicos: bigint;
}

export function invoiceTally(selection: InvoiceSelection): InvoiceTally {
  const byResource = new Map<string, Sums>();
  // What lies outside of the window, for the message if nothing lies inside.
  const outside = { startMs: Infinity, endMs: -Infinity };
  const others = new Map<string, Candidate>();
  const wants = (resource: string | null): resource is string =>
    resource !== null &&
    (selection.resource === null || isSameResource(resource, selection.resource));
  return {
    wants,
    add(charge) {
      const { resource } = charge;
      if (!wants(resource)) return;
      if (charge.startMs >= selection.endMs || charge.endMs <= selection.startMs) {
        outside.startMs = Math.min(outside.startMs, charge.startMs);
        outside.endMs = Math.max(outside.endMs, charge.endMs);
        return;
      }
      if (isOther(charge, selection)) {
        if (others.size < mostOthers) others.set(resource, otherOf(resource, charge));
        return;
      }
      const sums = byResource.get(resource) ?? emptySums();
      byResource.set(resource, sums);
      addTo(sums, charge);
    },
    finish() {
      const machines = [...byResource].filter(([, { periods }]) => periods.size > 0);
      const candidates: Candidate[] = machines.map(([resource, { types, region }]) => ({
        resource,
        types: [...types],
        region,
      }));
      const { resource, chosenBy } = chooseResource(
        [...candidates, ...others.values()],
        selection,
        outside,
      );
      const sums = byResource.get(resource);
      if (sums === undefined) throw new Error(`${resource} was not among the candidates`);
      return chargesOf(resource, chosenBy, sums);
    },
  };
}

/** For the message if nothing fits. */
const mostOthers = 20;

function isOther({ kind, type }: Charge, wanted: InvoiceSelection): boolean {
  if (wanted.resource !== null || wanted.type === null || kind !== 'time') return false;
  return type !== null && !isSame(type, wanted.type);
}

function otherOf(resource: string, { type, region }: Charge): Candidate {
  return { resource, types: type === null ? [] : [type], region };
}

function addTo(sums: Sums, charge: Charge): void {
  sums.rows += 1;
  sums.currencies.add(charge.currency);
  sums.amounts[charge.kind] += charge.amountPicos;
  if (charge.kind !== 'time') return;
  if (charge.type !== null) sums.types.add(charge.type);
  sums.region ??= charge.region;
  sums.listPicos =
    sums.listPicos === null || charge.listPicos === null ? null : sums.listPicos + charge.listPicos;
  if (charge.isCommitted) sums.committedPicos += charge.amountPicos;
  const period = sums.periods.get(charge.startMs) ?? {
    endMs: charge.endMs,
    timeMs: 0,
    meters: new Set(),
    hasParts: false,
  };
  period.timeMs += charge.timeMs ?? 0;
  if (charge.meter !== null) period.meters.add(charge.meter);
  if (charge.timeMs === null) period.hasParts = true;
  sums.periods.set(charge.startMs, period);
}

function emptySums(): Sums {
  return {
    currencies: new Set(),
    amounts: { time: 0n, usage: 0n, discount: 0n, tax: 0n, credit: 0n, adjustment: 0n },
    periods: new Map(),
    types: new Set(),
    region: null,
    rows: 0,
    listPicos: 0n,
    committedPicos: 0n,
  };
}

function chargesOf(resource: string, chosenBy: ChosenBy, sums: Sums): ResourceCharges {
  const [currency, other] = sums.currencies;
  if (currency === undefined || other !== undefined) {
    throw new UsageError(`the invoice charges ${resource} in several currencies`, {
      hint: 'Currencies are never added: split the invoice first.',
    });
  }
  const periods = [...sums.periods];
  const fits = periods.every(
    ([startMs, { endMs, timeMs, meters, hasParts }]) =>
      !hasParts && meters.size <= 1 && timeMs <= (endMs - startMs) * timeTolerance,
  );
  const [type = null] = sums.types;
  return {
    resource,
    chosenBy,
    type,
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
