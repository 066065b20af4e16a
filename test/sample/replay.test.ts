import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { type RecordedOutput, readRecordedOutput } from '../../src/sample/recording-file.ts';
import { demoRecording, openReplay } from '../../src/sample/replay.ts';
import { openSampler, type Sampler } from '../../src/sample/sampler.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import { codesOf, readings, recordedPower, recordingPath, ticksOf } from './fake.ts';

const recorded = (path: string): RecordedOutput => readRecordedOutput(readFileSync(path), path);

async function replay(
  recording: RecordedOutput,
): Promise<{ sampler: Sampler; lines: readonly SessionLine[] }> {
  const sampler = await openSampler(openReplay(recording));
  const lines: SessionLine[] = [];
  for await (const line of sampler.lines()) lines.push(line);
  return { sampler, lines };
}

it('the demo: 40 minutes of two GPUs through the sampler, without a gap, at once', async () => {
  const startedAt = performance.now();
  const { sampler, lines } = await replay(demoRecording());
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  const times = ticksOf(lines).map(({ t }) => t);
  expect(times).toHaveLength(2400);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(2398 * 1000);
  expect(Math.max(...times.slice(1).map((t, i) => t - (times[i] ?? 0)))).toBeLessThan(1100);
  expect((times[0] ?? 0) - sampler.startedAt).toBeLessThan(1100);
  expect(sampler.gpus.map((gpu) => gpu.name)).toEqual(Array(2).fill('NVIDIA H100 80GB HBM3'));

  const utilization = readings(sampler, lines, 0, 'utilizationGpuPct').map(
    ({ value }) => value ?? -1,
  );
  expect(utilization.slice(-720).every((value) => value === 0)).toBe(true);
  expect(Math.min(...utilization.slice(800, 1600))).toBeGreaterThan(90);
  const held = readings(sampler, lines, 0, 'memoryUsedMib').map(({ value }) => value);
  expect(held.at(-1)).toBe(52_400);
  expect(readings(sampler, lines, 1, 'memoryUsedMib').every(({ value }) => value === 0)).toBe(true);
  expect(readings(sampler, lines, 0, 'computeProcesses').at(-1)?.value).toBe(1);
  expect(readings(sampler, lines, 1, 'computeProcesses').at(-1)?.value).toBe(0);
  expect(codesOf(lines).every((code) => code === 'field-unsupported')).toBe(true);
});

it.each(['t4', 'h100x8', 'mig'] as const)('%s: every row of the recording, once', async (name) => {
  const { sampler, lines } = await replay(recorded(recordingPath(name)));
  sampler.gpus.forEach((_, i) => {
    const seen = readings(sampler, lines, i, 'powerDrawW').map(({ value }) => value);
    expect(seen).toEqual(recordedPower(name, i));
  });
  const activity = readings(sampler, lines, 0, 'smActivityShare').filter(
    ({ value }) => value !== null,
  );
  expect(activity.length > 50).toBe(name === 'h100x8');
});

it('refuses a file that is no recording', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gpucost-recording-')), 'log.csv');
  writeFileSync(path, 'timestamp, index\n');
  expect(() => recorded(path)).toThrow(UsageError);
});

it('the recordings are what their generator writes, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpucost-make-'));
  mkdirSync(join(folder, 'test/recordings'), { recursive: true });
  mkdirSync(join(folder, 'src/demo'), { recursive: true });
  const here = fileURLToPath(new URL('../recordings/', import.meta.url));
  const there = join(folder, 'test/recordings');
  cpSync(join(here, 'make.mjs'), join(there, 'make.mjs'));
  execFileSync(process.execPath, [join(there, 'make.mjs')]);
  for (const name of readdirSync(there).filter((file) => file.endsWith('.txt'))) {
    expect(
      readFileSync(join(there, name), 'utf8') === readFileSync(join(here, name), 'utf8'),
      name,
    ).toBe(true);
  }
  const demo = openReplay(recorded(join(folder, 'src/demo/recording.txt.gz')));
  expect(demo.clock.now()).toBe(openReplay(demoRecording()).clock.now());
});
