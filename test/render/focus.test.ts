import { describe, expect, it } from 'vitest';
import { decimalText } from '../../src/render/focus/decimal.ts';
import { renderFocus } from '../../src/render/focus/render.ts';
import { formatOfFile } from '../../src/render/formats.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport } from '../kit/a-report.ts';

const account = {
  billingAccountId: '123456789012',
  billingAccountName: 'Research',
  billingAccountType: null,
  subAccountId: null,
  subAccountName: null,
  subAccountType: null,
};
const options = { colorLevel: 0, width: 100, unicode: true, verbose: false } as const;
const render = (report: Report, version: '1.2' | '1.4' = '1.2') =>
  renderFocus(report, { ...options, focus: { version, account } });

/** Rows as records; cells of these files hold no line breaks. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header = [], ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
      ),
    );
  return rows.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
}

/*
 * From the specification's column tables (focus.finops.org, FOCUS 1.2 of 2025-05-29 and 1.4 of 2026-06-04; read in copies on
 * 2026-11-23): what the Cost and Usage dataset must have, what may be null, and what is allowed.
 */
const mandatory = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ServiceCategory',
  'ServiceName',
];
const providers = {
  '1.2': ['ProviderName', 'PublisherName'],
  '1.4': ['ServiceProviderName', 'HostProviderName'],
};
/** May be null in our rows: all are Usage, none a Correction, and sub-accounts are not known. */
const nullable = [
  'BillingAccountName',
  'ChargeClass',
  'InvoiceId',
  'RegionId',
  'RegionName',
  'ResourceName',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'x_RateAsOf',
  'x_RateSource',
];
const decimals = [
  'BilledCost',
  'ConsumedQuantity',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'ListCost',
  'ListUnitPrice',
  'PricingQuantity',
];
const times = ['BillingPeriodEnd', 'BillingPeriodStart', 'ChargePeriodEnd', 'ChargePeriodStart'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  ChargeCategory: ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
  ChargeClass: ['', 'Correction'],
  ChargeFrequency: ['One-Time', 'Recurring', 'Usage-Based'],
  PricingCategory: ['Standard', 'Dynamic', 'Committed', 'Other'],
  ServiceCategory: ['Compute', 'AI and Machine Learning'],
  ServiceSubcategory: ['Virtual Machines', 'Containers', 'Serverless Compute', 'Other (Compute)'],
};

describe.each(['1.2', '1.4'] as const)('FOCUS %s', (version) => {
  const csv = render(aReport(), version);
  const header = csv.slice(0, csv.indexOf('\n')).split(',');
  const rows = rowsOf(csv);

  it('has every mandatory column, once, custom ones last, and none of the other version', () => {
    for (const name of [...mandatory, ...providers[version]]) expect(header).toContain(name);
    expect(new Set(header).size).toBe(header.length);
    const firstCustom = header.findIndex((name) => name.startsWith('x_'));
    expect(header.slice(firstCustom).every((name) => /^x_[A-Z][A-Za-z]+$/.test(name))).toBe(true);
    const other = version === '1.2' ? '1.4' : '1.2';
    for (const name of providers[other]) expect(header).not.toContain(name);
  });

  it('has values where null is not allowed, and no stand-in for null', () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      for (const [name, value] of Object.entries(row)) {
        if (!nullable.includes(name)) expect(value, name).not.toBe('');
        expect(value, name).not.toMatch(/^(?:null|n\/a|none|unknown|-)$/i);
      }
    }
  });

  it('keeps to allowed values and formats', () => {
    for (const row of rows) {
      for (const [name, values] of Object.entries(allowed)) expect(values).toContain(row[name]);
      for (const name of decimals) expect(row[name], name).toMatch(/^-?\d+\.\d+$/);
      for (const name of times) expect(row[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(row['BillingCurrency']).toMatch(/^[A-Z]{3}$/);
      expect(row['PricingUnit']).toBe('Hours');
      expect(Object.keys(JSON.parse(row['Tags'] ?? '') as object)).toEqual(['gpucost/estimate']);
      JSON.parse(row['SkuPriceDetails'] ?? '');
    }
  });

  it('keeps the relations between columns', () => {
    for (const row of rows) {
      const of = (name: string): number => Number(row[name]);
      expect(Date.parse(row['ChargePeriodStart'] ?? '')).toBeLessThan(
        Date.parse(row['ChargePeriodEnd'] ?? ''),
      );
      expect(row['BillingPeriodStart']).toBe('2026-11-01T00:00:00Z');
      expect(row['BillingPeriodEnd']).toBe('2026-12-01T00:00:00Z');
      expect(of('ListUnitPrice') * of('PricingQuantity')).toBeCloseTo(of('ListCost'), 9);
      expect(of('ContractedUnitPrice') * of('PricingQuantity')).toBeCloseTo(
        of('ContractedCost'),
        9,
      );
      expect(of('ContractedCost')).toBeCloseTo(of('BilledCost'), 4);
      expect(row['ConsumedQuantity']).toBe(row['PricingQuantity']);
      expect(row['EffectiveCost']).toBe(row['BilledCost']);
    }
  });

  it('says in every row that it is an estimate', () => {
    for (const row of rows) {
      expect(row['x_Estimated']).toBe('true');
      expect(row['ChargeDescription']).toContain('Estimate by gpucost, not an invoice');
    }
  });

  it('is golden', async () => {
    await expect(csv).toMatchFileSnapshot(`../golden/report-h100x8-${version}.focus.csv`);
  });
});

it('the states of a row add up to what it billed', () => {
  for (const row of rowsOf(render(aReport()))) {
    const sum = Object.entries(row)
      .filter(([name]) => name.startsWith('x_CostOf'))
      .reduce((total, [, value]) => total + Math.round(Number(value) * 1e6), 0);
    expect(sum).toBe(Math.round(Number(row['BilledCost']) * 1e6));
  }
});

it('a discount lowers the contracted price, not the list price', () => {
  const base = aReport();
  const machines = base.machines.map((machine) => ({
    ...machine,
    rate: machine.rate && {
      ...machine.rate,
      parts: [
        { ...machine.rate.parts[0], perUnitHour: 64.04 },
        { ...machine.rate.parts[0], name: 'EDP', perUnitHour: -9 },
      ] as NonNullable<typeof machine.rate>['parts'],
    },
  }));
  for (const row of rowsOf(render({ ...base, machines }))) {
    expect(row['ContractedUnitPrice']).toBe('55.04');
    expect(row['ListUnitPrice']).toBe('64.04');
  }
});

it.each([
  [2n, 0, '2.0'],
  [2_000_000n, 6, '2.0'],
  [1n, 6, '0.000001'],
  [55_040_000_000n, 9, '55.04'],
  [-1_500_000n, 6, '-1.5'],
  [0n, 9, '0.0'],
])('%s of %s places is %s', (value, places, text) => {
  expect(decimalText(value, places)).toBe(text);
});

it('is refused without an account or a cost', () => {
  const base = aReport();
  expect(() => renderFocus(base, { ...options, focus: { version: '1.2', account: null } })).toThrow(
    /billing account/,
  );
  const machines = base.machines.map((machine) => ({ ...machine, cost: null, rate: null }));
  expect(() => render({ ...base, cost: null, machines })).toThrow(/needs a cost/);
});

it('is known by the ending .focus.csv', () => {
  expect(formatOfFile('a/b.focus.csv')).toBe('focus');
  expect(formatOfFile('focus.csv')).toBe('csv');
});
