import type { Report, ReportMachine } from '../../report/report.ts';
import { states } from '../../usage/states.ts';
import { decimalText, nanosOf } from './decimal.ts';
import type { MachineHour } from './hours.ts';
import type { FocusVersion } from './versions.ts';

/** Who is billed, in the provider's words; null is not known. */
export interface FocusAccount {
  readonly billingAccountId: string;
  readonly billingAccountName: string | null;
  readonly billingAccountType: string | null;
  readonly subAccountId: string | null;
  readonly subAccountName: string | null;
  readonly subAccountType: string | null;
}

interface Row {
  readonly hour: MachineHour;
  readonly account: FocusAccount;
  readonly report: Report;
}

interface Column {
  readonly name: string;
  /** Null is FOCUS's null: an empty cell. */
  readonly value: (row: Row) => string | null;
}

/**
 * The columns of a version. 1.2 (ratified 2025-05-29) names the provider by ProviderName and PublisherName; 1.4
 * (2026-06-04) by ServiceProviderName and HostProviderName. Written are the mandatory columns, the recommended ones, and those
 * conditional ones that a rate card and a recording have facts for: none of reservations and commitments.
 */
export function focusColumns(version: FocusVersion): readonly Column[] {
  const providerColumns =
    version === '1.2'
      ? (['ProviderName', 'PublisherName'] as const)
      : (['ServiceProviderName', 'HostProviderName'] as const);
  return [
    ...costAndUsage,
    ...providerColumns.map((name) => ({ name, value: providerOf })),
    ...custom,
  ];
}

const none = (): null => null;

const costAndUsage: readonly Column[] = [
  { name: 'BilledCost', value: billedCost },
  { name: 'BillingAccountId', value: ({ account }) => account.billingAccountId },
  { name: 'BillingAccountName', value: ({ account }) => account.billingAccountName },
  {
    name: 'BillingAccountType',
    value: ({ account }) => account.billingAccountType ?? 'Billing Account',
  },
  { name: 'BillingCurrency', value: ({ hour }) => hour.machine.cost?.currency ?? null },
  { name: 'BillingPeriodEnd', value: ({ hour }) => monthOf(hour.startMs, 1) },
  { name: 'BillingPeriodStart', value: ({ hour }) => monthOf(hour.startMs, 0) },
  { name: 'ChargeCategory', value: () => 'Usage' },
  { name: 'ChargeClass', value: none },
  {
    name: 'ChargeDescription',
    value: ({ hour }) =>
      `Estimate by gpucost, not an invoice: ${hour.machine.type ?? 'machine'}, ${hour.machine.gpuCount} x ${hour.gpuModels}`,
  },
  { name: 'ChargeFrequency', value: () => 'Usage-Based' },
  { name: 'ChargePeriodEnd', value: ({ hour }) => second(Math.ceil(hour.endMs / 1000)) },
  { name: 'ChargePeriodStart', value: ({ hour }) => second(Math.floor(hour.startMs / 1000)) },
  { name: 'ConsumedQuantity', value: quantity },
  { name: 'ConsumedUnit', value: () => 'Hours' },
  { name: 'ContractedCost', value: (row) => product(row, contractedUnitNanos(row.hour)) },
  { name: 'ContractedUnitPrice', value: ({ hour }) => decimalText(contractedUnitNanos(hour), 9) },
  { name: 'EffectiveCost', value: billedCost },
  { name: 'InvoiceId', value: none },
  { name: 'InvoiceIssuerName', value: providerOf },
  { name: 'ListCost', value: (row) => product(row, listUnitNanos(row.hour)) },
  { name: 'ListUnitPrice', value: ({ hour }) => decimalText(listUnitNanos(hour), 9) },
  { name: 'PricingCategory', value: ({ hour }) => pricingCategory(hour.machine) },
  { name: 'PricingQuantity', value: quantity },
  { name: 'PricingUnit', value: () => 'Hours' },
  { name: 'RegionId', value: ({ hour }) => regionOf(hour.machine) },
  { name: 'RegionName', value: ({ hour }) => regionOf(hour.machine) },
  { name: 'ResourceId', value: ({ hour }) => hour.machine.host ?? hour.machine.id },
  { name: 'ResourceName', value: ({ hour }) => hour.machine.host },
  { name: 'ResourceType', value: () => 'GPU machine' },
  { name: 'ServiceCategory', value: () => 'Compute' },
  { name: 'ServiceName', value: ({ hour }) => serviceNames[providerId(hour)] ?? 'GPU machines' },
  { name: 'ServiceSubcategory', value: () => 'Virtual Machines' },
  { name: 'SkuId', value: ({ hour }) => skuId(hour.machine) },
  { name: 'SkuMeter', value: () => 'Machine hours' },
  {
    name: 'SkuPriceDetails',
    value: ({ hour }) =>
      JSON.stringify({ InstanceType: hour.machine.type, GpuCount: hour.machine.gpuCount }),
  },
  { name: 'SkuPriceId', value: ({ hour }) => skuPriceId(hour.machine) },
  { name: 'SubAccountId', value: ({ account }) => account.subAccountId },
  { name: 'SubAccountName', value: ({ account }) => account.subAccountName },
  { name: 'SubAccountType', value: ({ account }) => account.subAccountType },
  { name: 'Tags', value: () => '{"gpucost/estimate":"true"}' },
];

const pascal = (state: string): string => state.charAt(0).toUpperCase() + state.slice(1);

const custom: readonly Column[] = [
  { name: 'x_Estimated', value: () => 'true' },
  { name: 'x_GpuModel', value: ({ hour }) => hour.gpuModels },
  { name: 'x_GpuCount', value: ({ hour }) => `${hour.machine.gpuCount}` },
  { name: 'x_BilledGpuHours', value: ({ hour }) => hoursText(hour.billedGpuHours) },
  { name: 'x_EffectiveLowGpuHours', value: ({ hour }) => hoursText(hour.effectiveLowGpuHours) },
  { name: 'x_EffectiveHighGpuHours', value: ({ hour }) => hoursText(hour.effectiveHighGpuHours) },
  ...states.map((state) => ({
    name: `x_${pascal(state)}GpuHours`,
    value: ({ hour }: Row) => hoursText(hour.gpuHours[state]),
  })),
  ...states.map((state) => ({
    name: `x_CostOf${pascal(state)}`,
    value: ({ hour }: Row) => decimalText(hour.micros[state], 6),
  })),
  { name: 'x_RateAsOf', value: ({ hour }) => joined(hour, ({ asOf }) => asOf) },
  { name: 'x_RateSource', value: ({ hour }) => joined(hour, ({ source }) => source) },
  { name: 'x_ToolVersion', value: ({ report }) => `gpucost ${report.tool.version}` },
];

function billedMicros({ micros }: MachineHour): bigint {
  return states.reduce((total, state) => total + micros[state], 0n);
}

function billedCost({ hour }: Row): string {
  return decimalText(billedMicros(hour), 6);
}

function quantity({ hour }: Row): string {
  return decimalText(nanosOf(hour.machineHours), 9);
}

/** The exact product that FOCUS asks for; within a micro of what was billed, which is rounded. */
function product({ hour }: Row, unitNanos: bigint): string {
  return decimalText(unitNanos * nanosOf(hour.machineHours), 18);
}

/**
 * The price of an hour, in billionths: the rate where it explains what the hour cost, else (the price changed within
 * the hour, or energy is metered) what the hour cost divided by its length.
 */
function contractedUnitNanos(hour: MachineHour): bigint {
  const rateNanos = nanosOf(hour.machine.rate?.perHour ?? 0);
  const hours = nanosOf(hour.machineHours);
  const micros = billedMicros(hour);
  const off = rateNanos * hours - micros * 10n ** 12n;
  const tolerance = (2n + BigInt(hour.machine.gpuCount)) * 10n ** 12n;
  if (off <= tolerance && off >= -tolerance) return rateNanos;
  return hours === 0n ? 0n : (micros * 10n ** 12n + hours / 2n) / hours;
}

/** Discounts are parts of a rate below zero: the list price is the rate without them. */
function listUnitNanos(hour: MachineHour): bigint {
  const discount = (hour.machine.rate?.parts ?? [])
    .map((part) => nanosOf(part.quantity * part.perUnitHour))
    .filter((nanos) => nanos < 0n)
    .reduce((total, nanos) => total + nanos, 0n);
  return contractedUnitNanos(hour) - discount;
}

const providerNames: Readonly<Record<string, string>> = {
  aws: 'AWS',
  azure: 'Microsoft',
  gcp: 'Google Cloud',
  oci: 'Oracle',
};

const serviceNames: Readonly<Record<string, string>> = {
  aws: 'Amazon Elastic Compute Cloud',
  azure: 'Virtual Machines',
  gcp: 'Compute Engine',
  oci: 'Compute',
};

function providerId({ machine }: MachineHour): string {
  return machine.provider ?? 'unknown';
}

function providerOf({ hour }: Row): string {
  const id = providerId(hour);
  return providerNames[id] ?? id;
}

function regionOf({ region }: ReportMachine): string | null {
  return region === 'any' ? null : region;
}

/** Ours, stable: price lists of providers have ids that a rate card does not know. */
function skuId({ provider, type }: ReportMachine): string {
  return [provider ?? 'unknown', type ?? 'unknown'].join('/');
}

function skuPriceId(machine: ReportMachine): string {
  return [skuId(machine), machine.region ?? 'any', machine.purchase ?? 'any'].join('/');
}

function pricingCategory({ purchase }: ReportMachine): string {
  if (purchase === 'spot' || purchase === 'marketplace') return 'Dynamic';
  if (purchase === null || purchase === 'on-demand') return 'Standard';
  return /reserved|commit|savings/.test(purchase) ? 'Committed' : 'Other';
}

function joined(
  { machine }: MachineHour,
  of: (part: NonNullable<ReportMachine['rate']>['parts'][number]) => string | null,
): string | null {
  const texts = [...new Set((machine.rate?.parts ?? []).flatMap((part) => of(part) ?? []))];
  return texts.length === 0 ? null : texts.join('; ');
}

function hoursText(hours: number): string {
  return decimalText(nanosOf(hours), 9);
}

/** Seconds since 1970 as FOCUS writes times. */
function second(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The first instant of the calendar month of a time, or of a month after it; providers bill by month. */
function monthOf(ms: number, after: number): string {
  const date = new Date(ms);
  return second(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + after) / 1000);
}
