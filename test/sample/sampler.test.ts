import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import {
  alive,
  codesOf,
  collect,
  eventsOf,
  expectNothingLost,
  fake,
  gpusOf,
  openFake,
  readings,
  ticksOf,
} from './fake.ts';

const names = ['t4', 'h100x8', 'mig'] as const;

describe.each(names)('a healthy %s', (name) => {
  it('gives every tick with every GPU, from one child, and leaves nothing behind', async () => {
    const run = fake(name);
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 12);

    expect(sampler.gpus).toHaveLength(gpusOf[name]);
    for (const { rows } of ticksOf(lines)) {
      expect(rows.map((row) => row[0])).toEqual(sampler.gpus.map((_, i) => i));
      expect(rows.every((row) => row.length === sampler.columns.length + 1)).toBe(true);
    }
    for (let i = 0; i < gpusOf[name]; i++) {
      expectNothingLost(name, i, readings(sampler, lines, i, 'powerDrawW'));
    }
    const times = ticksOf(lines).map(({ t }) => t);
    expect(times.every((t, i) => Number.isInteger(t) && t > (times[i - 1] ?? 0))).toBe(true);
    expect(run.loops()).toBe(1);
    expect(alive(run)).toEqual([]);
  });
});

it('a Hopper GPU gives PCIe throughput and GPM, each for one tick only', async () => {
  const run = fake('h100x8');
  const sampler = await openFake(run);
  const known = (seen: readonly SessionLine[]): number =>
    readings(sampler, seen, 0, 'smActivityShare').filter(({ value }) => value !== null).length;
  const lines = await collect(sampler, (seen) => known(seen) > 5 || ticksOf(seen).length > 400);
  const activity = readings(sampler, lines, 0, 'smActivityShare').map(({ value }) => value);
  const given = activity.filter((value) => value !== null);
  expect(given.length).toBeGreaterThan(5);
  expect(given.every((value) => value > 0.7 && value <= 1)).toBe(true);
  const empty = readings(sampler, lines, 7, 'smActivityShare').map(({ value }) => value);
  expect(empty.filter((value) => value !== null).every((value) => value === 0)).toBe(true);
  expect(codesOf(lines)).not.toContain('field-unsupported');
});

it('MIG: utilization is unknown and said once, memory and power stay', async () => {
  const run = fake('mig');
  const sampler = await openFake(run);
  const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 6);
  for (const { value } of readings(sampler, lines, 0, 'utilizationGpuPct'))
    expect(value).toBeNull();
  for (const { value } of readings(sampler, lines, 0, 'memoryUsedMib')) expect(value).toBe(33_500);
  expect(codesOf(lines).filter((code) => code === 'mig')).toHaveLength(1);
});

describe('processes', () => {
  it('are counted where their pids are ours', async () => {
    const run = fake('h100x8');
    const sampler = await openFake(run, {
      processIntervalMs: 1000,
      processNames: (pid) => (pid === 5100 ? ['serve,'] : ['python']),
    });
    const lines = await collect(sampler, (seen) =>
      readings(sampler, seen, 0, 'computeProcesses').some(({ value }) => value !== null),
    );
    const list = lines.find((line) => line.kind === 'processes');
    expect(list?.visible).toBe(true);
    expect(list?.processes).toHaveLength(7);
    expect(list?.processes[0]).toEqual({ gpu: 0, pid: 5000, name: 'python', memoryMib: 71_080 });
    expect(readings(sampler, lines, 0, 'computeProcesses').at(-1)?.value).toBe(1);
    expect(readings(sampler, lines, 7, 'computeProcesses').at(-1)?.value).toBe(0);
    expect(codesOf(lines)).not.toContain('processes-hidden');
  });

  it('are hidden where the pids belong to another namespace: said once, and never counted', async () => {
    const run = fake('h100x8');
    const sampler = await openFake(run, { processIntervalMs: 1000, processNames: () => null });
    const lines = await collect(
      sampler,
      (seen) => codesOf(seen).includes('processes-hidden') || ticksOf(seen).length > 400,
    );
    expect(codesOf(lines).filter((code) => code === 'processes-hidden')).toHaveLength(1);
    for (const list of lines.filter((line) => line.kind === 'processes')) {
      expect(list.visible).toBe(false);
    }
    for (const { value } of readings(sampler, lines, 0, 'computeProcesses')) {
      expect(value).toBeNull();
    }
  });

  it('are unknown, not zero, where the list fails', async () => {
    const run = fake('t4', {
      FAKE_FAIL_CODE: '4',
      FAKE_FAIL_ONLY: 'compute-apps',
      FAKE_FAIL_MESSAGE: 'Insufficient Permissions',
    });
    const sampler = await openFake(run, { processIntervalMs: 1000 });
    const said = (seen: readonly SessionLine[]): number =>
      eventsOf(seen).filter(({ message }) => message.includes('Insufficient Permissions')).length;
    const lines = await collect(
      sampler,
      (seen) => (said(seen) > 0 && run.polls() >= 2) || ticksOf(seen).length > 400,
    );
    for (const { value } of readings(sampler, lines, 0, 'computeProcesses')) {
      expect(value).toBeNull();
    }
    expect(said(lines)).toBe(1);
  });
});

it('dmon that fails is said once', async () => {
  const run = fake('h100x8', { FAKE_DMON: 'fail' });
  const sampler = await openFake(run);
  const lines = await collect(
    sampler,
    (seen) => codesOf(seen).includes('field-unsupported') || ticksOf(seen).length > 400,
  );
  expect(eventsOf(lines).filter(({ message }) => message.includes('dmon'))).toHaveLength(1);
  for (const { value } of readings(sampler, lines, 0, 'pcieRxMibPerS')) expect(value).toBeNull();
});

describe('a selection of GPUs', () => {
  it('keeps those by index or by the beginning of their UUID', async () => {
    const run = fake('h100x8');
    const sampler = await openFake(run, {
      gpus: ['2', 'gpu-00000100-0000-4000-8000-000000000005'],
    });
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 4);
    expect(sampler.gpus.map((gpu) => gpu.index)).toEqual([2, 5]);
    expectNothingLost('h100x8', 5, readings(sampler, lines, 1, 'powerDrawW'));
  });

  it('that selects none is a usage error that names what is there', async () => {
    const opened = openFake(fake('t4'), { gpus: ['3'] });
    await expect(opened).rejects.toBeInstanceOf(UsageError);
    await expect(opened).rejects.toHaveProperty('hint', expect.stringContaining('0 (GPU-'));
  });
});

it('the host is read at its own pace with the visible processes, and abort ends everything', async () => {
  const run = fake('t4', { FAKE_PIDS: `4711=${process.pid}`, FAKE_SPEED: '8' });
  const stop = new AbortController();
  const asked: unknown[] = [];
  const sampler = await openFake(run, {
    signal: stop.signal,
    processIntervalMs: 1000,
    processNames: () => ['python3'],
    hostIntervalMs: 2000,
    host: {
      readHost: async (t, processes) => {
        asked.push(processes);
        if (asked.length === 8) stop.abort();
        return [{ kind: 'host', t, values: [asked.length] }];
      },
    },
  });
  const lines = await collect(sampler, () => false);
  expect(lines.filter((line) => line.kind === 'host').length).toBeGreaterThanOrEqual(7);
  expect(asked).toContainEqual([{ pid: process.pid, gpus: [0], name: 'python3' }]);
  expect(alive(run)).toEqual([]);
});
