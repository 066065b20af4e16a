import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { type CliResult, freshHome, runCli } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-report-'));

/** Synthetic: an L4 that works for 20 minutes and then holds its memory idle for 40. */
const log = [
  'timestamp, index, uuid, name, utilization.gpu [%], memory.used [MiB], power.draw [W], power.limit [W]',
  ...Array.from({ length: 720 }, (_, i) => {
    const at = new Date(Date.UTC(2026, 5, 1, 9, 0, 5 * i));
    const stamp = at.toISOString().replace('T', ' ').replaceAll('-', '/').slice(0, 23);
    const [utilization, power] = i < 240 ? [95, 70] : [0, 17];
    return `${stamp}, 0, GPU-0000000a-0000-4000-8000-000000000000, NVIDIA L4, ${utilization} %, 9000 MiB, ${power}.00 W, 72.00 W`;
  }),
  '',
].join('\n');
const logPath = join(folder, 'gpu.csv');
writeFileSync(logPath, log);

const priced = ['--machine', 'aws/g6.xlarge', '--region', 'us-east-1'];
const parsed = ({ code, stdout, stderr }: CliResult) => {
  expect(code, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(stdout));
};

describe('sources', () => {
  it('a log, plain, packed and from stdin, gives the same account', async () => {
    const packed = join(folder, 'packed.csv.gz');
    writeFileSync(packed, gzipSync(log));
    const accounts = [];
    for (const [args, input] of [
      [[logPath], ''],
      [[packed], ''],
      [['-'], log],
      [['-'], gzipSync(log)],
    ] as const) {
      const report = parsed(await runCli(['report', '--json', ...priced, ...args], { input }));
      accounts.push({ gpuHours: report.gpuHours, cost: report.cost, findings: report.findings });
    }
    const [first, ...others] = accounts;
    expect(first?.gpuHours.billed).toBeCloseTo(1, 6);
    // 40 minutes less the sample at whose end the work ended.
    expect(first?.gpuHours.byState.heldIdle).toBeCloseTo(40 / 60, 2);
    expect(first?.findings.map(({ rule }) => rule)).toContain('idle-held');
    for (const other of others) expect(other).toEqual(first);
  });

  it('a folder of logs', async () => {
    const several = join(folder, 'several');
    mkdirSync(several);
    writeFileSync(join(several, 'a.csv'), log);
    writeFileSync(join(several, 'b.log'), log.replaceAll('GPU-0000000a', 'GPU-0000000b'));
    writeFileSync(join(several, 'README.md'), 'not a log');
    const report = parsed(await runCli(['report', '--json', several]));
    expect(report.sources.map(({ name }) => name)).toEqual(['a.csv', 'b.log']);
    expect(report.gpuHours.billed).toBeCloseTo(2, 6);
  });

  it('the same log twice counts once', async () => {
    const report = parsed(await runCli(['report', '--json', logPath, logPath]));
    expect(report.gpuHours.billed).toBeCloseTo(1, 6);
  });

  it('--since and --until cut what was classified, and the parts add up', async () => {
    const cut = '2026-06-01T09:30:00Z';
    const whole = parsed(await runCli(['report', '--json', ...priced, logPath]));
    const before = parsed(await runCli(['report', '--json', ...priced, '--until', cut, logPath]));
    const after = parsed(await runCli(['report', '--json', ...priced, '--since', cut, logPath]));
    expect(before.gpuHours.byState.heldIdle + after.gpuHours.byState.heldIdle).toBeCloseTo(
      whole.gpuHours.byState.heldIdle,
      9,
    );
    expect((before.cost?.billed ?? 0) + (after.cost?.billed ?? 0)).toBeCloseTo(
      whole.cost?.billed ?? Number.NaN,
      6,
    );
  });
});

describe('stored sessions', () => {
  const run = fake('t4');
  const env = { ...run.env, GPUCOST_NVIDIA_SMI: fakePath, GPUCOST_HOME: freshHome() };
  beforeAll(async () => {
    for (const name of ['one', 'two']) {
      const args = [
        'watch',
        '--no-network',
        '-i',
        '100ms',
        '-d',
        '1500ms',
        '-q',
        '-o',
        `${name}.md`,
      ];
      const result = await runCli(args, { env });
      expect(result.code, result.stderr).toBe(0);
      expect(result.stdout).toBe('');
    }
  });

  it('the latest by default, any by its id or the beginning of it', async () => {
    const list = await runCli(['sessions', 'list', '--json'], { env });
    const ids = (JSON.parse(list.stdout) as { id: string }[]).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    const latest = parsed(await runCli(['report', '--json'], { env }));
    expect(latest.sources[0]?.name).toBe(ids[1]);
    const first = parsed(await runCli(['report', '--json', (ids[0] ?? '').slice(0, 17)], { env }));
    expect(first.sources[0]?.name).toBe(ids[0]);
    const both = parsed(await runCli(['report', '--json', ...ids], { env }));
    expect(both.machines).toHaveLength(1);
    expect(both.gpuHours.billed).toBeGreaterThan(first.gpuHours.billed);
  });
});

describe('output', () => {
  it('writes each file in the format of its extension, and nothing to stdout', async () => {
    const out = (name: string): string => join(folder, name);
    const args = ['-o', out('r.json'), '-o', out('r.md'), '-o', out('r.csv'), '-o', out('r.txt')];
    const result = await runCli(['report', logPath, ...priced, ...args]);
    expect({ code: result.code, stdout: result.stdout }, result.stderr).toEqual({
      code: 0,
      stdout: '',
    });
    reportSchema.parse(JSON.parse(readFileSync(out('r.json'), 'utf8')));
    expect(readFileSync(out('r.md'), 'utf8')).toContain('<!-- gpucost:report -->');
    expect(readFileSync(out('r.csv'), 'utf8').split('\n')[0]).toContain('billedGpuHours');
    expect(readFileSync(out('r.txt'), 'utf8')).toContain('Where it went');
  });

  it('is the same bytes every time', async () => {
    const env = { SOURCE_DATE_EPOCH: '1780500000' };
    const args = ['report', logPath, '--json', ...priced];
    expect((await runCli(args, { env })).stdout).toBe((await runCli(args, { env })).stdout);
  });

  it.each([
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, [], true],
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, ['--no-color'], false],
    [{ NO_COLOR: '1' }, [], false],
    [{ NO_COLOR: '' }, [], false],
  ])('colour with %j %j: %s', async (env, flags, expected) => {
    const { stdout } = await runCli(['report', logPath, ...flags], { env });
    expect(stdout.includes('\u001b[')).toBe(expected);
  });

  it('a reader that leaves early is no error', async () => {
    const result = await runCli(['report', logPath, '--format', 'csv'], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('gates', () => {
  it.each([
    [['--max-waste', '90%'], 0, ['pass']],
    [['--max-waste', '40%'], 1, ['fail']],
    [['--max-cost', '5'], 0, ['pass']],
    [['--max-cost', '0.5'], 1, ['fail']],
    [['--fail-on', 'idle-held'], 1, ['fail']],
    [['--fail-on', 'info'], 1, ['fail']],
    [['--fail-on', 'hung-collective'], 0, null],
    [['--max-waste', '90%', '--max-cost', '0.5'], 1, ['pass', 'fail']],
  ])('%j ends with %i', async (flags, expected, results) => {
    const { code, stdout, stderr } = await runCli([
      'report',
      '--json',
      logPath,
      ...priced,
      ...flags,
    ]);
    expect(code, stderr).toBe(expected);
    const { gates } = reportSchema.parse(JSON.parse(stdout));
    if (results !== null) expect(gates.map(({ result }) => result)).toEqual(results);
  });
});

describe('project file', () => {
  it('gives machine, budget and suppressions; a flag beats it', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'gpucost-project-'));
    writeFileSync(
      join(cwd, '.gpucost.yaml'),
      [
        'machine: aws/g6.xlarge',
        'region: us-east-1',
        'budgets: { max_waste: 40% }',
        'suppressions:',
        '  - { rule: idle-held, reason: known notebook, until: 2999-01-01 }',
        '  - { rule: idle-empty, reason: old, until: 2020-01-01 }',
        '',
      ].join('\n'),
    );
    const below = join(cwd, 'deep', 'down');
    mkdirSync(below, { recursive: true });
    const failed = await runCli(['report', '--json', logPath], { cwd: below });
    expect(failed.code, failed.stderr).toBe(1);
    const report = reportSchema.parse(JSON.parse(failed.stdout));
    expect(report.machines[0]).toMatchObject({ type: 'g6.xlarge', detectedBy: 'config' });
    expect(report.findings.map(({ rule }) => rule)).not.toContain('idle-held');
    expect(report.notJudged.some(({ reason }) => reason.includes('known notebook'))).toBe(true);
    expect(report.warnings.map(({ code }) => code)).toContain('suppression-expired');
    const passed = await runCli(['report', '--json', logPath, '--max-waste', '90%'], {
      cwd: below,
    });
    expect(passed.code, passed.stderr).toBe(0);
  });
});

describe('demo', () => {
  it('without a GPU replays a recording, says so, and its states add up to the bill', async () => {
    const result = await runCli(['demo', '--json'], { env: { PATH: '/nowhere' } });
    expect(result.stderr).toContain('synthetic recording');
    const { gpuHours, cost } = parsed(result);
    const hours = Object.values(gpuHours.byState).reduce((sum, part) => sum + part, 0);
    const money = Object.values(cost?.byState ?? {}).reduce((sum, part) => sum + part, 0);
    expect(hours).toBeCloseTo(gpuHours.billed, 9);
    expect(money).toBeCloseTo(cost?.billed ?? Number.NaN, 6);
  });
});

describe('golden', () => {
  const env = { PATH: '/nowhere', SOURCE_DATE_EPOCH: '1795392000' };
  it.each(['80', '160'])('the demo recording at %s columns', async (columns) => {
    const { stdout } = await runCli(['demo'], { env: { ...env, COLUMNS: columns } });
    await expect(stdout).toMatchFileSnapshot(`../golden/demo-${columns}.txt`);
  });

  it('the demo recording as JSON', async () => {
    const { stdout } = await runCli(['demo', '--json'], { env });
    // The session's id ends with three letters by chance.
    const text = stdout.replaceAll(/20260601-085959-[a-z]{3}/g, '20260601-085959-xxx');
    await expect(text).toMatchFileSnapshot('../golden/demo.json');
  });
});

describe('schemas', () => {
  it.each(['report', 'rates', 'session'])('%s is JSON Schema', async (what) => {
    const { code, stdout } = await runCli(['schema', what]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('$schema');
  });
});
