import { UsageError } from '../errors.ts';
import { picosFromDecimal } from './money.ts';

/** The cell of a column in one row of an invoice's CSV; '' where it is empty or the column is missing. */
export type InvoiceRow = (column: string) => string;

/** What a charge is for. `time` is machine time; `usage` is traffic, disks and what else a resource uses. */
export type ChargeKind = 'time' | 'usage' | 'discount' | 'tax' | 'credit' | 'adjustment';

/** One charge of an invoice. Amounts in trillionths: CUR has 10 decimals. */
export interface Charge {
  readonly kind: ChargeKind;
  readonly resource: string | null;
  /** The machine type that the row names; null where it names none. */
  readonly type: string | null;
  /** The provider's id of the region; null where the row names none. */
  readonly region: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly currency: string;
  /** What it costs with discounts and with commitments spread over what they cover (FOCUS EffectiveCost). */
  readonly amountPicos: bigint;
  /** At list price; null where the row does not say. */
  readonly listPicos: bigint | null;
  /** Machine time in milliseconds; null where the quantity is something else, also of parts (vCPU-hours, GiB-hours). */
  readonly timeMs: number | null;
  /** What is metered: rows of several meters in one period are parts of a machine, whose hours don't add up. */
  readonly meter: string | null;
  /** Covered by a reservation or savings plan. */
  readonly isCommitted: boolean;
}

export type InvoiceFormat = 'focus' | 'cur';

/**
 * Tells the format by the header, and returns the reader of its rows. Rows that only move money between other rows
 * (savings plan negations, purchases that EffectiveCost spreads) give null.
 * Throws a UsageError for another format, a missing column, or a cell that can't be read.
 */
export function invoiceReader(columns: readonly string[]): {
  readonly format: InvoiceFormat;
  /** Whose charge a row is, cheaply: rows of others need not be read. */
  resource(row: InvoiceRow): string | null;
  read(row: InvoiceRow): Charge | null;
} {
  const has = new Set(columns);
  if (has.has('ChargePeriodStart')) {
    requireColumns(has, 'FOCUS', focusColumns);
    return { format: 'focus', resource: (row) => textOf(row('ResourceId')), read: readFocus };
  }
  if (has.has('line_item_line_item_type')) {
    requireColumns(has, 'CUR 2.0', curColumns);
    return {
      format: 'cur',
      resource: (row) => textOf(row('line_item_resource_id')),
      read: readCur,
    };
  }
  if (has.has('lineItem/LineItemType')) {
    throw new UsageError('the invoice is a legacy AWS CUR, expected FOCUS or CUR 2.0', {
      hint: 'AWS Data Exports writes both: choose CSV, and resource ids.',
    });
  }
  throw new UsageError('the invoice is neither FOCUS nor AWS CUR 2.0', {
    hint: 'Expected a CSV with a column ChargePeriodStart (FOCUS) or line_item_line_item_type (CUR 2.0).',
  });
}

const focusColumns = [
  'EffectiveCost',
  'BillingCurrency',
  'ChargeCategory',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ResourceId',
] as const;

const curColumns = [
  'line_item_usage_start_date',
  'line_item_usage_end_date',
  'line_item_resource_id',
  'line_item_unblended_cost',
  'line_item_currency_code',
] as const;

function requireColumns(has: ReadonlySet<string>, format: string, wanted: readonly string[]): void {
  const missing = wanted.filter((name) => !has.has(name));
  if (missing.length === 0) return;
  throw new UsageError(`the invoice has no column ${missing.join(', ')}`, {
    hint: `Export it as ${format} with resource ids; see the provider's export settings.`,
  });
}

const focusKinds: Readonly<Record<string, ChargeKind>> = {
  Usage: 'usage',
  Tax: 'tax',
  Credit: 'credit',
  Adjustment: 'adjustment',
  Purchase: 'adjustment',
};

/** FOCUS 1.0 to 1.4 (focus.finops.org): the columns used here are the same in all. */
function readFocus(row: InvoiceRow): Charge | null {
  const kind = focusKinds[row('ChargeCategory')] ?? 'adjustment';
  const timeMs =
    kind === 'usage'
      ? (timeOf(row('ConsumedQuantity'), row('ConsumedUnit')) ??
        timeOf(row('PricingQuantity'), row('PricingUnit')))
      : null;
  const isTime =
    timeMs !== null ||
    (kind === 'usage' && (isPartTime(row('ConsumedUnit')) || isPartTime(row('PricingUnit'))));
  // Commitments that nobody used are no machine's charge.
  if (row('CommitmentDiscountStatus') === 'Unused') return null;
  return {
    kind: isTime ? 'time' : kind,
    resource: textOf(row('ResourceId')),
    type: focusType(row),
    region: textOf(row('RegionId')),
    startMs: timeAt(row, 'ChargePeriodStart'),
    endMs: timeAt(row, 'ChargePeriodEnd'),
    currency: row('BillingCurrency'),
    amountPicos: amount(row, ['EffectiveCost']),
    listPicos: optionalAmount(row, 'ListCost'),
    timeMs,
    meter: textOf(row('SkuMeter')) ?? textOf(row('x_UsageType')) ?? textOf(row('SkuId')),
    isCommitted: row('CommitmentDiscountStatus') === 'Used',
  };
}

/**
 * The machine type: FOCUS 1.2 names it in SkuPriceDetails; before, AWS has it behind the usage type and Azure in the
 * details of its own.
 */
function focusType(row: InvoiceRow): string | null {
  return (
    textOf(/"InstanceType":\s*"([^"]+)"/.exec(row('SkuPriceDetails'))?.[1]) ??
    textOf(awsUsageType.exec(row('x_UsageType'))?.[1]) ??
    textOf(awsUsageType.exec(row('SkuMeter'))?.[1]) ??
    textOf(/"ServiceType":\s*"([^"]+)"/.exec(row('x_SkuDetails'))?.[1])
  );
}

/** `USE1-BoxUsage:p5.48xlarge`. */
const awsUsageType = /:([a-z0-9-]+\.[a-z0-9-]+)$/;

/** Net columns are there only for accounts with negotiated discounts; they already hold what discount rows say. */
const unblended = ['line_item_net_unblended_cost', 'line_item_unblended_cost'] as const;

/** By line item type, where its amortised amount stands (docs.aws.amazon.com/cur, reservation and savings plan columns). */
const curKinds: Readonly<Record<string, { kind: ChargeKind; costs: readonly string[] }>> = {
  Usage: { kind: 'usage', costs: unblended },
  DiscountedUsage: {
    kind: 'usage',
    costs: ['reservation_net_effective_cost', 'reservation_effective_cost'],
  },
  SavingsPlanCoveredUsage: {
    kind: 'usage',
    costs: [
      'savings_plan_net_savings_plan_effective_cost',
      'savings_plan_savings_plan_effective_cost',
    ],
  },
  Discount: { kind: 'discount', costs: unblended },
  EdpDiscount: { kind: 'discount', costs: unblended },
  BundledDiscount: { kind: 'discount', costs: unblended },
  PrivateRateDiscount: { kind: 'discount', costs: unblended },
  Tax: { kind: 'tax', costs: unblended },
  Credit: { kind: 'credit', costs: unblended },
};

/** Line items that amortised amounts of other rows already hold. */
const curSpread: ReadonlySet<string> = new Set([
  'SavingsPlanNegation',
  'SavingsPlanUpfrontFee',
  'SavingsPlanRecurringFee',
  'RIFee',
]);

function readCur(row: InvoiceRow): Charge | null {
  const itemType = row('line_item_line_item_type');
  if (curSpread.has(itemType)) return null;
  const { kind, costs } = curKinds[itemType] ?? { kind: 'adjustment' as const, costs: unblended };
  // Traffic of a machine is billed under its id too; its unit is GB.
  const timeMs =
    kind === 'usage' ? timeOf(row('line_item_usage_amount'), row('pricing_unit')) : null;
  return {
    kind: timeMs === null ? kind : 'time',
    meter: textOf(row('line_item_usage_type')),
    resource: textOf(row('line_item_resource_id')),
    type:
      textOf(row('product_instance_type')) ??
      textOf(awsUsageType.exec(row('line_item_usage_type'))?.[1]),
    region: textOf(row('product_region_code')),
    startMs: timeAt(row, 'line_item_usage_start_date'),
    endMs: timeAt(row, 'line_item_usage_end_date'),
    currency: row('line_item_currency_code'),
    amountPicos: amount(row, costs),
    listPicos: optionalAmount(row, 'pricing_public_on_demand_cost'),
    timeMs,
    isCommitted: itemType === 'DiscountedUsage' || itemType === 'SavingsPlanCoveredUsage',
  };
}

/** `GiB-Hours`, `vCPU-Hours`, `gibibyte hour`, `byte-seconds`: providers that price a machine by its parts (GCP, OCI). */
function isPartTime(unit: string): boolean {
  return /^[a-z]+[- ](?:hrs?|hours?|seconds?)$/i.test(unit.trim());
}

/** Milliseconds of a quantity of hours, minutes or seconds, as `12.5` and `Hrs`; null for other units (`1 Hour` is one hour). */
function timeOf(quantity: string | undefined, unit: string | undefined): number | null {
  const match = /^(?:1 )?(h|hrs?|hours?|min|minutes?|s|sec|secs|seconds?)$/i.exec(
    unit?.trim() ?? '',
  );
  const picos = picosFromDecimal(quantity?.trim() ?? '');
  if (match === null || picos === null || picos < 0n) return null;
  const unitMs = unitsMs[match[1]?.charAt(0).toLowerCase() ?? ''];
  return unitMs === undefined ? null : Number((picos * unitMs + 500_000_000_000n) / 10n ** 12n);
}

const unitsMs: Readonly<Record<string, bigint>> = { h: 3_600_000n, m: 60_000n, s: 1000n };

/** ISO 8601 or `2026-11-22 08:00:00.000`, UTC where no zone is given. */
function timeAt(row: InvoiceRow, column: string): number {
  const text = row(column).trim().replace(' ', 'T');
  const ms = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
  if (!Number.isNaN(ms)) return ms;
  throw new UsageError(`the invoice's ${column} is no time: ${quoted(row(column))}`);
}

/** The first of the columns that is filled. */
function amount(row: InvoiceRow, columns: readonly string[]): bigint {
  for (const column of columns) {
    const picos = optionalAmount(row, column);
    if (picos !== null) return picos;
  }
  const resource = textOf(row('ResourceId')) ?? textOf(row('line_item_resource_id'));
  throw new UsageError(
    `the invoice has no ${columns.at(-1)} in a row of ${resource === null ? 'no resource' : quoted(resource)}`,
  );
}

function optionalAmount(row: InvoiceRow, column: string): bigint | null {
  const text = row(column).trim();
  if (text === '') return null;
  const picos = picosFromDecimal(text);
  if (picos !== null) return picos;
  throw new UsageError(`the invoice's ${column} is no amount: ${quoted(text)}`);
}

/** A cell for a message: it can be a megabyte long. */
function quoted(cell: string): string {
  return `"${cell.length > longestQuote ? `${cell.slice(0, longestQuote)}…` : cell}"`;
}

const longestQuote = 80;

function textOf(cell: string | undefined): string | null {
  const text = cell?.trim() ?? '';
  return text === '' ? null : text;
}
