import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { idleRecording } from '../kit/idle-recording.ts';
import { freshHome, runCli, survivors } from '../kit/run-cli.ts';
import { type FakeRun, fake, fakePath } from '../sample/fake.ts';

const machine = ['--no-network', '--machine', 'aws/g4dn.xlarge'];
const idleHost = (faults: Readonly<Record<string, string>> = {}): FakeRun =>
  fake('t4', { FAKE_RECORDING: idleRecording(), ...faults });
const envOf = (run: FakeRun, home = freshHome()) => ({
  ...run.env,
  GPUCOST_NVIDIA_SMI: fakePath,
  GPUCOST_HOME: home,
});
const answer = z.strictObject({
  schema: z.literal('gpucost.idle/1'),
  idle: z.boolean(),
  reason: z.string(),
  message: z.string(),
  forSeconds: z.number(),
  basis: z.enum(['recording', 'watching']).nullable(),
  gpus: z.number().nullable(),
  since: z.iso.datetime().nullable(),
  idleSeconds: z.number().nullable(),
  memory: z.enum(['held', 'empty']).nullable(),
  cost: z.strictObject({ currency: z.string(), idle: z.number(), perHour: z.number() }).nullable(),
});

describe.concurrent('gpucost idle', () => {
  it('watches where nothing records, and says yes with the money', async () => {
    const run = idleHost();
    const result = await runCli(['idle', '--for', '3s', '--json', ...machine], { env: envOf(run) });
    expect(result.code, result.stderr).toBe(0);
    const said = answer.parse(JSON.parse(result.stdout));
    expect(said).toMatchObject({ idle: true, reason: 'idle', basis: 'watching', gpus: 1 });
    expect(said.idleSeconds).toBeGreaterThanOrEqual(3);
    expect(said.cost).toMatchObject({ currency: 'USD', perHour: 0.526 });
    expect(said.cost?.idle).toBeCloseTo(((said.idleSeconds ?? 0) * 0.526) / 3600, 5);
    expect(await survivors(run, 2000)).toEqual([]);
  });

  it('says no as soon as a GPU is at work', async () => {
    const began = Date.now();
    const result = await runCli(['idle', '--for', '10m', ...machine], {
      env: envOf(fake('t4', { FAKE_SPEED: '8' })),
    });
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^not idle: GPU 0 is at work \(utilization \d+ %\)\n$/);
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it('takes what can not be read for work', async () => {
    const result = await runCli(['idle', '--for', '2s', '-q', ...machine], {
      env: envOf(fake('mig')),
    });
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('is not known, which counts as work');
    expect(result.stderr).toBe('');
  });

  it('takes GPUs that can not be seen for work', async () => {
    const hidden = ['--no-network', '--machine', 'aws/p4d.24xlarge'];
    const result = await runCli(['idle', '--for', '2s', '--json', ...hidden], {
      env: envOf(idleHost()),
    });
    expect(result.code).toBe(1);
    expect(answer.parse(JSON.parse(result.stdout)).reason).toBe('hidden-gpus');
  });

  it('does not wait with --no-wait', async () => {
    const result = await runCli(['idle', '--for', '8h', '--no-wait', ...machine], {
      env: envOf(idleHost()),
    });
    expect([result.code, result.stdout]).toEqual([
      1,
      'not idle: nothing records this host (gpucost watch does), so nothing is known\n',
    ]);
  });

  it('answers at once from the session that is being recorded', async () => {
    const home = freshHome();
    const run = idleHost();
    const env = envOf(run, home);
    const watching = runCli(
      ['watch', '-q', '-i', '100ms', '-d', '14s', '-o', join(home, 'r.json'), ...machine],
      { env },
    );
    await new Promise((resolve) => setTimeout(resolve, 7000));
    const soon = await runCli(['idle', '--for', '3s', '--no-wait', '--json', ...machine], { env });
    const long = await runCli(['idle', '--for', '2h', '--no-wait', '--json', ...machine], { env });
    expect(soon.code, soon.stdout).toBe(0);
    expect(answer.parse(JSON.parse(soon.stdout))).toMatchObject({ basis: 'recording', gpus: 1 });
    expect(long.code).toBe(1);
    expect(answer.parse(JSON.parse(long.stdout)).reason).toBe('too-short');
    await watching;
  });

  it('refuses a wrong call, and fails without nvidia-smi', async () => {
    const none = await runCli(['idle', '--for', '2s', ...machine], {
      env: { GPUCOST_NVIDIA_SMI: '/nowhere/nvidia-smi' },
    });
    expect(none.code).toBe(3);
    expect((await runCli(['idle'])).code).toBe(2);
    expect((await runCli(['idle', '--for', '30'])).stderr).toContain('has no unit');
  });
});

describe.concurrent('watch --on-idle', () => {
  const script = (path: string): string =>
    `env | grep ^GPUCOST_IDLE_ | sort >> ${path}; echo ran >> ${path}`;
  const target = (): string => join(mkdtempSync(join(tmpdir(), 'gpucost-on-idle-')), 'out');
  const watch = (run: FakeRun, command: string, more: readonly string[] = []) =>
    runCli(
      [
        'watch',
        '-i',
        '100ms',
        '--idle-after',
        '3s',
        '--on-idle',
        command,
        '--format',
        'json',
        ...machine,
        ...more,
      ],
      { env: envOf(run) },
    );

  it('runs once per spell, with the spell in its environment', async () => {
    const path = target();
    const result = await watch(idleHost(), script(path), ['-d', '8s']);
    expect(result.code, result.stderr).toBe(0);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines.filter((line) => line === 'ran')).toHaveLength(1);
    const env: Readonly<Record<string, string>> = Object.fromEntries(
      lines.slice(0, -1).map((line): [string, string] => {
        const [name = '', value = ''] = line.split('=');
        return [name, value];
      }),
    );
    expect(env).toMatchObject({
      GPUCOST_IDLE_CURRENCY: 'USD',
      GPUCOST_IDLE_COST_PER_HOUR: '0.526',
      GPUCOST_IDLE_GPUS: '1',
    });
    expect(Number(env['GPUCOST_IDLE_SECONDS'])).toBeGreaterThanOrEqual(3);
    expect(Number(env['GPUCOST_IDLE_COST'])).toBeGreaterThan(0.0004);
    expect(result.stderr).toContain('every GPU idle for 3 s; running:');
  });

  it('runs again after work, for the next spell', async () => {
    // At work for 5.7 s, then idle for 6.3 s, and again.
    const path = target();
    const run = fake('t4', { FAKE_SPEED: '2' });
    await watch(run, script(path), ['-d', '25s']);
    const ran = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line === 'ran');
    expect(ran.length).toBeGreaterThanOrEqual(2);
  }, 90_000);

  it('does not run beside a GPU that nvidia-smi can not open', async () => {
    const path = target();
    const words = 'Unable to determine the device handle for GPU 0000:3D:00.0: Unknown Error';
    const broken = idleHost({ FAKE_ERROR_AT: '2', FAKE_ERROR_MESSAGE: words });
    await watch(broken, script(path), ['-d', '6s']);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('does not run while a GPU is at work, can not be read, or is hidden', async () => {
    const path = target();
    const lost = fake('h100x8', {
      FAKE_LOSE_GPU: '3',
      FAKE_LOSE_AFTER: '1',
      FAKE_LOSE_AS: 'words',
    });
    await watch(lost, script(path), ['-d', '6s']);
    await watch(fake('mig'), script(path), ['-d', '6s']);
    const hidden = await watch(idleHost(), script(path), [
      '-d',
      '3s',
      '--machine',
      'aws/p4d.24xlarge',
    ]);
    expect(hidden.stderr).toContain(
      "--on-idle will not run: 7 of the machine's GPUs are not watched",
    );
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('says what became of a command that failed, and goes on', async () => {
    const result = await watch(idleHost(), 'exit 3', ['-d', '7s']);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('--on-idle ended with exit code 3: exit 3');
  });

  it('keeps the exit code of a wrapped command', async () => {
    const path = target();
    const result = await watch(idleHost(), script(path), [
      '-o',
      `${path}.json`,
      '--',
      'sh',
      '-c',
      'sleep 8; exit 7',
    ]);
    expect(result.code).toBe(7);
    expect(readFileSync(path, 'utf8')).toContain('ran');
  });
});

describe.concurrent.each([
  [['--idle-after', '5m'], 'nothing says what to run'],
  [['--on-idle', ' '], '--on-idle is empty'],
  [['--on-idle', 'x', '--gpus', '0'], 'needs every GPU'],
  [['--on-idle', 'x', '--idle-after', '2s'], 'fewer than 30 samples'],
])('watch %j', (args, message) => {
  it('is refused with what to do', async () => {
    const result = await runCli(['watch', ...args]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
  });
});
