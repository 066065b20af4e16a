import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { runCli } from '../kit/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-gates-'));

/** Synthetic: an L4 that works for a part of the time and holds its memory idle for the rest, in samples of 5 s. */
function logOf(
  name: string,
  samples: number,
  busy: number,
  keep: (sample: number) => boolean = () => true,
): string {
  const path = join(folder, name);
  const rows = Array.from({ length: samples }, (_, i) => {
    const at = new Date(Date.UTC(2026, 5, 1, 9, 0, 5 * i));
    const stamp = at.toISOString().replace('T', ' ').replaceAll('-', '/').slice(0, 23);
    const [utilization, power] = i < busy ? [95, 70] : [0, 17];
    return keep(i)
      ? `${stamp}, 0, GPU-0000000a-0000-4000-8000-000000000000, NVIDIA L4, ${utilization} %, 9000 MiB, ${power}.00 W, 72.00 W\n`
      : '';
  });
  const header =
    'timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W]\n';
  writeFileSync(path, header + rows.join(''));
  return path;
}

const hour = logOf('hour.csv', 720, 240);
const short = logOf('short.csv', 40, 10);
const gaps = logOf('gaps.csv', 720, 240, (i) => i % 60 < 20);
const priced = ['--machine', 'aws/g6.xlarge', '--region', 'us-east-1'];

const budgets = (text: string): string => {
  const cwd = mkdtempSync(join(tmpdir(), 'gpucost-budgets-'));
  writeFileSync(join(cwd, '.gpucost.yaml'), text);
  return cwd;
};

// Two thirds of the hour are wasted; sampling leaves 3.6 points open.
describe('gates by flag', () => {
  it.each([
    [hour, ['--max-waste', '90%'], 0, ['pass']],
    [hour, ['--max-waste', '40%'], 1, ['fail']],
    [hour, ['--max-waste', '66%'], 0, ['not-judged']],
    [hour, ['--max-waste', '66%', '--strict'], 1, ['fail']],
    [hour, ['--min-effective', '10%'], 0, ['pass']],
    [hour, ['--min-effective', '60%'], 1, ['fail']],
    [hour, ['--max-cost', '5'], 0, ['pass']],
    [hour, ['--max-cost', '0.5'], 1, ['fail']],
    [hour, ['--fail-on', 'idle-held'], 1, ['fail']],
    [hour, ['--fail-on', 'throttled'], 0, ['not-judged']],
    [hour, ['--fail-on', 'throttled', '--strict'], 1, ['fail']],
    [hour, ['--fail-on', 'unused-gpus'], 0, ['pass']],
    [hour, ['--max-waste', '90%', '--max-cost', '0.5'], 1, ['pass', 'fail']],
    [short, ['--max-waste', '10%'], 0, ['not-judged']],
    [short, ['--max-waste', '10%', '--strict'], 1, ['fail']],
    [short, ['--max-cost', '0.001'], 1, ['fail']],
    [gaps, ['--max-waste', '10%'], 0, ['not-judged']],
  ])('%s %j ends with %i', async (log, flags, expected, results) => {
    const { code, stdout, stderr } = await runCli(['report', '--json', log, ...priced, ...flags]);
    expect(code, stderr).toBe(expected);
    const { gates } = reportSchema.parse(JSON.parse(stdout));
    expect(gates.map(({ result }) => result)).toEqual(results);
    expect(stderr.includes('gpucost: gate ')).toBe(expected === 1);
  });
});

describe('gates by project file', () => {
  it.each([
    ['budgets: { max_waste: 40% }', [], 1, ['fail']],
    ['budgets: { max_waste: { limit: 40%, level: error } }', [], 1, ['fail']],
    ['budgets: { max_waste: { limit: 40%, level: warn } }', [], 0, ['warn']],
    ['budgets: { max_waste: { limit: 40%, level: off } }', [], 0, []],
    ['budgets: { max_waste: { limit: 40%, level: off } }', ['--max-waste', '40%'], 1, ['fail']],
    ['budgets: { max_waste: 40% }', ['--max-waste', '90%'], 0, ['pass']],
    [
      'budgets: { min_effective: { limit: 60%, level: warn }, max_cost: 5 }',
      [],
      0,
      ['warn', 'pass'],
    ],
    ['budgets: { fail_on: [{ limit: idle-held, level: warn }] }', [], 0, ['warn']],
    ['budgets: { fail_on: [{ limit: idle-held, level: warn }, warning] }', [], 1, ['warn', 'fail']],
    ['budgets: { max_waste: 66%, strict: true }', [], 1, ['fail']],
    ['budgets: { max_waste: 10%, evidence: { duration: 2h } }', [], 0, ['not-judged']],
    ['budgets: { max_waste: 66%, evidence: { standard_errors: 0 } }', [], 1, ['fail']],
  ])('%s %j ends with %i', async (text, flags, expected, results) => {
    const cwd = budgets(`${text}\n`);
    const { code, stdout, stderr } = await runCli(['report', '--json', hour, ...priced, ...flags], {
      cwd,
    });
    expect(code, stderr).toBe(expected);
    const { gates } = reportSchema.parse(JSON.parse(stdout));
    expect(gates.map(({ result }) => result)).toEqual(results);
  });

  it.each([
    ['budgets: { max_waste: { limit: 40%, level: fatal } }', 'level: expected off, warn or error'],
    ['budgets: { max_waste: { limit: 40% } }', 'max_waste'],
    ['budgets: { max_waste: 400% }', 'budgets.max_waste: expected a share such as 40% or 0.4'],
    ['budgets: { fail_on: [{ limit: ide-held, level: warn }] }', 'ide-held'],
    ['budgets: { evidence: { duration: soon } }', 'a duration such as 5m'],
  ])('%s is refused with its place', async (text, message) => {
    const { code, stderr } = await runCli(['report', hour], { cwd: budgets(`${text}\n`) });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\.gpucost\.yaml:1:\d+/);
  });
});

it('gates stand near the top of the table, with the reason where one is not judged', async () => {
  const { stdout } = await runCli(
    ['report', hour, ...priced, '--max-waste', '40%', '--fail-on', 'throttled', '--max-cost', '5'],
    { env: { COLUMNS: '100' } },
  );
  const lines = stdout.split('\n');
  const at = (start: string): number => lines.findIndex((line) => line.startsWith(start));
  expect(at('gate max-waste: fail (')).toBeGreaterThan(at('Wasted'));
  expect(at('gate max-waste: fail (')).toBeLessThan(at('Where it went'));
  expect(stdout).toContain('gate fail-on throttled: not judged (');
  expect(stdout).toContain('gate max-cost: pass ($');
});
