import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderers } from '../../src/render/index.ts';
import {
  invoiceSentence,
  leftOutSentence,
  reconciliationRows,
} from '../../src/render/reconciliation.ts';
import { width } from '../../src/render/text.ts';
import type { ReportReconciliation } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { aReport } from '../kit/a-report.ts';

const options = { colorLevel: 0, width: 80, unicode: true, verbose: false } as const;

/** 2.5 h estimated at 55.04, 3 h on the invoice: 137.60 + 27.52 − 10.00 + 8.39 = 163.51. */
const reconciliation: ReportReconciliation = {
  machine: 'm1',
  invoice: {
    name: 'focus.csv',
    resource: 'i-0123456789abcdef0',
    chosenBy: 'type-and-region',
    type: 'p5.48xlarge',
    start: '2026-11-22T08:00:00.000Z',
    end: '2026-11-22T11:00:00.000Z',
    rows: 5,
    rowsWithoutResource: 2,
  },
  currency: 'USD',
  estimated: { cost: 137.6, machineHours: 2.5 },
  charged: { cost: 163.51, machineHours: 3 },
  differences: [
    { cause: 'unobserved-uptime', cost: 27.52, explanation: 'the invoice has 0.5 h more' },
    { cause: 'credit', cost: -10, explanation: 'credits to the account' },
    { cause: 'tax', cost: 8.39, explanation: 'tax on the charges of the machine' },
  ],
};

const report = (change: Partial<ReportReconciliation> = {}) =>
  aReport({ reconciliation: { ...reconciliation, ...change } });

describe('table', () => {
  it('leads from the estimate to the charge', () => {
    const text = renderers.table(report(), options);
    const block = text.split('\n\n').find((part) => part.startsWith('Invoice'));
    expect(block).toBe(
      [
        'Invoice',
        '  focus.csv: i-0123456789abcdef0 (p5.48xlarge), the only one of its type in its',
        '  region; 2026-11-22 08:00 – 11:00 UTC, rows at the edges count whole',
        '  estimated            $137.60  2 h 30 min',
        '  uptime not observed  +$27.52  the invoice has 0.5 h more',
        '  credit               -$10.00  credits to the account',
        '  tax                   +$8.39  tax on the charges of the machine',
        '  charged              $163.51  3 h',
        '  2 rows of the invoice name no resource (tax and fees often do not) and are',
        '  left out',
      ].join('\n'),
    );
  });

  it.each([60, 80, 100, 160])('keeps to %i columns, in ASCII where asked', (columns) => {
    const ascii = { ...options, width: columns, unicode: false };
    const lines = renderers.table(report(), ascii).split('\n');
    const from = lines.indexOf('Invoice');
    const block = lines.slice(from, lines.indexOf('', from));
    expect(block.length).toBeGreaterThanOrEqual(8);
    expect(block.filter((line) => width(line) > columns)).toEqual([]);
    expect(block.join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  it('is not there without an invoice', () => {
    expect(renderers.table(aReport(), options)).not.toContain('Invoice');
    expect(renderers.markdown(aReport(), options)).not.toContain('Invoice');
    expect(aReport()).not.toHaveProperty('reconciliation');
  });
});

it('Markdown has the same lines', () => {
  const text = renderers.markdown(report(), options);
  expect(text).toContain('| **estimated** | $137.60 | 2 h 30 min |');
  expect(text).toContain('| uptime not observed | +$27.52 | the invoice has 0.5 h more |');
  expect(text).toContain('| **charged** | $163.51 | 3 h |');
});

it('JSON has it as it is, and the schema knows it', () => {
  const parsed = reportSchema.parse(JSON.parse(renderers.json(report(), options)));
  expect(parsed.reconciliation).toEqual(reconciliation);
});

describe('hostile text of an invoice', () => {
  const evil = '\u001b]0;x\u0007<img src=x>|`@everyone`\u202e\nnext';
  const hostile = report({
    invoice: { ...reconciliation.invoice, name: evil, resource: evil, type: evil },
    differences: [{ cause: 'price', cost: 25.91, explanation: `the invoice has a ${evil}` }],
  });

  it('neither repaints a terminal nor breaks a line', () => {
    const text = renderers.table(hostile, options);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toContain('\nnext');
  });

  it('is text in Markdown', () => {
    const text = renderers.markdown(hostile, options);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('@everyone');
    expect(text).not.toContain('\nnext');
  });
});

it('a long id of Azure or an ARN shows its last part, and no more than fits', () => {
  const of = (resource: string): string =>
    invoiceSentence(
      { ...reconciliation, invoice: { ...reconciliation.invoice, resource } },
      '-',
    ).split(',')[0] ?? '';
  const azure =
    '/subscriptions/0000/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-1';
  expect(of(azure)).toBe('focus.csv: vm-1 (p5.48xlarge)');
  expect(of('arn:aws:ec2:us-east-1:1:instance/i-0a')).toBe('focus.csv: i-0a (p5.48xlarge)');
  expect(of('x'.repeat(1e6))).toHaveLength('focus.csv:  (p5.48xlarge)'.length + 60);
});

it('rows without a resource are told only where there are some', () => {
  const rows = (rowsWithoutResource: number): string | null =>
    leftOutSentence({
      ...reconciliation,
      invoice: { ...reconciliation.invoice, rowsWithoutResource },
    });
  expect(rows(0)).toBeNull();
  expect(rows(1)).toMatch(/^1 row of the invoice names /);
});

it('what is shown adds up, whatever is rounded', () => {
  const micros = fc.integer({ min: -2_000_000_000, max: 2_000_000_000 });
  const steps = fc.array(micros, { maxLength: 9 });
  fc.assert(
    fc.property(fc.nat(2_000_000_000), steps, (estimate, amounts) => {
      const charged = amounts.reduce((sum, amount) => sum + amount, estimate);
      const rows = reconciliationRows({
        ...reconciliation,
        estimated: { cost: estimate / 1e6, machineHours: 1 },
        charged: { cost: charged / 1e6, machineHours: null },
        differences: amounts.map((amount) => ({
          cause: 'adjustment',
          cost: amount / 1e6,
          explanation: '',
        })),
      });
      const shown = rows.map(({ money }) => Number(money.replace(/[$,+]/g, '')));
      const sum = shown.slice(0, -1).reduce((total, amount) => total + amount, 0);
      expect(sum).toBeCloseTo(shown.at(-1) ?? Number.NaN, 6);
      expect(rows).toHaveLength(amounts.length + 2);
      const off = Math.abs((shown.at(-1) ?? Number.NaN) - charged / 1e6);
      expect(off).toBeLessThanOrEqual(0.005_000_1);
    }),
  );
});

it('a rounding too small to be seen is not a line', () => {
  const differences = (cause: 'rounding' | 'price'): number =>
    reconciliationRows({
      ...reconciliation,
      charged: { cost: 137.600_016, machineHours: 2.5 },
      differences: [{ cause, cost: 0.000_016, explanation: '' }],
    }).length;
  expect(differences('rounding')).toBe(2);
  expect(differences('price')).toBe(3);
});
