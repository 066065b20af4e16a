import { describe, expect, it } from 'vitest';
import { HostError } from '../../src/errors.ts';
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

it('an abort before the first sample ends a hanging start at once', async () => {
  const run = fake('t4', { FAKE_START_MS: '600000', FAKE_IGNORE: 'SIGTERM' });
  const stop = new AbortController();
  const startedAt = performance.now();
  const opened = openFake(run, { signal: stop.signal });
  setTimeout(() => stop.abort(), 300);
  await expect(opened).rejects.toThrow('stopped before the first sample');
  expect(performance.now() - startedAt).toBeLessThan(3000);
  expect(alive(run)).toEqual([]);
});
