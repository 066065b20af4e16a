import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { reportSchema } from '../../src/report/schema.ts';
import type { SessionLine, TickLine } from '../../src/store/lines.ts';
import { sessionLineSchema } from '../../src/store/schema.ts';
import { freshHome, runCli, survivors } from '../kit/run-cli.ts';
import { fake, fakePath, type RecordingName } from '../sample/fake.ts';

interface Watched {
  readonly report: Report;
  readonly stderr: string;
}

/** Watches the fake, expects a clean end with no process left, and returns the report. */
async function watch(
  name: RecordingName,
  faults: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<Watched> {
  const run = fake(name, faults);
  const result = await runCli(['watch', '--no-network', '--format', 'json', ...args], {
    env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath },
  });
  expect(result.code, result.stderr).toBe(0);
  expect(await survivors(run, 2000)).toEqual([]);
  const report = reportSchema.parse(JSON.parse(result.stdout));
  expectSums(report);
  return { report, stderr: result.stderr };
}

/** Every billed second of every GPU has exactly one place, and the GPUs make the whole. */
function expectSums(report: Report): void {
  for (const { gpuHours } of [report, ...report.gpus]) {
    const states = Object.values(gpuHours.byState).reduce((sum, hours) => sum + hours, 0);
    const causes = Object.values(gpuHours.unobservedBy).reduce((sum, hours) => sum + hours, 0);
    expect(states).toBeCloseTo(gpuHours.billed, 9);
    expect(causes).toBeCloseTo(gpuHours.byState.unobserved, 9);
    expect(Math.min(...Object.values(gpuHours.byState))).toBeGreaterThanOrEqual(0);
  }
  const parts = report.gpus.reduce((sum, { gpuHours }) => sum + gpuHours.billed, 0);
  expect(parts).toBeCloseTo(report.gpuHours.billed, 9);
}

const gpusOf: Readonly<Record<RecordingName, number>> = { t4: 1, h100x8: 8, mig: 1 };
const fast = ['-i', '100ms', '-d', '2s'] as const;
const samplesOf = (report: Report): number => report.sources[0]?.samples ?? 0;

describe.concurrent.each(['t4', 'h100x8'] as const)('%s', (name) => {
  it('without faults: every GPU, nearly every tick', async () => {
    const { report, stderr } = await watch(name, {}, fast);
    expect(report.gpus).toHaveLength(gpusOf[name]);
    expect(samplesOf(report)).toBeGreaterThanOrEqual(10 * gpusOf[name]);
    expect(report.window.intervalMs).toBe(100);
    expect(stderr).toBe('');
  });

  it('a crash is restarted; its time is the driver’s', async () => {
    const faults = {
      FAKE_CRASH_AFTER: '8',
      FAKE_FAULT_STARTS: '1',
      FAKE_CRASH_MESSAGE: 'Unknown Error',
    };
    const { report, stderr } = await watch(name, faults, ['-i', '100ms', '-d', '5s']);
    expect(stderr).toContain('Unknown Error');
    expect(stderr).toContain('answers again');
    expect(report.gpuHours.unobservedBy.driver).toBeGreaterThan(0);
    expect(samplesOf(report)).toBeGreaterThanOrEqual(20 * gpusOf[name]);
  });

  it('a hang is found after ten seconds and restarted', async () => {
    const faults = {
      FAKE_HANG_AFTER: '8',
      FAKE_FAULT_STARTS: '1',
      FAKE_IGNORE: 'SIGTERM,SIGINT,SIGPIPE',
    };
    const { report, stderr } = await watch(name, faults, ['-i', '100ms', '-d', '16s']);
    expect(stderr).toContain('no row for 10 s');
    const { driver } = report.gpuHours.unobservedBy;
    const all = report.gpuHours.unobservedBy;
    expect(driver + all.gap).toBeGreaterThan((gpusOf[name] * 8) / 3600);
    expect(samplesOf(report)).toBeGreaterThanOrEqual(12 * gpusOf[name]);
  });

  it('a torn line is one failed reading', async () => {
    const { report } = await watch(name, { FAKE_TEAR_AT: '5' }, fast);
    expect(samplesOf(report)).toBeGreaterThanOrEqual(10 * gpusOf[name]);
  });

  it('an error between rows is told, and the rows around it count', async () => {
    const words = 'Unable to determine the device handle for GPU 0000:10:00.0: Unknown Error';
    const { report } = await watch(name, { FAKE_ERROR_AT: '5', FAKE_ERROR_MESSAGE: words }, fast);
    expect(report.warnings.some(({ message }) => message.includes('Unknown Error'))).toBe(true);
    expect(samplesOf(report)).toBeGreaterThanOrEqual(10 * gpusOf[name]);
  });

  it('a late start is waited for, and is time before the first sample', async () => {
    const { report } = await watch(name, { FAKE_FIRST_ROW_MS: '2500' }, fast);
    expect(report.gpuHours.unobservedBy.beforeFirstSample).toBeGreaterThan(
      (gpusOf[name] * 2) / 3600,
    );
  });
});

it.concurrent('a lost GPU is told, and only its time is missing', async () => {
  const faults = { FAKE_LOSE_GPU: '3', FAKE_LOSE_AFTER: '5', FAKE_LOSE_AS: 'words' };
  const { report, stderr } = await watch('h100x8', faults, ['-i', '100ms', '-d', '4s']);
  expect(stderr).toContain('GPU 3');
  const unobserved = report.gpus.map(({ gpuHours }) => gpuHours.byState.unobserved);
  const others = unobserved.filter((_, index) => index !== 3);
  expect(unobserved[3]).toBeGreaterThan(Math.max(...others));
});

it.concurrent('MIG: memory and power count, utilization is unknown rather than zero', async () => {
  const { report } = await watch('mig', {}, fast);
  const [gpu] = report.gpus;
  expect(gpu?.gpuHours.unobservedBy.notReported).toBeGreaterThan(0);
  expect(gpu?.gpuHours.busy).toBe(0);
  expect(gpu?.utilizationPct).toBeNull();
  expect(report.findings).toEqual([]);
});

it.concurrent('--gpus watches those only', async () => {
  const { report } = await watch('h100x8', {}, ['--gpus', '2,5', ...fast]);
  expect(report.gpus.map(({ index }) => index)).toEqual([2, 5]);
});

it.concurrent('a machine type that is given prices the session', async () => {
  const { report } = await watch('h100x8', {}, ['--machine', 'aws/p5.48xlarge', ...fast]);
  const hours = report.gpuHours.billed;
  expect(report.cost?.billed).toBeCloseTo(hours * 6.88, 5);
  expect(report.machines[0]).toMatchObject({
    detectedBy: 'flag',
    type: 'p5.48xlarge',
    gpuCount: 8,
  });
});

it.concurrent.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends with the report',
  async (signal) => {
    const run = fake('t4');
    const result = await runCli(['watch', '--no-network', '-i', '100ms', '--format', 'json'], {
      env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath },
      onStart: (child) => setTimeout(() => child.kill(signal), 5000),
    });
    expect(result.code, result.stderr).toBe(0);
    expect(samplesOf(reportSchema.parse(JSON.parse(result.stdout)))).toBeGreaterThan(0);
    expect(await survivors(run, 2000)).toEqual([]);
  },
);

it.concurrent('--json prints the session’s lines as they come, which report reads from stdin', async () => {
  const run = fake('h100x8');
  const env = { ...run.env, GPUCOST_NVIDIA_SMI: fakePath };
  const { code, stdout } = await runCli(['watch', '--no-network', '--json', ...fast], { env });
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => sessionLineSchema.parse(JSON.parse(line)) as SessionLine);
  expect(lines[0]?.kind).toBe('header');
  expect(lines.at(-1)).toMatchObject({ kind: 'end', reason: 'duration' });
  const ticks = lines.filter((line): line is TickLine => line.kind === 'tick');
  expect(ticks.length).toBeGreaterThanOrEqual(10);

  const read = await runCli(['report', '-', '--json'], { input: stdout });
  expect(read.code, read.stderr).toBe(0);
  const report = reportSchema.parse(JSON.parse(read.stdout));
  expect(samplesOf(report)).toBe(ticks.reduce((sum, { rows }) => sum + rows.length, 0));
});

it.concurrent('two recorders at once: the second is refused by name, and the first goes on', async () => {
  const run = fake('t4');
  const env = { ...run.env, GPUCOST_NVIDIA_SMI: fakePath, GPUCOST_HOME: freshHome() };
  const first = runCli(['watch', '--no-network', '-i', '100ms', '-d', '6s'], { env });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const second = await runCli(['watch', '--no-network', '-i', '100ms', '-d', '1s'], { env });
  expect(second.code).toBe(3);
  expect(second.stderr).toContain('already being recorded');
  expect((await first).code).toBe(0);
});

it.concurrent('a second Ctrl-C ends at once, and the session still reads', async () => {
  const run = fake('t4', { FAKE_IGNORE: 'SIGTERM,SIGINT,SIGPIPE' });
  const home = freshHome();
  const env = { ...run.env, GPUCOST_NVIDIA_SMI: fakePath, GPUCOST_HOME: home };
  const result = await runCli(['watch', '--no-network', '-i', '100ms'], {
    env,
    onStart: (child) => {
      setTimeout(() => child.kill('SIGINT'), 5000);
      // While the first one waits for a child that ignores SIGTERM.
      setTimeout(() => child.kill('SIGINT'), 5300);
    },
  });
  expect(result.signal).toBe('SIGINT');
  expect(await survivors(run, 2000)).toEqual([]);
  const read = await runCli(['report', '--json'], { env: { GPUCOST_HOME: home } });
  expect(read.code, read.stderr).toBe(0);
  expect(samplesOf(reportSchema.parse(JSON.parse(read.stdout)))).toBeGreaterThan(0);
});

it.concurrent('a reader of --json that leaves ends watching cleanly', async () => {
  const run = fake('t4');
  const result = await runCli(['watch', '--no-network', '--json', '-i', '100ms'], {
    env: { ...run.env, GPUCOST_NVIDIA_SMI: fakePath },
    onStart: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(await survivors(run, 2000)).toEqual([]);
});
