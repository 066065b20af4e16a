import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { whatifSchema } from '../../src/whatif/schema.ts';
import { runCli } from '../kit/run-cli.ts';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-whatif-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Load {
  readonly name: string;
  readonly gpus?: number;
  readonly totalMib: number;
  readonly limitW: number;
  readonly utilization: number;
  readonly memoryMib: number;
  readonly watts: number;
}

/** Ten minutes of steady work, then five of held idle time: synthetic. */
function writeLog(file: string, load: Load): string {
  const head =
    'timestamp, index, uuid, name, utilization.gpu [%], utilization.memory [%], memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W]';
  const rows = Array.from({ length: 900 }, (_, second) => {
    const time = new Date(Date.UTC(2026, 10, 20, 10) + second * 1000).toISOString();
    const stamp = time.slice(0, 19).replace('T', ' ').replaceAll('-', '/');
    const isWork = second < 600;
    return Array.from({ length: load.gpus ?? 1 }, (__, i) =>
      [
        `${stamp}.000`,
        i,
        `GPU-${i}`,
        load.name,
        `${isWork ? load.utilization : 0} %`,
        `${isWork ? 20 : 0} %`,
        `${load.memoryMib} MiB`,
        `${load.totalMib} MiB`,
        `${isWork ? load.watts : 60} W`,
        `${load.limitW} W`,
      ].join(', '),
    );
  });
  const path = join(folder, file);
  writeFileSync(path, `${[head, ...rows.flat()].join('\n')}\n`);
  return path;
}

const training = writeLog('training.csv', {
  name: 'NVIDIA A100-SXM4-80GB',
  gpus: 8,
  totalMib: 81_920,
  limitW: 400,
  utilization: 97,
  memoryMib: 30_000,
  watts: 340,
});
const light = writeLog('light.csv', {
  name: 'NVIDIA H100 80GB HBM3',
  totalMib: 81_559,
  limitW: 700,
  utilization: 97,
  memoryMib: 6_000,
  watts: 150,
});

const parsed = (text: string) => whatifSchema.parse(JSON.parse(text));

describe('gpucost whatif', () => {
  it('without a target lists machines, the cheapest for the same work first', async () => {
    const { code, stdout, stderr } = await runCli(
      ['whatif', training, '--current', 'aws/p4de.24xlarge', '--json'],
      {},
    );
    expect(code, stderr).toBe(0);
    const [machine] = parsed(stdout).machines;
    expect(machine?.work).toMatchObject({ gpusAtWork: 8, memoryPeakMib: 30_000 });
    expect(machine?.work?.hours).toBeCloseTo(1 / 6, 1);
    expect(machine?.work?.idleHours).toBeCloseTo(1 / 12, 1);
    expect(machine?.options.length).toBeGreaterThan(10);
    expect(machine?.leftOut?.tooSmall).toBeGreaterThan(10);
    const itself = machine?.options.find(({ type }) => type === 'p4de.24xlarge');
    expect(itself).toMatchObject({ slowdown: { low: 1, high: 1 }, cheaper: 'no' });
    for (const { rate } of machine?.options ?? []) expect(rate?.source).not.toBe('');
  });

  it.each([
    [['--machine', 'lambda/gpu_8x_h100_sxm5'], 'H100-SXM5-80GB', 8],
    [['--gpus', '4'], 'A100-SXM4-80GB', 4],
    [['--mig', '3g.40gb'], 'A100-SXM4-80GB 3g.40gb', 8],
    [['--machine', 'aws/g6e.48xlarge', '--purchase', 'spot'], 'L40S', 8],
  ])('%s is one option', async (flags, gpu, gpusUsed) => {
    const { code, stdout, stderr } = await runCli(
      ['whatif', training, '--current', 'aws/p4de.24xlarge', '--json', ...flags],
      {},
    );
    expect(code, stderr).toBe(0);
    const options = parsed(stdout).machines[0]?.options;
    expect(options).toHaveLength(1);
    expect(options?.[0]).toMatchObject({ gpu, gpusUsed });
  });

  it('as a table and as Markdown says range, price, date and source', async () => {
    for (const format of ['table', 'markdown']) {
      const { stdout } = await runCli(
        ['whatif', training, '--current', 'aws/p4de.24xlarge', '--format', format],
        { env: { COLUMNS: '160' } },
      );
      expect(stdout).toMatch(/lambda\/gpu(\\)?_8x/);
      expect(stdout).toMatch(/\d\.\d\d–\d\.\d\d/);
      expect(stdout).toMatch(/2026-\d\d-\d\d/);
      expect(stdout).toContain('yaml: https://');
    }
  });

  it.each(['80', '100', '160'])('as a table keeps to %s columns', async (columns) => {
    const { stdout } = await runCli(['whatif', training, '--current', 'aws/p4de.24xlarge'], {
      env: { COLUMNS: columns },
    });
    const lines = stdout.split('\n').filter((line) => !line.includes('https://'));
    expect(lines.join('\n')).toMatch(/0\.\d\d–\d\.\d\d/);
    expect(lines.filter((line) => line.length > Number(columns))).toEqual([]);
  });

  it('compares CPU and RAM with what a session saw, and says where a log did not', async () => {
    const current = ['--current', 'aws/p5.48xlarge', '--json'];
    const { path } = writeSyntheticSession(join(folder, 'home'), { gpus: 8, hours: 0.5 });
    const session = parsed((await runCli(['whatif', path, ...current], {})).stdout).machines[0];
    expect(session?.refused).toBeNull();
    // Eight processes that keep 4.5 cores busy each, on a host of 192.
    expect(session?.work?.host.cores).toBeGreaterThan(30);
    expect(session?.work?.host.cores).toBeLessThan(40);
    expect(session?.work?.host.memoryGib).not.toBeNull();
    const verdicts = session?.options.map(({ host }) => [host.vcpus ?? Infinity, host.verdict]);
    expect(verdicts).toContainEqual([4, 'too-small']);
    expect(session?.options[0]?.host.verdict).not.toBe('too-small');
    const log = parsed((await runCli(['whatif', training, ...current], {})).stdout).machines[0];
    expect(new Set(log?.options.map(({ host }) => host.verdict))).toEqual(
      new Set(['not-compared']),
    );
    expect(log?.notes.join()).toContain('CPU and RAM not compared');
  });

  it('without the recorded type compares times, and says what to pass', async () => {
    const { code, stdout } = await runCli(['whatif', training, '--gpus', '4', '--json'], {});
    expect(code).toBe(0);
    const [machine] = parsed(stdout).machines;
    expect(machine?.options[0]).toMatchObject({ slowdown: { low: 2, high: 2 }, cost: null });
    expect(machine?.notes.join()).toContain('--current');
  });

  it('of another machine without enough memory says that it does not run there', async () => {
    const { stdout } = await runCli(
      [
        'whatif',
        training,
        '--current',
        'aws/p4de.24xlarge',
        '--machine',
        'aws/g6.48xlarge',
        '--json',
      ],
      {},
    );
    expect(parsed(stdout).machines[0]?.options[0]).toMatchObject({
      memory: { verdict: 'too-small' },
      slowdown: null,
      cost: null,
      cheaper: 'no',
    });
  });

  it.each([
    [['--machine', 'aws/nothing'], /unknown machine type/],
    [['--mig', '9g.99gb'], /no MIG profile/],
    [['--provider', 'nobody'], /no rate card for the provider/],
    [['--purchase', 'spto'], /purchase "spto"\n.*Did you mean spot\? Known: .*on-demand.*spot/],
    [['--machine', 'aws/g6.xlarge', '--purchase', 'spto'], /purchase "spto"/],
    [['--dtype', 'fp4'], /fp4/],
    [['--gpus', '0'], /--gpus/],
  ])('%s is refused', async (flags, message) => {
    const { code, stdout, stderr } = await runCli(
      ['whatif', training, '--current', 'aws/p4de.24xlarge', ...flags],
      {},
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });

  it('publishes its schema', async () => {
    const { stdout } = await runCli(['schema', 'whatif'], {});
    expect(JSON.parse(stdout)).toEqual({
      $id: 'gpucost.whatif/1',
      title: 'gpucost whatif',
      ...z.toJSONSchema(whatifSchema),
    });
  });
});

describe('oversized-gpu', () => {
  it('names machines of the same provider that may do it for less, with the range', async () => {
    const { stdout, stderr } = await runCli(
      ['report', light, '--machine', 'aws/p5.4xlarge', '--json'],
      {},
    );
    const report = z
      .object({ findings: z.array(z.looseObject({ rule: z.string(), remediation: z.unknown() })) })
      .parse(JSON.parse(stdout));
    const finding = report.findings.find(({ rule }) => rule === 'oversized-gpu');
    expect(finding, stderr).toBeDefined();
    expect(JSON.stringify(finding?.remediation)).toMatch(
      /Take a cheaper machine, such as aws\/g\w+\.\w+ \(1 × /,
    );
    expect(JSON.stringify(finding)).toMatch(/time of the same work, at most/);
  });
});
