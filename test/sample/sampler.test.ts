import { describe, expect, it } from 'vitest';
import { HostError, UsageError } from '../../src/errors.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import {
  alive,
  codesOf,
  collect,
  eventsOf,
  fake,
  openFake,
  type RecordingName,
  readings,
  recordedPower,
  ticksOf,
} from './fake.ts';

const gpusOf: Readonly<Record<RecordingName, number>> = { t4: 1, h100x8: 8, mig: 1 };
const names = ['t4', 'h100x8', 'mig'] as const;

/** Every tick that the fake printed is there, once and in order; `gaps` are tick numbers that may miss. */
function expectNothingLost(
  name: RecordingName,
  position: number,
  seen: readonly { readonly value: number | null }[],
  gaps: readonly number[] = [],
): void {
  const recorded = recordedPower(name, position).filter((_, i) => !gaps.includes(i));
  expect(seen.map(({ value }) => value)).toEqual(recorded.slice(0, seen.length));
}

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
  const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 25);
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

describe.each(names)('faults on %s', (name) => {
  it('a crash: restarted, said, and every tick is there', async () => {
    const run = fake(name, {
      FAKE_CRASH_AFTER: '5',
      FAKE_CRASH_CODE: '15',
      FAKE_CRASH_MESSAGE:
        'Unable to determine the device handle for GPU 0000:99:00.0: Unknown Error',
      FAKE_FAULT_STARTS: '1',
    });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 10);
    expectNothingLost(name, 0, readings(sampler, lines, 0, 'powerDrawW'));
    expect(codesOf(lines)).toEqual(expect.arrayContaining(['driver-lost', 'driver-back']));
    const lost = eventsOf(lines).find(({ code }) => code === 'driver-lost');
    expect(lost?.message).toContain('Unable to determine the device handle');
    expect(run.loops()).toBe(2);
    expect(alive(run)).toEqual([]);
  });

  it('a hang that ignores SIGTERM and SIGPIPE: killed after 10 s and restarted, the time is a gap', async () => {
    const run = fake(name, {
      FAKE_HANG_AFTER: '4',
      FAKE_IGNORE: 'SIGTERM,SIGINT,SIGPIPE',
      FAKE_FAULT_STARTS: '1',
    });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 8);
    const seen = readings(sampler, lines, 0, 'powerDrawW');
    expectNothingLost(name, 0, seen);
    const pause = (seen[4]?.t ?? 0) - (seen[3]?.t ?? 0);
    expect(pause).toBeGreaterThan(10_000);
    expect(eventsOf(lines).find(({ code }) => code === 'driver-lost')?.message).toContain(
      'no row for 10 s',
    );
    expect(run.loops()).toBe(2);
    expect(alive(run)).toEqual([]);
  });

  it.each(['line', 'glue'])(
    'a torn row (%s): that reading is a gap, the others stay',
    async (tear) => {
      const run = fake(name, { FAKE_TEAR_AT: '4', FAKE_TEAR: tear });
      const sampler = await openFake(run);
      const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 8);
      const last = gpusOf[name] - 1;
      expectNothingLost(
        name,
        last,
        readings(sampler, lines, last, 'powerDrawW'),
        tear === 'glue' && last === 0 ? [3, 4] : [3],
      );
      // Glued to the next line, a torn row takes the next query's first row with it.
      if (last > 0) {
        expectNothingLost(
          name,
          0,
          readings(sampler, lines, 0, 'powerDrawW'),
          tear === 'glue' ? [4] : [],
        );
      }
      expect(codesOf(lines).filter((code) => code === 'reading-failed')).toHaveLength(1);
      expect(codesOf(lines)).not.toContain('driver-lost');
      expect(run.loops()).toBe(1);
    },
  );

  it("an error between rows: kept in nvidia-smi's words, no reading is lost", async () => {
    const words = 'Unable to determine the device handle for GPU0000:99:00.0: Unknown Error';
    const run = fake(name, { FAKE_ERROR_AT: '4', FAKE_ERROR_MESSAGE: words });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 8);
    for (let i = 0; i < gpusOf[name]; i++) {
      expectNothingLost(name, i, readings(sampler, lines, i, 'powerDrawW'));
    }
    expect(
      eventsOf(lines)
        .filter(({ code }) => code === 'reading-failed')
        .map((e) => e.message),
    ).toEqual([words]);
  });

  it('a driver that is lost for good: tried again with growing pauses, one child at a time', async () => {
    const run = fake(name, {
      FAKE_CRASH_AFTER: '1',
      FAKE_CRASH_MESSAGE: 'Failed to initialize NVML: Unknown Error',
    });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 5);
    expectNothingLost(name, 0, readings(sampler, lines, 0, 'powerDrawW'));
    expect(run.loops()).toBeGreaterThanOrEqual(5);
    expect(codesOf(lines).filter((code) => code === 'driver-lost').length).toBeGreaterThan(3);
    expect(alive(run)).toEqual([]);
  });

  it('a slow host: the first row may take 12 s', async () => {
    const run = fake(name, { FAKE_FIRST_ROW_MS: '12000' });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 3);
    expect((ticksOf(lines)[0]?.t ?? 0) - sampler.startedAt).toBeGreaterThan(12_000);
    expect(run.loops()).toBe(1);
  });

  it('no driver: HostError in its own words', async () => {
    const words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    const run = fake(name, { FAKE_FAIL_CODE: '9', FAKE_FAIL_MESSAGE: words });
    await expect(openFake(run)).rejects.toThrow(words);
    await expect(openFake(run)).rejects.toBeInstanceOf(HostError);
    expect(alive(run)).toEqual([]);
  });

  it('a first row that never comes: HostError after 30 s, and the hung child is gone', async () => {
    const run = fake(name, { FAKE_HANG_AFTER: '0', FAKE_IGNORE: 'SIGTERM,SIGPIPE' });
    await expect(openFake(run)).rejects.toThrow('no answer for 30 s');
    expect(alive(run)).toEqual([]);
  });

  it('a field that the help promises and the query rejects is left out', async () => {
    const run = fake(name, { FAKE_REJECT: 'temperature.gpu' });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 3);
    for (const { value } of readings(sampler, lines, 0, 'temperatureC')) expect(value).toBeNull();
    expectNothingLost(name, 0, readings(sampler, lines, 0, 'powerDrawW'));
    expect(codesOf(lines)).toContain('field-unsupported');
  });

  it('a cell that is no value and no known absence: null, and one warning with its text', async () => {
    const run = fake(name, { FAKE_ODD_AT: '3', FAKE_ODD_CELL: 'Warming up' });
    const sampler = await openFake(run);
    const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 5);
    const warnings = eventsOf(lines).filter(({ code }) => code === 'warning');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain('"Warming up"');
  });
});

describe('a GPU that is lost while others go on', () => {
  it.each(['silent', 'words', 'message'])(
    '(%s) is said once, and once more when it is back',
    async (as) => {
      const run = fake('h100x8', {
        FAKE_LOSE_GPU: '3',
        FAKE_LOSE_AFTER: '4',
        FAKE_LOSE_FOR: '9',
        FAKE_LOSE_AS: as,
      });
      const sampler = await openFake(run);
      const lines = await collect(
        sampler,
        (seen) => codesOf(seen).includes('gpu-back') && ticksOf(seen).length >= 16,
      );
      const lostTicks = Array.from({ length: 9 }, (_, i) => 4 + i);
      expectNothingLost('h100x8', 3, readings(sampler, lines, 3, 'powerDrawW'), lostTicks);
      for (const other of [0, 2, 4, 7]) {
        expectNothingLost('h100x8', other, readings(sampler, lines, other, 'powerDrawW'));
      }
      expect(codesOf(lines).filter((code) => code === 'gpu-lost')).toHaveLength(1);
      expect(codesOf(lines).filter((code) => code === 'gpu-back')).toHaveLength(1);
      expect(codesOf(lines)).not.toContain('driver-lost');
      expect(run.loops()).toBe(1);
    },
  );
});

it('a pipe that buffers whole pages: queries of one burst are set apart by their stamps', async () => {
  const run = fake('t4', { FAKE_BUFFER: '2048' });
  const sampler = await openFake(run, { startTimeoutMs: 60_000 });
  const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 24);
  const seen = readings(sampler, lines, 0, 'powerDrawW');
  const steps = seen.slice(1).map(({ t }, i) => t - (seen[i]?.t ?? 0));
  const nearOneSecond = steps.filter((step) => step > 900 && step < 1100).length;
  expect(nearOneSecond).toBeGreaterThan(steps.length / 2);
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
  const lines = await collect(sampler, (seen) => ticksOf(seen).length >= 25);
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
    await expect(opened).rejects.toMatchObject({ hint: expect.stringContaining('0 (GPU-') });
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
  expect(asked.at(-1)).toEqual([{ pid: process.pid, gpus: [0], name: 'python3' }]);
  expect(alive(run)).toEqual([]);
});
