/**
 * Synthetic invoices in the columns of FOCUS and AWS CUR 2.0 (names as published; ids and amounts made up).
 * Only the columns that matter here: real files have some hundred.
 */
export const focusHeader = [
  'EffectiveCost',
  'BilledCost',
  'ListCost',
  'BillingCurrency',
  'ChargeCategory',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ResourceId',
  'ConsumedQuantity',
  'ConsumedUnit',
  'CommitmentDiscountStatus',
  'SkuPriceDetails',
] as const;

export const curHeader = [
  'line_item_line_item_type',
  'line_item_usage_start_date',
  'line_item_usage_end_date',
  'line_item_resource_id',
  'line_item_unblended_cost',
  'line_item_net_unblended_cost',
  'line_item_currency_code',
  'line_item_usage_amount',
  'line_item_usage_type',
  'pricing_unit',
  'pricing_public_on_demand_cost',
  'product_instance_type',
  'reservation_effective_cost',
  'savings_plan_savings_plan_effective_cost',
] as const;

/** A row's accessor; what is not given is empty. */
export function cellsOf(row: Readonly<Record<string, string>>): (column: string) => string {
  return (column) => row[column] ?? '';
}

/** An hour of p5.48xlarge on FOCUS, at its list price. */
export function focusHour(
  hour: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const two = (n: number): string => String(n).padStart(2, '0');
  return {
    EffectiveCost: '55.04',
    BilledCost: '55.04',
    ListCost: '55.04',
    BillingCurrency: 'USD',
    ChargeCategory: 'Usage',
    ChargePeriodStart: `2026-11-23T${two(hour)}:00:00Z`,
    ChargePeriodEnd: `2026-11-23T${two(hour + 1)}:00:00Z`,
    ResourceId: 'i-0123456789abcdef0',
    ConsumedQuantity: '1',
    ConsumedUnit: 'Hours',
    SkuPriceDetails: '{"InstanceType": "p5.48xlarge"}',
    ...more,
  };
}

/** An hour of p5.48xlarge on CUR 2.0, on demand. */
export function curHour(
  hour: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const two = (n: number): string => String(n).padStart(2, '0');
  return {
    line_item_line_item_type: 'Usage',
    line_item_usage_start_date: `2026-11-23 ${two(hour)}:00:00.000`,
    line_item_usage_end_date: `2026-11-23 ${two(hour + 1)}:00:00.000`,
    line_item_resource_id: 'i-0123456789abcdef0',
    line_item_unblended_cost: '55.0400000000',
    line_item_currency_code: 'USD',
    line_item_usage_amount: '1.0000000000',
    line_item_usage_type: 'BoxUsage:p5.48xlarge',
    pricing_unit: 'Hrs',
    pricing_public_on_demand_cost: '55.0400000000',
    product_instance_type: 'p5.48xlarge',
    ...more,
  };
}

export function csvOf(
  header: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
): string {
  const quoted = (text: string): string =>
    /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map((row) => header.map((name) => quoted(row[name] ?? '')).join(','));
  return `${[header.join(','), ...lines].join('\n')}\n`;
}
