import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invoiceReader } from '../../src/bill/invoice-row.ts';
import { type InvoiceSelection, invoiceTally } from '../../src/bill/invoice-tally.ts';
import { decimalFromMicros } from '../../src/bill/money.ts';
import { type Estimate, reconcile } from '../../src/bill/reconcile.ts';
import { at } from './billable.ts';
import { cellsOf, curHeader, curHour, focusHeader, focusHour } from './invoices.ts';

type Rows = readonly Readonly<Record<string, string>>[];

const wholeDay: InvoiceSelection = {
  resource: null,
  type: 'p5.48xlarge',
  region: null,
  startMs: at('00:00:00'),
  endMs: at('00:00:00') + 24 * 3_600_000,
};

/** 55.04 an hour for some hours. */
const estimateOf = (hours: number): Estimate => ({
  currency: 'USD',
  billedMicros: BigInt(Math.round(hours * 55_040_000)),
  billedMs: hours * 3_600_000,
  perHourNanos: 55_040_000_000n,
  type: 'p5.48xlarge',
  isListPrice: true,
});

function chargesOf(header: readonly string[], rows: Rows, selection = wholeDay) {
  const reader = invoiceReader(header);
  const tally = invoiceTally(selection);
  for (const row of rows) {
    const charge = reader.read(cellsOf(row));
    if (charge !== null) tally.add(charge);
  }
  return tally.finish();
}

function explain(header: readonly string[], rows: Rows, estimate: Estimate, selection = wholeDay) {
  const result = reconcile(estimate, chargesOf(header, rows, selection));
  return {
    charged: decimalFromMicros(result.chargedMicros),
    differences: Object.fromEntries(
      result.differences.map(({ cause, micros }) => [cause, decimalFromMicros(micros)]),
    ),
  };
}

describe('FOCUS', () => {
  it('has nothing to explain where estimate and charge are the same', () => {
    expect(explain(focusHeader, [focusHour(10), focusHour(11)], estimateOf(2))).toEqual({
      charged: '110.08',
      differences: {},
    });
  });

  it('names uptime that nobody watched: 3 h on the invoice, 2.5 h billed', () => {
    // 0.5 h × 55.04 = 27.52.
    const rows = [focusHour(10), focusHour(11), focusHour(12)];
    expect(explain(focusHeader, rows, estimateOf(2.5))).toEqual({
      charged: '165.12',
      differences: { 'unobserved-uptime': '27.52' },
    });
  });

  it('names discount, other price, tax, credit and traffic, each for itself', () => {
    // List 60.00 for the hour instead of 55.04: price +4.96. 54.00 after a negotiated discount: −6.00.
    // Credit −10, 2 GB of traffic 0.18, tax 8.39.
    const rows = [
      focusHour(10, { ListCost: '60', EffectiveCost: '54' }),
      focusHour(10, {
        ChargeCategory: 'Credit',
        EffectiveCost: '-10',
        ConsumedQuantity: '',
        ConsumedUnit: '',
      }),
      focusHour(10, {
        EffectiveCost: '0.18',
        ListCost: '0.18',
        ConsumedQuantity: '2',
        ConsumedUnit: 'GB',
      }),
      focusHour(10, {
        ChargeCategory: 'Tax',
        EffectiveCost: '8.39',
        ConsumedQuantity: '',
        ConsumedUnit: '',
      }),
    ];
    expect(explain(focusHeader, rows, estimateOf(1))).toEqual({
      charged: '52.57',
      differences: {
        price: '4.96',
        discount: '-6',
        credit: '-10',
        'other-usage': '0.18',
        tax: '8.39',
      },
    });
  });

  it('counts a commitment by its spread cost, and not what nobody used of it', () => {
    // A reservation covers the hour: nothing is billed, 24.50 is its share. 24.50 − 55.04 = −30.54.
    const covered = { BilledCost: '0', EffectiveCost: '24.50', CommitmentDiscountStatus: 'Used' };
    const unused = { ...covered, CommitmentDiscountStatus: 'Unused' };
    expect(
      explain(focusHeader, [focusHour(10, covered), focusHour(11, unused)], estimateOf(1)),
    ).toEqual({ charged: '24.5', differences: { commitment: '-30.54' } });
  });

  it('does not tell price from time where hours are of vCPUs and GiB', () => {
    // 1 h of a machine as 192 vCPU-hours and 2,048 GiB-hours: 50.00 together.
    const rows = [
      focusHour(10, { ConsumedQuantity: '192', EffectiveCost: '30', ListCost: '30' }),
      focusHour(10, { ConsumedQuantity: '2048', EffectiveCost: '20', ListCost: '20' }),
    ];
    expect(explain(focusHeader, rows, estimateOf(1))).toEqual({
      charged: '50',
      differences: { 'price-or-time': '-5.04' },
    });
  });

  it('nor where a day of few hours has room for the hours of its vCPUs', () => {
    // 1 h of 8 vCPUs and 30 GiB, as one row a day each: 8 of 24 h would pass for machine time.
    const day = {
      ChargePeriodStart: '2026-11-23T00:00:00Z',
      ChargePeriodEnd: '2026-11-24T00:00:00Z',
    };
    const part = (ConsumedQuantity: string, ConsumedUnit: string, cost: string, SkuMeter: string) =>
      focusHour(10, {
        ...day,
        ConsumedQuantity,
        ConsumedUnit,
        EffectiveCost: cost,
        ListCost: cost,
        SkuMeter,
      });
    const cores = part('8', 'Hours', '0.4', 'Core running');
    const gpu = part('1', 'Hours', '50', 'GPU running');
    const memory = part('30', 'gibibyte hour', '0.6', 'Ram running');
    // 51 − 55.04 = −4.04, however the parts are metered.
    const differences = { 'price-or-time': '-4.04' };
    expect(explain(focusHeader, [cores, gpu, memory], estimateOf(1))).toEqual({
      charged: '51',
      differences,
    });
    const vcpus = part('8', 'vCPU-Hours', '50.4', '');
    const gibs = part('30', 'GiB-Hours', '0.6', '');
    expect(explain(focusHeader, [vcpus, gibs], estimateOf(1)).differences).toEqual(differences);
    // Two rows of one meter are still time: half an hour each, one of them by a savings plan.
    const half = { ConsumedQuantity: '0.5', ListCost: '27.52', SkuMeter: 'BoxUsage:p5.48xlarge' };
    const rows = [
      focusHour(10, { ...half, EffectiveCost: '27.52' }),
      focusHour(10, { ...half, EffectiveCost: '20', CommitmentDiscountStatus: 'Used' }),
    ];
    expect(explain(focusHeader, rows, estimateOf(1)).differences).toEqual({ commitment: '-7.52' });
  });

  it('takes the price for what it is where there is no list price', () => {
    expect(
      explain(focusHeader, [focusHour(10, { ListCost: '', EffectiveCost: '50' })], estimateOf(1)),
    ).toEqual({ charged: '50', differences: { price: '-5.04' } });
  });
});

describe('CUR 2.0', () => {
  it('reads usage, traffic under the machine’s id, and discounts as rows', () => {
    // 55.04 − 5.504 (10 %) + 0.09 traffic.
    const rows = [
      curHour(10),
      curHour(10, {
        line_item_usage_type: 'USE1-DataTransfer-Out-Bytes',
        pricing_unit: 'GB',
        line_item_usage_amount: '1.0',
        line_item_unblended_cost: '9.0E-2',
        pricing_public_on_demand_cost: '0.09',
      }),
      curHour(10, {
        line_item_line_item_type: 'EdpDiscount',
        line_item_unblended_cost: '-5.504',
        pricing_unit: '',
        pricing_public_on_demand_cost: '',
      }),
    ];
    expect(explain(curHeader, rows, estimateOf(1))).toEqual({
      charged: '49.626',
      differences: { discount: '-5.504', 'other-usage': '0.09' },
    });
  });

  it('takes net amounts where the account has them', () => {
    const net = { line_item_net_unblended_cost: '49.536' };
    expect(explain(curHeader, [curHour(10, net)], estimateOf(1))).toEqual({
      charged: '49.536',
      differences: { discount: '-5.504' },
    });
  });

  it('spreads savings plans and reservations, and leaves out the rows that only move money', () => {
    const rows = [
      curHour(10, {
        line_item_line_item_type: 'SavingsPlanCoveredUsage',
        savings_plan_savings_plan_effective_cost: '40',
      }),
      curHour(10, {
        line_item_line_item_type: 'SavingsPlanNegation',
        line_item_unblended_cost: '-55.04',
      }),
      curHour(11, {
        line_item_line_item_type: 'DiscountedUsage',
        line_item_unblended_cost: '0',
        reservation_effective_cost: '30',
      }),
      curHour(11, { line_item_line_item_type: 'RIFee', line_item_unblended_cost: '9999' }),
    ];
    // 40 + 30 − 2 × 55.04 = −40.08.
    expect(explain(curHeader, rows, estimateOf(2))).toEqual({
      charged: '70',
      differences: { commitment: '-40.08' },
    });
  });
});

describe('a rate that is no list price', () => {
  const lower = (perHourNanos: bigint): Estimate => ({
    ...estimateOf(1),
    billedMicros: perHourNanos / 1000n,
    perHourNanos,
    isListPrice: false,
  });

  it('is held against the spot price that was paid, not against the list', () => {
    // 20.00 estimated, 21.50 paid; the list price of 55.04 has no part in it.
    const spot = focusHour(10, { EffectiveCost: '21.50' });
    expect(explain(focusHeader, [spot], lower(20_000_000_000n))).toEqual({
      charged: '21.5',
      differences: { price: '1.5' },
    });
  });

  it('has the discount in it that the invoice has as a row', () => {
    // 10 % off on both sides: 55.04 − 5.504 = 49.536.
    const discount = curHour(10, {
      line_item_line_item_type: 'EdpDiscount',
      line_item_unblended_cost: '-5.504',
      pricing_unit: '',
      pricing_public_on_demand_cost: '',
    });
    const rows = [curHour(10), discount];
    expect(explain(curHeader, rows, lower(49_536_000_000n))).toEqual({
      charged: '49.536',
      differences: {},
    });
    // The same rows against the list price: the discount is what differs.
    expect(explain(curHeader, rows, estimateOf(1)).differences).toEqual({ discount: '-5.504' });
  });
});

describe('time', () => {
  it('that was estimated and not charged is named too', () => {
    // 1 h of 1.5 h: −0.5 × 55.04 = −27.52.
    const result = reconcile(estimateOf(1.5), chargesOf(focusHeader, [focusHour(10)]));
    expect(result.differences).toMatchObject([{ cause: 'uncharged-time', micros: -27_520_000n }]);
    expect(result.differences[0]?.says).toContain('0.5 h less');
    expect(result).toMatchObject({ estimatedMs: 5_400_000, chargedMs: 3_600_000 });
  });

  it('of a third of a millisecond is rounding, not another price', () => {
    // 0.2019444444 h × 55.04 = 11.115022219776; in whole milliseconds 727,000 ms × 55.04 / h = 11.115022222…
    // The estimate of 727 s is 11.115022 in micros, as is the charge.
    const part = { ConsumedQuantity: '0.2019444444', EffectiveCost: '11.1150222198' };
    const row = focusHour(10, { ...part, ListCost: part.EffectiveCost });
    const estimate = { ...estimateOf(1), billedMs: 727_000, billedMicros: 11_115_025n };
    expect(explain(focusHeader, [row], estimate)).toEqual({
      charged: '11.115022',
      differences: { rounding: '-0.000003' },
    });
    // 1 ms at 55.04 an hour is 15.29 micros, and a micro of money: 17 micros are another price.
    const most = { ...estimate, billedMicros: 11_115_022n + 16n };
    expect(explain(focusHeader, [row], most).differences).toEqual({ rounding: '-0.000016' });
    const other = { ...estimate, billedMicros: 11_115_022n + 17n };
    expect(explain(focusHeader, [row], other).differences).toEqual({ price: '-0.000017' });
  });
});

it('says where the invoice has another machine than the rate', () => {
  const row = focusHour(10, {
    SkuPriceDetails: '{"InstanceType":"p5e.48xlarge"}',
    ListCost: '60',
    EffectiveCost: '60',
  });
  const named = { ...wholeDay, resource: 'i-0123456789abcdef0' };
  const [difference] = reconcile(estimateOf(1), chargesOf(focusHeader, [row], named)).differences;
  expect(difference).toMatchObject({ cause: 'price', micros: 4_960_000n });
  expect(difference?.says).toBe('the invoice has a p5e.48xlarge, the rate is of a p5.48xlarge');
});

describe('refusals', () => {
  it('names what is wrong with the file', () => {
    expect(() => invoiceReader(['date', 'amount'])).toThrow('neither FOCUS nor AWS CUR 2.0');
    const noResource = focusHeader.filter((name) => name !== 'ResourceId');
    expect(() => invoiceReader(noResource)).toThrow('no column ResourceId');
    expect(() => invoiceReader(['line_item_line_item_type'])).toThrow('line_item_resource_id');
    expect(() => invoiceReader(['identity/LineItemId', 'lineItem/LineItemType'])).toThrow(
      'legacy AWS CUR',
    );
  });

  it.each([
    [{ EffectiveCost: '' }, 'no EffectiveCost'],
    [{ EffectiveCost: '1,50' }, 'EffectiveCost is no amount: "1,50"'],
    [{ ChargePeriodStart: 'yesterday' }, 'ChargePeriodStart is no time'],
  ])('names the cell: %j', (more, message) => {
    expect(() => chargesOf(focusHeader, [focusHour(10, more)])).toThrow(message);
  });

  it('never adds or compares currencies', () => {
    const mixed = [focusHour(10), focusHour(11, { BillingCurrency: 'EUR' })];
    expect(() => chargesOf(focusHeader, mixed)).toThrow('several currencies');
    const euros = chargesOf(focusHeader, [focusHour(10, { BillingCurrency: 'EUR' })]);
    expect(() => reconcile(estimateOf(1), euros)).toThrow('in EUR, the estimate in USD');
  });
});

it('the differences add up to charged − estimated, for any invoice', () => {
  const cents = (min: number, max: number) =>
    fc.integer({ min, max }).map((amount) => (amount / 1e4).toFixed(4));
  const row = fc.record({
    EffectiveCost: cents(0, 900_000),
    ListCost: fc.oneof(fc.constant(''), cents(0, 900_000)),
    ChargeCategory: fc.constantFrom('Usage', 'Tax', 'Credit', 'Adjustment', 'Purchase'),
    ConsumedQuantity: cents(0, 20_000),
    ConsumedUnit: fc.constantFrom('Hours', 'GB', 'Seconds', ''),
    CommitmentDiscountStatus: fc.constantFrom('', 'Used'),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.nat(50_000_000), (rows, billedMs) => {
      const all = [focusHour(9), ...rows.map((more, index) => focusHour(10 + index, more))];
      const estimate = { ...estimateOf(1), billedMs };
      const result = reconcile(estimate, chargesOf(focusHeader, all));
      const sum = result.differences.reduce((total, { micros }) => total + micros, 0n);
      expect(estimate.billedMicros + sum).toBe(result.chargedMicros);
      const charged = all.reduce(
        (total, { EffectiveCost = '' }) => total + Number(EffectiveCost),
        0,
      );
      expect(Number(result.chargedMicros) / 1e6).toBeCloseTo(charged, 4);
      expect(result.differences.every(({ micros }) => micros !== 0n)).toBe(true);
    }),
  );
});
