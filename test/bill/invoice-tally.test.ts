import { describe, expect, it } from 'vitest';
import { invoiceReader } from '../../src/bill/invoice-row.ts';
import { type InvoiceSelection, invoiceTally } from '../../src/bill/invoice-tally.ts';
import { UsageError } from '../../src/errors.ts';
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

function chargesOf(header: readonly string[], rows: Rows, selection = wholeDay) {
  const reader = invoiceReader(header);
  const tally = invoiceTally(selection);
  for (const row of rows) {
    const charge = reader.read(cellsOf(row));
    if (charge !== null) tally.add(charge);
  }
  return tally.finish();
}

function refusalOf(rows: Rows, selection: InvoiceSelection): UsageError {
  try {
    chargesOf(focusHeader, rows, selection);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('this machine', () => {
  const other = { ResourceId: 'i-0fedcba9876543210' };

  it('is the only one of its type, or the one that is named', () => {
    const rows = [focusHour(10), focusHour(10, other)];
    expect(() => chargesOf(focusHeader, rows)).toThrow('2 machines of p5.48xlarge');
    const named = { ...wholeDay, resource: 'i-0123456789abcdef0' };
    expect(chargesOf(focusHeader, rows, named).rows).toBe(1);
    const arn = 'arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789ABCDEF0';
    expect(chargesOf(focusHeader, [focusHour(10, { ResourceId: arn })], named).resource).toBe(arn);
  });

  it('is not another type, another time, or a row without a resource', () => {
    const elsewhere: Rows = [
      focusHour(10, { SkuPriceDetails: '{"InstanceType":"g5.xlarge"}' }),
      focusHour(10, { ResourceId: '' }),
    ];
    expect(() => chargesOf(focusHeader, elsewhere)).toThrow('no machine time of p5.48xlarge');
    const before = { ...wholeDay, endMs: at('10:00:00') };
    expect(() => chargesOf(focusHeader, [focusHour(10)], before)).toThrow(UsageError);
    const after = { ...wholeDay, startMs: at('11:00:00') };
    expect(() => chargesOf(focusHeader, [focusHour(10)], after)).toThrow(UsageError);
  });

  it('counts rows at the window’s edge whole, and says which periods they are', () => {
    const window = { ...wholeDay, startMs: at('10:20:00'), endMs: at('11:15:00') };
    expect(chargesOf(focusHeader, [focusHour(10), focusHour(11)], window)).toMatchObject({
      startMs: at('10:00:00'),
      endMs: at('12:00:00'),
      timeMs: 2 * 3_600_000,
    });
  });

  it.each([
    ['x_UsageType', 'USE1-BoxUsage:p5.48xlarge'],
    ['SkuMeter', 'BoxUsage:p5.48xlarge'],
    ['x_SkuDetails', '{"ServiceType": "p5.48xlarge"}'],
  ])('is known by %s in older exports', (column, value) => {
    const row = { ...focusHour(10), SkuPriceDetails: '', [column]: value };
    expect(chargesOf(focusHeader, [row]).rows).toBe(1);
  });
});

it('of a resized machine counts the time of the type, or all of it where it is named', () => {
  const before = focusHour(9, { SkuPriceDetails: '{"InstanceType":"p4d.24xlarge"}' });
  const rows = [before, focusHour(10)];
  expect(chargesOf(focusHeader, rows)).toMatchObject({ rows: 1, timeMs: 3_600_000 });
  const named = { ...wholeDay, resource: 'i-0123456789abcdef0' };
  expect(chargesOf(focusHeader, rows, named)).toMatchObject({ rows: 2, timeMs: 7_200_000 });
});

describe('region', () => {
  const east = focusHour(10, { RegionId: 'us-east-1' });
  const west = focusHour(10, { RegionId: 'us-west-2', ResourceId: 'i-0west' });
  const unnamed = focusHour(10, { ResourceId: 'i-0nowhere' });
  const inEast = { ...wholeDay, region: 'us-east-1' };

  it('tells machines of one type apart', () => {
    expect(chargesOf(focusHeader, [west, east], inEast)).toMatchObject({
      resource: 'i-0123456789abcdef0',
      chosenBy: 'type-and-region',
      type: 'p5.48xlarge',
    });
    expect(refusalOf([west, east], wholeDay).message).toContain('2 machines of p5.48xlarge');
  });

  it('is that of CUR 2.0 too, and Azure writes it with blanks', () => {
    const cur = curHour(10, { product_region_code: 'us-east-1' });
    expect(chargesOf(curHeader, [cur], inEast).chosenBy).toBe('type-and-region');
    const azure = focusHour(10, { RegionId: 'East US' });
    expect(chargesOf(focusHeader, [azure], { ...wholeDay, region: 'eastus' }).chosenBy).toBe(
      'type-and-region',
    );
  });

  it('that one side does not know excludes nothing', () => {
    expect(chargesOf(focusHeader, [west]).chosenBy).toBe('type');
    expect(chargesOf(focusHeader, [unnamed], inEast)).toMatchObject({
      resource: 'i-0nowhere',
      chosenBy: 'type',
    });
  });

  it('that differs is refused with what there is, and an id overrules it', () => {
    const refusal = refusalOf([west], inEast);
    expect(refusal.message).toContain('no machine time of p5.48xlarge in us-east-1');
    expect(refusal.hint).toContain('i-0west (p5.48xlarge us-west-2)');
    expect(refusal.hint).toContain('--resource ID');
    expect(chargesOf(focusHeader, [west], { ...inEast, resource: 'i-0west' }).chosenBy).toBe(
      'flag',
    );
  });
});

describe('a refusal says what to do next', () => {
  it('names the time of the rows where they lie outside of the window', () => {
    const tomorrow = { ...wholeDay, startMs: wholeDay.endMs, endMs: wholeDay.endMs + 3_600_000 };
    expect(refusalOf([focusHour(10), focusHour(12)], tomorrow).hint).toContain(
      'from 2026-11-23T10:00:00.000Z to 2026-11-23T13:00:00.000Z',
    );
  });

  it('names machines before what else is charged by the hour', () => {
    const address = focusHour(10, { ResourceId: 'eni-1', SkuPriceDetails: '' });
    const machine = focusHour(10, {
      ResourceId: 'i-1',
      SkuPriceDetails: '{"InstanceType":"m5.large"}',
    });
    expect(refusalOf([address, machine], wholeDay).hint).toContain('It has i-1 (m5.large), eni-1.');
  });

  it('names the machines that there are, at most five, and long names cut', () => {
    const others = Array.from({ length: 7 }, (_, i) =>
      focusHour(10, {
        ResourceId: `i-${i}${'x'.repeat(1000)}`,
        SkuPriceDetails: '{"InstanceType":"m5.large"}',
      }),
    );
    const { message, hint = '' } = refusalOf(others, wholeDay);
    expect(message).toBe('the invoice has no machine time of p5.48xlarge in this window');
    expect(hint).toContain('(m5.large)');
    expect(hint).toContain(', and others');
    expect(hint.length).toBeLessThan(1200);
  });
});
