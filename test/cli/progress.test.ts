import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openPty } from '../../src/progress/pty.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { freshHome, runCli, survivors } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const cli = [
  process.execPath,
  fileURLToPath(new URL('../../bin/gpucost.js', import.meta.url)),
] as const;
const folder = mkdtempSync(join(tmpdir(), 'gpucost-progress-'));
const withGpu = () => {
  const run = fake('t4', {});
  return { run, env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath } };
};
let files = 0;
const counted = (
  progress: string,
  ...command: readonly string[]
): { args: string[]; path: string } => {
  const path = join(folder, `report-${files++}.json`);
  const args = ['watch', '-i', '100ms', '--no-network', '--machine', 'aws/g4dn.xlarge'];
  return { path, args: [...args, '-o', path, '--progress', progress, '--', ...command] };
};
const workIn = (path: string) => reportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).work;

const steps = 'for i in $(seq 0 30); do printf "\\rstep $i/100" >&2; sleep 0.1; done; echo >&2';

describe('the command notices nothing', () => {
  it('stdin, stdout and stderr pass byte for byte, each for itself', async () => {
    const input = randomBytes(3_000_000);
    const { env } = withGpu();
    const script = 'cat; head -c 1000000 /dev/zero >&2; exit 3';
    const { args } = counted('auto', 'sh', '-c', script);
    const result = await runCli(args, { env, input });
    expect(result.code).toBe(3);
    expect(result.stdoutBytes.equals(input)).toBe(true);
    expect(result.stderr.startsWith('\0'.repeat(1_000_000))).toBe(true);
  });

  it('what it writes last is there, and /dev/stdout can be opened', async () => {
    const { env } = withGpu();
    const { args } = counted(
      'auto',
      'sh',
      '-c',
      'echo a | tee /dev/stdout; seq 1 100000 > /dev/stderr; printf end',
    );
    const result = await runCli(args, { env });
    expect(result.stdout).toBe('a\na\nend');
    expect(result.stderr).toContain('\n99999\n100000\n');
  });

  it('its exit code, its signals and what was not found are as without', async () => {
    const { run, env } = withGpu();
    const code = async (...command: string[]) =>
      (await runCli(counted('auto', ...command).args, { env })).code;
    expect(await code('sh', '-c', 'kill -KILL $$')).toBe(137);
    expect(await code('no-such-command-of-ours')).toBe(127);
    const trap = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.1; done";
    const result = await runCli(counted('auto', 'sh', '-c', trap).args, {
      env,
      onStart: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
    });
    expect(result).toMatchObject({ code: 5, stdout: 'ready\nbye\n' });
    expect(await survivors(run, 2000)).toEqual([]);
  });

  it('a slow reader slows it down, and a reader that goes ends it', async () => {
    const { env } = withGpu();
    const script = join(folder, 'pipe.sh');
    const { args } = counted('auto', 'sh', '-c', 'yes 1234567; echo "yes: $?" >&2');
    const words = [...cli, ...args].map((word) => `'${word}'`).join(' ');
    writeFileSync(script, `${words} | (sleep 1; head -n 2)\n`);
    const started = performance.now();
    const home = freshHome();
    const out = execFileSync('bash', [script], {
      env: { ...process.env, ...env, GPUCOST_HOME: home },
    });
    expect(out.toString()).toBe('1234567\n1234567\n');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('a process that it leaves in the background does not hold us', async () => {
    const { env } = withGpu();
    const { args } = counted('auto', 'sh', '-c', 'sleep 20 & echo left');
    const started = performance.now();
    expect((await runCli(args, { env })).stdout).toBe('left\n');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('what is counted', () => {
  it('auto: steps with hours and money, in the session and in the report', async () => {
    const { env } = withGpu();
    const { args, path } = counted('auto', 'sh', '-c', steps);
    const result = await runCli(args, { env });
    expect(result.code, result.stderr).toBe(0);
    const work = workIn(path);
    expect(work).toMatchObject({ unit: 'step', count: 30 });
    expect(work?.secondsPer.estimate).toBeGreaterThan(0.09);
    expect(work?.secondsPer.estimate).toBeLessThan(0.3);
    // $0.526 an hour, one GPU.
    const perStep = ((work?.secondsPer.estimate ?? 0) / 3600) * 0.526;
    expect(work?.costPer?.estimate).toBeCloseTo(perStep, 6);
    expect(work?.projected).toMatchObject({ count: 30, total: 100, ended: true });
  });

  it('an expression', async () => {
    const { env } = withGpu();
    const script = 'for i in $(seq 1 20); do echo "done=$i ignore step 7"; sleep 0.1; done';
    const { args, path } = counted('done=(?<step>\\d+)', 'sh', '-c', script);
    await runCli(args, { env });
    expect(workIn(path)).toMatchObject({ unit: 'step', count: 19 });
  });

  it('an expression that takes for ever costs the progress, not the run', async () => {
    const { env } = withGpu();
    const script = `for i in 1 2 3 4 5; do echo ${'1'.repeat(60)}x; sleep 0.3; done; exit 4`;
    const { args, path } = counted('^(?<step>(\\d+)+)$', 'sh', '-c', script);
    const result = await runCli(args, { env });
    expect(result.code).toBe(4);
    expect(result.stderr).toContain('takes too long');
    expect(workIn(path)).toBeNull();
  });

  it('a file that it appends to; what stood there before is another run', async () => {
    const { env } = withGpu();
    const log = join(folder, 'steps.log');
    writeFileSync(log, 'step 9000\n');
    const script = `for i in $(seq 100 120); do echo "step $i" >> '${log}'; sleep 0.1; done`;
    const { args, path } = counted(log, 'sh', '-c', script);
    const result = await runCli(args, { env });
    expect(result.code, result.stderr).toBe(0);
    const work = workIn(path);
    expect(work?.unit).toBe('step');
    expect(work?.count).toBeGreaterThan(10);
    expect(work?.count).toBeLessThanOrEqual(20);
  });

  it('the last line of a file, written as the command ends', async () => {
    const { env } = withGpu();
    const log = join(folder, 'epochs.log');
    const script = `for i in 1 2 3 4; do sleep 0.6; echo "Epoch $i/4" >> '${log}'; done`;
    const { args, path } = counted(log, 'sh', '-c', script);
    await runCli(args, { env });
    expect(workIn(path)).toMatchObject({ unit: 'epoch', count: 3 });
    expect(workIn(path)?.projected).toBeNull();
  });

  it('nothing in the output is null, and output without a command is refused', async () => {
    const { env } = withGpu();
    const { args, path } = counted('auto', 'sh', '-c', 'echo no numbers here; sleep 1');
    await runCli(args, { env });
    expect(workIn(path)).toBeNull();
    const result = await runCli(['watch', '--progress', 'auto', '-d', '1s'], { env });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('Write the command behind --');
  });
});

describe.skipIf(openPty(80, 24) === null)('on a terminal', () => {
  const onTerminal = (command: string): string => {
    const { env } = withGpu();
    const { args } = counted('auto', 'sh', '-c', command);
    const words = [...cli, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    return execFileSync('script', ['-qec', words.join(' '), '/dev/null'], {
      env: { ...process.env, ...env, GPUCOST_HOME: freshHome(), NO_COLOR: '1' },
      input: 'typed\n',
      maxBuffer: 2 ** 25,
    }).toString();
  };

  it('the command sees one, its output is what it would have been, stdin is the real one', () => {
    const out = onTerminal(
      'test -t 0 && test -t 1 && test -t 2 && echo three; read x; printf "got %s\\nend" "$x"',
    );
    expect(out.replace('typed\r\n', '')).toContain('three\r\ngot typed\r\nend');
    expect(out).not.toContain('\r\r\n');
  });

  it('loses nothing of much output', () => {
    const out = onTerminal('seq 1 200000');
    const expected = `${Array.from({ length: 200_000 }, (_, i) => i + 1).join('\r\n')}\r\n`;
    expect(out.replace(/^typed\r\n/, '').startsWith(expected)).toBe(true);
  });
});
