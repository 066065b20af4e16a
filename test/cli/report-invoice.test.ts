import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { csvOf, curHeader, curHour, focusHeader, focusHour } from '../bill/invoices.ts';
import { type CliResult, runCli } from '../kit/run-cli.ts';
import { aGpuIdentity, aHeader } from '../kit/session-lines.ts';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-invoice-'));
const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Synthetic: an L4 that is busy from 10:00 to 11:30, a row every 5 s. The first row owns the 5 s before it. */
const log = (host: string): string =>
  [
    'timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB]',
    ...Array.from({ length: 1080 }, (_, i) => {
      const at = new Date(Date.UTC(2026, 10, 23, 10, 0, 5 * (i + 1))).toISOString();
      const stamp = at.replace('T', ' ').replaceAll('-', '/').slice(0, 23);
      return `${stamp}, 0, GPU-${host}-0000-4000-8000-000000000000, NVIDIA L4, 95 %, 9000 MiB`;
    }),
    '',
  ].join('\n');
const logPath = fileOf('gpu.csv', log('0000000a'));

/** A card of our own, so that the arithmetic below stays true: 2.00 an hour, 0.60 as spot. */
const card = fileOf(
  'card.yaml',
  [
    'schema: gpucost.rates/1',
    'provider: acme',
    'currency: USD',
    'sources: { test: { note: made up, read: 2026-11-01 } }',
    'defaults: { region: here-1, purchase: on-demand, as_of: 2026-11-01, source: test, confidence: high }',
    'machines:',
    '  l4.large:',
    '    gpu: L4',
    '    gpus: 1',
    '    prices:',
    '      - { per_hour: 2 }',
    '      - { purchase: spot, per_hour: 0.6 }',
    '',
  ].join('\n'),
);
const priced = ['--rates', card, '--machine', 'acme/l4.large', '--region', 'here-1'];

/** Synthetic invoices: what follows is not from any provider. */
const hour = (at: number, more: Readonly<Record<string, string>> = {}) =>
  focusHour(at, {
    EffectiveCost: '2',
    BilledCost: '2',
    ListCost: '2',
    SkuPriceDetails: '{"InstanceType": "l4.large"}',
    RegionId: 'here-1',
    ...more,
  });
const header = [...focusHeader, 'RegionId'];
const noTime = { ConsumedQuantity: '', ConsumedUnit: '', ListCost: '' };
const focus = csvOf(header, [
  hour(10, { EffectiveCost: '1.8' }),
  hour(11),
  hour(11, { ...noTime, ChargeCategory: 'Credit', EffectiveCost: '-0.25' }),
  hour(11, { ...noTime, ChargeCategory: 'Tax', EffectiveCost: '0.37' }),
  hour(11, { ...noTime, ChargeCategory: 'Tax', EffectiveCost: '99', ResourceId: '' }),
  hour(12, { EffectiveCost: '1000' }),
  hour(10, { ResourceId: 'bucket', EffectiveCost: '77', ConsumedUnit: 'GB' }),
]);

const curOf = (at: number, more: Readonly<Record<string, string>> = {}) =>
  curHour(at, {
    line_item_unblended_cost: '2.0000000000',
    pricing_public_on_demand_cost: '2.5000000000',
    line_item_usage_type: 'BoxUsage:l4.large',
    product_instance_type: 'l4.large',
    ...more,
  });
const cur = csvOf(curHeader, [
  curOf(10, {
    line_item_line_item_type: 'SavingsPlanCoveredUsage',
    savings_plan_savings_plan_effective_cost: '1.25',
  }),
  curOf(10, {
    line_item_line_item_type: 'SavingsPlanNegation',
    line_item_unblended_cost: '-2',
  }),
  curOf(11, {
    line_item_usage_amount: '0.5',
    line_item_unblended_cost: '1',
    pricing_public_on_demand_cost: '1.25',
  }),
]);

const reportOf = ({ code, stdout, stderr }: CliResult) => {
  expect(code, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(stdout));
};
const reconciled = async (...args: readonly string[]) => {
  const { reconciliation } = reportOf(
    await runCli(['report', logPath, '--json', ...priced, ...args]),
  );
  if (reconciliation === undefined) throw new Error('the report has no reconciliation');
  const { estimated, charged, differences } = reconciliation;
  const micros = (amount: number): number => Math.round(amount * 1e6);
  const sum = differences.reduce((total, { cost }) => total + micros(cost), micros(estimated.cost));
  expect(sum).toBe(micros(charged.cost));
  return {
    reconciliation,
    causes: Object.fromEntries(differences.map(({ cause, cost }) => [cause, cost])),
  };
};

describe('FOCUS', () => {
  it('is explained in full', async () => {
    // Estimated 1.5 h × 2 = 3. Charged 1.8 + 2 − 0.25 + 0.37 = 3.92, of 2 h at a list price of 4.
    // 0.5 h more: +1. Discount 3.8 − 4 = −0.2. The hour of 12:00 lies behind the window.
    const { reconciliation, causes } = await reconciled('--invoice', fileOf('focus.csv', focus));
    expect(reconciliation).toMatchObject({
      machine: 'm1',
      currency: 'USD',
      invoice: {
        name: 'focus.csv',
        resource: 'i-0123456789abcdef0',
        chosenBy: 'type-and-region',
        type: 'l4.large',
        start: '2026-11-23T10:00:00.000Z',
        end: '2026-11-23T12:00:00.000Z',
        rows: 4,
        rowsWithoutResource: 1,
      },
      estimated: { cost: 3, machineHours: 1.5 },
      charged: { cost: 3.92, machineHours: 2 },
    });
    expect(causes).toEqual({ 'unobserved-uptime': 1, discount: -0.2, credit: -0.25, tax: 0.37 });
  });

  it('packed, and cut by --until to the hours that the window touches', async () => {
    // One hour of each: only the discount is left, 1.8 − 2.
    const path = fileOf('focus.csv.gz', gzipSync(focus));
    const { causes } = await reconciled('--invoice', path, '--until', '2026-11-23T11:00:00Z');
    expect(causes).toEqual({ discount: -0.2 });
  });

  it('of spot is held against the spot price', async () => {
    // Estimated 1.5 × 0.60 = 0.90; paid 0.65 for each of 2 h: +0.30 of time, then 1.30 − 1.20 = +0.10.
    const spot = (at: number) => hour(at, { EffectiveCost: '0.65' });
    const path = fileOf('spot.csv', csvOf(header, [spot(10), spot(11)]));
    const { causes } = await reconciled('--invoice', path, '--purchase', 'spot');
    expect(causes).toEqual({ 'unobserved-uptime': 0.3, price: 0.1 });
  });

  it('with several machines asks for one, and takes the one that is named', async () => {
    const other = hour(10, {
      ResourceId: 'i-0fedcba9876543210',
      EffectiveCost: '2.5',
      ListCost: '2.5',
    });
    const path = fileOf('two.csv', csvOf(header, [hour(10), other]));
    const asked = await runCli(['report', logPath, ...priced, '--invoice', path]);
    expect(asked.code).toBe(2);
    expect(asked.stdout).toBe('');
    expect(asked.stderr).toContain('2 machines of l4.large');
    expect(asked.stderr).toContain('--resource ID');
    expect(asked.stderr).toContain('i-0fedcba9876543210 (l4.large here-1)');
    const { reconciliation, causes } = await reconciled(
      '--invoice',
      path,
      '--resource',
      'i-0fedcba9876543210',
    );
    // 1 h of 1.5 h: −1; 2.50 instead of 2.00: +0.50.
    expect(reconciliation.invoice.chosenBy).toBe('flag');
    expect(causes).toEqual({ 'uncharged-time': -1, price: 0.5 });
  });
});

it('CUR 2.0 is explained in full', async () => {
  // Estimated 3 for 1.5 h; the invoice has 1.5 h too, at a list price of 2.50: 3.75, so +0.75.
  // Charged 1.25 (savings plan) + 1 = 2.25: −1.50 by the commitment.
  const { reconciliation, causes } = await reconciled('--invoice', fileOf('cur.csv', cur));
  expect(causes).toEqual({ price: 0.75, commitment: -1.5 });
  expect(reconciliation.charged).toEqual({ cost: 2.25, machineHours: 1.5 });
  expect(reconciliation.invoice.chosenBy).toBe('type');
});

describe('shown', () => {
  const path = fileOf('shown.csv', focus);
  it('in the table and in Markdown', async () => {
    const table = await runCli(['report', logPath, ...priced, '--invoice', path]);
    expect(table.stdout).toMatch(/^ {2}estimated +\$3\.00 {2}1 h 30 min$/m);
    expect(table.stdout).toMatch(
      /^ {2}uptime not observed +\+\$1\.00 {2}the invoice has 0\.5 h more/m,
    );
    expect(table.stdout).toMatch(/^ {2}charged +\$3\.92 {2}2 h$/m);
    const markdown = await runCli([
      'report',
      logPath,
      ...priced,
      '--invoice',
      path,
      '--format',
      'markdown',
    ]);
    expect(markdown.stdout).toContain('| **charged** | $3.92 | 2 h |');
  });

  it('between warnings and series, and not at all without an invoice', async () => {
    const args = ['report', logPath, '--json', ...priced];
    const keys = (text: string): string[] => Object.keys(reportSchema.parse(JSON.parse(text)));
    const raw = await runCli([...args, '--invoice', path, '--series']);
    const inOrder = ['warnings', 'reconciliation', 'series'];
    const all = Object.keys(JSON.parse(raw.stdout) as object);
    expect(all.filter((key) => inOrder.includes(key))).toEqual(inOrder);
    expect(keys((await runCli(args)).stdout)).not.toContain('reconciliation');
  });

  it('in the help, with an example', async () => {
    const { stdout } = await runCli(['report', '--help']);
    expect(stdout).toContain('gpucost report --invoice focus.csv.gz');
    expect(stdout).toContain('--resource <id>');
  });
});

describe('refused with exit code 2', () => {
  const good = fileOf('good.csv', focus);
  const euros = fileOf('euros.csv', csvOf(header, [hour(10, { BillingCurrency: 'EUR' })]));
  const elsewhere = csvOf(header, [hour(10, { RegionId: 'there-2' })]);
  const others = csvOf(header, [hour(10, { SkuPriceDetails: '{"InstanceType": "m5.large"}' })]);
  const earlier = csvOf(header, [hour(3), hour(4)]);
  const evil = '\u001b]0;owned\u0007\u001b[2J';
  const hostile = csvOf(header, [hour(10, { EffectiveCost: evil })]);
  mkdirSync(join(folder, 'a-folder'), { recursive: true });

  it.each([
    ['no such file', join(folder, 'nothing.csv'), ['nothing.csv: there is no such file', 'export']],
    ['a folder', join(folder, 'a-folder'), ['a-folder: it is a folder', 'export']],
    ['an empty file', fileOf('empty.csv', ''), ['empty.csv: the file is empty', 'Export it']],
    ['a header alone', fileOf('h.csv', csvOf(header, [])), ['h.csv', 'no rows below the header']],
    ['our own log', logPath, ['gpu.csv', 'neither FOCUS nor AWS CUR 2.0', 'ChargePeriodStart']],
    ['Parquet', fileOf('x.parquet', 'PAR1\u0000'), ['got Parquet', 'as CSV']],
    [
      'broken gzip',
      fileOf('b.csv.gz', gzipSync(focus).subarray(0, 90)),
      ['b.csv.gz: damaged gzip'],
    ],
    ['a torn row', fileOf('torn.csv', focus.slice(0, -90)), ['torn.csv: row 8:', 'cut off']],
    ['another region', fileOf('r.csv', elsewhere), ['l4.large in here-1', 'there-2', '--resource']],
    ['other machines', fileOf('o.csv', others), ['no machine time of l4.large', 'm5.large']],
    ['another time', fileOf('t.csv', earlier), ['2026-11-23T03:00:00.000Z', '--since']],
    ['another currency', euros, ['in EUR, the estimate in USD', 'rate card in the currency']],
    ['hostile text', fileOf('evil.csv', hostile), ['evil.csv: row 2', 'is no amount', '\\x1b]0;']],
  ])('%s', async (_name, path, words) => {
    const result = await runCli(['report', logPath, ...priced, '--invoice', path]);
    expect(result.code, result.stderr).toBe(2);
    expect(result.stdout).toBe('');
    for (const word of words) expect(result.stderr).toContain(word);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(result.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('an invoice without a rate, or --resource alone', async () => {
    const noRate = await runCli(['report', logPath, '--invoice', good]);
    expect(noRate).toMatchObject({ code: 2, stdout: '' });
    expect(noRate.stderr).toContain('--invoice needs an estimate');
    expect(noRate.stderr).toContain('--machine provider/type');

    const alone = await runCli(['report', logPath, ...priced, '--resource', 'i-0']);
    expect(alone).toMatchObject({ code: 2, stdout: '' });
    expect(alone.stderr).toContain('--invoice FILE');
  });
});

describe('sessions', () => {
  const home = mkdtempSync(join(tmpdir(), 'gpucost-home-'));
  const machine = {
    provider: 'acme',
    type: 'l4.large',
    region: 'here-1',
    purchase: 'on-demand',
    detectedBy: 'metadata',
    launchedAt: null,
  } as const;
  const sessionOf = (name: string): string =>
    writeSyntheticSession(home, {
      gpus: 1,
      hours: 0.1,
      facts: {
        id: `20260105-000000-${name}`,
        host: { ...aHeader(1).host, name, key: name },
        gpus: [aGpuIdentity(0, { id: name, uuid: `GPU-${name}`, name: 'NVIDIA L4' })],
        machine,
      },
    }).path;
  const paths = [sessionOf('aaa'), sessionOf('bbb')];
  // The session is of 2026-01-05, from midnight on for 6 minutes: 0.1 h × 2 = 0.20.
  const period = {
    ChargePeriodStart: '2026-01-05T00:00:00Z',
    ChargePeriodEnd: '2026-01-05T01:00:00Z',
  };
  const invoice = fileOf(
    'january.csv',
    csvOf(header, [
      hour(0, period),
      hour(0, { ...period, ResourceId: 'i-0elsewhere', RegionId: 'there-2' }),
    ]),
  );

  it('know by themselves which machine of the invoice they are of', async () => {
    const args = ['report', paths[0] ?? '', '--json', '--rates', card, '--invoice', invoice];
    const { reconciliation, cost } = reportOf(await runCli(args));
    expect(reconciliation?.invoice).toMatchObject({
      resource: 'i-0123456789abcdef0',
      chosenBy: 'type-and-region',
    });
    expect(reconciliation?.estimated.cost).toBe(cost?.billed);
    expect(reconciliation?.charged).toEqual({ cost: 2, machineHours: 1 });
    expect(reconciliation?.differences.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['unobserved-uptime']),
    );
  });

  it('of several machines are refused, and named', async () => {
    const { code, stdout, stderr } = await runCli([
      'report',
      ...paths,
      '--rates',
      card,
      '--invoice',
      invoice,
    ]);
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('one machine, and these are 2: aaa, bbb');
    expect(stderr).toContain('gpucost report SOURCE --invoice FILE');
  });
});
