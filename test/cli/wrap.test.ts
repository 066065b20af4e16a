import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { runCli, survivors } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-wrap-'));
const withGpu = (faults: Readonly<Record<string, string>> = {}) => {
  const run = fake('t4', faults);
  return { run, env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath } };
};
const withoutGpu = { PATH: process.env['PATH'], GPUCOST_NVIDIA_SMI: '/nowhere/nvidia-smi' };
const wrapped = (...command: readonly string[]): string[] => [
  'watch',
  '-i',
  '100ms',
  '--no-network',
  '--',
  ...command,
];

describe('the exit code is the command’s own', () => {
  const script = join(folder, 'no-shebang-target');
  writeFileSync(script, '#!/nowhere/interpreter\n');
  chmodSync(script, 0o755);
  const plainFile = join(folder, 'plain');
  writeFileSync(plainFile, 'not executable');

  it.concurrent.each([
    ['success', ['true'], 0],
    ['failure', ['sh', '-c', 'exit 7'], 7],
    ['SIGTERM', ['sh', '-c', 'kill -TERM $$'], 143],
    ['SIGKILL', ['sh', '-c', 'kill -KILL $$'], 137],
    ['not found', ['no-such-command-of-ours'], 127],
    ['not executable', [plainFile], 126],
    ['without its interpreter', [script], 126],
  ])('%s, with a GPU and without', async (_, command, expected) => {
    const { run, env } = withGpu();
    expect((await runCli(wrapped(...command), { env })).code).toBe(expected);
    const without = await runCli(wrapped(...command), { env: withoutGpu });
    expect(without.code).toBe(expected);
    expect(without.stderr).toContain('the run is not recorded');
    expect(await survivors(run, 2000)).toEqual([]);
  });
});

it('a command that ends between the first row and the first sample ends gpucost too', async () => {
  const { run, env } = withGpu();
  const whileOneRow = 'while ! test -s "$FAKE_STATE"; do sleep 0.02; done; sleep 0.2; exit 3';
  const wait = ['--interval', '10s', '--quiet', '--', 'sh', '-c', whileOneRow];
  const result = await runCli(['watch', '--no-network', ...wait], { env });
  expect(result.code, result.stderr).toBe(3);
  expect(result.stderr).toContain('stopped before the first sample');
  expect(await survivors(run, 2000)).toEqual([]);
});

it('stdin and stdout pass byte for byte, and stderr holds nothing of ours with -o', async () => {
  const input = randomBytes(3_000_000);
  const { env } = withGpu();
  const path = join(folder, 'report.json');
  const command = ['sh', '-c', 'printf "to stderr" >&2; cat; sleep 4'];
  const result = await runCli(
    ['watch', '-i', '100ms', '--no-network', '-o', path, '--', ...command],
    { env, input },
  );
  expect(result.code, result.stderr).toBe(0);
  expect(result.stdoutBytes.equals(input)).toBe(true);
  expect(result.stderr).toBe('to stderr');
  const report = reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  expect(report.gpuHours.billed).toBeGreaterThan(0);
});

it('the command’s pipes stay blocking: a slow reader loses nothing', async () => {
  const { env } = withGpu();
  const check =
    'import fcntl,os,sys; sys.exit(sum(bool(fcntl.fcntl(fd,fcntl.F_GETFL)&os.O_NONBLOCK) for fd in (0,1,2)))';
  const result = await runCli(wrapped('sh', '-c', `sleep 1.5; exec python3 -c "${check}"`), {
    env,
  });
  expect(result.code, result.stderr).toBe(0);
});

it('the report comes on stderr after the command, never on stdout', async () => {
  const { env } = withGpu();
  const result = await runCli(wrapped('sh', '-c', 'echo mine; sleep 2'), { env });
  expect(result.stdout).toBe('mine\n');
  expect(result.stderr).toMatch(/Billed[\s\S]*Where it went/);
});

it('SIGTERM to us reaches the command, and its own answer counts', async () => {
  const { run, env } = withGpu();
  const script = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.1; done";
  const result = await runCli(wrapped('sh', '-c', script), {
    env,
    onStart: (child) => child.stdout?.once('data', () => child.kill('SIGTERM')),
  });
  expect(result).toMatchObject({ code: 5, stdout: 'ready\nbye\n' });
  expect(await survivors(run, 2000)).toEqual([]);
});

it('SIGINT to us alone reaches the command', async () => {
  const { env } = withGpu();
  const script = "trap 'exit 6' INT; echo ready; while :; do sleep 0.1; done";
  const result = await runCli(wrapped('sh', '-c', script), {
    env,
    onStart: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
  });
  expect(result.code).toBe(6);
});

it('a driver that fails costs the record, not the run', async () => {
  const words = 'Failed to initialize NVML: Unknown Error';
  const { env } = withGpu({ FAKE_FAIL_CODE: '255', FAKE_FAIL_MESSAGE: words });
  const result = await runCli(wrapped('sh', '-c', 'sleep 2; echo done'), { env });
  expect(result).toMatchObject({ code: 0, stdout: 'done\n' });
  expect(result.stderr).toContain(words);
});

it('a command that ends before nvidia-smi answers is run, and said not to be recorded', async () => {
  const { run, env } = withGpu({ FAKE_FIRST_ROW_MS: '20000' });
  const result = await runCli(wrapped('echo', 'quick'), { env });
  expect(result).toMatchObject({ code: 0, stdout: 'quick\n' });
  expect(result.stderr).toContain('the run is not recorded');
  expect(await survivors(run, 2000)).toEqual([]);
});

it('--quiet keeps the report off stderr, and writes the file that was asked for', async () => {
  const { env } = withGpu();
  const path = join(folder, 'quiet.json');
  const watch = ['watch', '-i', '100ms', '--no-network', '--quiet'];
  const result = await runCli([...watch, '-o', path, '--', 'sleep', '1'], { env });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  expect(await runCli([...watch, '--', 'sleep', '1'], { env })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  });
});
