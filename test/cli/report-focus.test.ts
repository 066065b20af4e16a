import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { runCli } from '../kit/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-focus-'));
const inFolder = (name: string): string => join(folder, name);

/** Synthetic: two L4 of a machine of four, over the end of a month, with a gap, in samples of 5 s. */
const log = [
  'timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W]',
  ...Array.from({ length: 1800 }, (_, i) => i)
    .filter((i) => i < 300 || i > 330)
    .flatMap((i) =>
      [0, 1].map((gpu) => {
        const at = new Date(Date.UTC(2026, 5, 30, 22, 40, 5 * i, 250));
        const stamp = at.toISOString().replace('T', ' ').replaceAll('-', '/').slice(0, 23);
        const [utilization, power] = i < 900 + 300 * gpu ? [95, 61.3] : [0, 17];
        return `${stamp}, ${gpu}, GPU-0000000${gpu}-0000-4000-8000-000000000000, NVIDIA L4, ${utilization} %, 9000 MiB, ${power} W, 72.00 W`;
      }),
    ),
  '',
].join('\n');

const states = [
  'effective',
  'underfilled',
  'throttled',
  'waiting',
  'heldIdle',
  'emptyIdle',
  'unobserved',
  'rounding',
] as const;

const project = (focus: string): string =>
  `machine: aws/g6.12xlarge\nregion: us-east-1\ndiscounts: [{ provider: aws, share: 0.07, name: EDP }]\n${focus}\n`;

beforeAll(() => {
  writeFileSync(inFolder('gpu.csv'), log);
  writeFileSync(
    inFolder('.gpucost.yaml'),
    project('focus: { billing_account_id: 123456789012, billing_account_name: Research }'),
  );
});

async function query(sql: string): Promise<Record<string, unknown>> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJson()[0] ?? {};
}

describe('FOCUS, CSV and JSON of one report', () => {
  beforeAll(async () => {
    const result = await runCli(
      ['report', 'gpu.csv', '-o', 'r.json', '-o', 'r.focus.csv', '-o', 'r.csv'],
      { cwd: folder },
    );
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('counts the machine twice');
  });

  it('give the same money by state, to the micro, hidden GPUs included', async () => {
    const report = reportSchema.parse(JSON.parse(readFileSync(inFolder('r.json'), 'utf8')));
    expect(report.machines[0]?.hiddenGpus.count).toBe(2);
    const name = (state: string): string => state.charAt(0).toUpperCase() + state.slice(1);
    const micros = (column: string): string => `sum(round(${column} * 1000000))::BIGINT::VARCHAR`;
    const focus = await query(
      `SELECT ${micros('BilledCost')} billed, ${micros('EffectiveCost')} amortized, ${states
        .map((state) => `${micros(`x_CostOf${name(state)}`)} ${state}`)
        .join(', ')} FROM read_csv('${inFolder('r.focus.csv')}')`,
    );
    const json = await query(
      `SELECT round(cost.billed * 1000000)::BIGINT::VARCHAR billed, ${states
        .map((state) => `round(cost.byState.${state} * 1000000)::BIGINT::VARCHAR ${state}`)
        .join(', ')} FROM read_json('${inFolder('r.json')}')`,
    );
    const csv = await query(
      `SELECT ${micros('billedCost')} billed, ${states
        .map((state) => `${micros(`${state}Cost`)} ${state}`)
        .join(', ')} FROM read_csv('${inFolder('r.csv')}')`,
    );
    const { amortized, ...billed } = focus;
    expect(billed).toEqual(json);
    expect(csv).toEqual(json);
    expect(amortized).toBe(json['billed']);
    expect(Number(json['unobserved'])).toBeGreaterThan(Number(json['billed']) / 2);
  });

  it('give the same hours', async () => {
    const report = reportSchema.parse(JSON.parse(readFileSync(inFolder('r.json'), 'utf8')));
    const sums = await query(
      `SELECT sum(x_BilledGpuHours) billed, sum(x_HeldIdleGpuHours) held, sum(PricingQuantity) machine FROM read_csv('${inFolder('r.focus.csv')}')`,
    );
    expect(sums['billed']).toBeCloseTo(report.gpuHours.billed, 7);
    expect(sums['held']).toBeCloseTo(report.gpuHours.byState.heldIdle, 7);
    expect(sums['machine']).toBeCloseTo(report.gpuHours.billed / 4, 7);
  });

  it('is an invoice that reconciles with its own report', async () => {
    const { code, stderr, stdout } = await runCli(
      ['report', 'gpu.csv', '--json', '--invoice', 'r.focus.csv', '--resource', 'm1'],
      { cwd: folder },
    );
    expect(code, stderr).toBe(0);
    const { reconciliation } = reportSchema.parse(JSON.parse(stdout));
    expect(reconciliation?.charged.cost).toBe(reconciliation?.estimated.cost);
  });
});

it.each([
  ['without an account', project(''), ['--format', 'focus'], 'billing_account_id'],
  ['without a rate', 'focus: { billing_account_id: "1" }\n', ['--format', 'focus'], 'needs a cost'],
  [
    'of an unknown version',
    project(''),
    ['--format', 'focus', '--focus-version', '1.3'],
    '--focus-version',
  ],
])('%s ends with 2', async (_name, text, flags, message) => {
  const cwd = mkdtempSync(join(tmpdir(), 'gpucost-no-focus-'));
  writeFileSync(join(cwd, '.gpucost.yaml'), text);
  const { code, stderr, stdout } = await runCli(['report', inFolder('gpu.csv'), ...flags], { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
