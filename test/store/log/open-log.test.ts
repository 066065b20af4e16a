import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openLogFile } from '../../../src/store/log/open-log.ts';
import type { LogOptions } from '../../../src/store/log/options.ts';
import { matching } from '../../kit/matching.ts';
import { readLog } from '../../kit/read-log.ts';

// All logs here are made up, in the form that nvidia-smi prints.
const header = 'timestamp, index, utilization.gpu [%], memory.used [MiB]\n';
const at = (second: number): string => `2026/01/31 10:00:${String(second).padStart(2, '0')}.000`;
const row = (second: number, index: number, busy: number): string =>
  `${at(second)}, ${index}, ${busy} %, 1000 MiB\n`;
const t0 = Date.UTC(2026, 0, 31, 10);

async function busyOf(content: string | Uint8Array, options: LogOptions = {}) {
  const log = await readLog(content, options);
  return Object.fromEntries(
    [...log.samples].map(([gpu, rows]) => [
      gpu,
      rows.map(({ timeMs, values }) => [(timeMs - t0) / 1000, values.utilizationGpuPct]),
    ]),
  );
}

describe('forms of a log', () => {
  const two = header + row(0, 0, 50) + row(0, 1, 7) + row(1, 0, 51) + row(1, 1, 8);
  const expected = {
    'test.csv#0': [
      [0, 50],
      [1, 51],
    ],
    'test.csv#1': [
      [0, 7],
      [1, 8],
    ],
  };
  const utf16be = Buffer.from(`\ufeff${two}`, 'utf16le').swap16();
  const forms: Record<string, string | Uint8Array> = {
    plain: two,
    CRLF: two.replaceAll('\n', '\r\n'),
    'UTF-8 with mark': `\ufeff${two}`,
    'UTF-16LE with mark': Buffer.from(`\ufeff${two}`, 'utf16le'),
    'UTF-16LE without mark': Buffer.from(two, 'utf16le'),
    'UTF-16BE with mark': utf16be,
    gzip: gzipSync(two),
    'gzip of UTF-16': gzipSync(Buffer.from(`\ufeff${two}`, 'utf16le')),
    'two gzip members': Buffer.concat([gzipSync(two.slice(0, 90)), gzipSync(two.slice(90))]),
    'header before each row': two.replaceAll('\n2026', `\n${header}2026`),
    'blank lines': two.replaceAll('\n', '\n\n'),
    'without units': two.replaceAll(' %,', ',').replaceAll(' MiB\n', '\n'),
    'other order': two.replace(
      /^(.*), (.*), (.*), (.*)$/gm,
      (_, time: string, index: string, busy: string, memory: string) =>
        [memory, index, time, busy].join(', '),
    ),
    'without blanks': two.replaceAll(', ', ','),
  };
  for (const [name, content] of Object.entries(forms)) {
    it(`reads ${name}`, async () => expect(await busyOf(content)).toEqual(expected));
  }

  it('reads it without a header by --fields', async () => {
    const fields = ['timestamp', 'index', 'utilization.gpu', '-'];
    expect(await busyOf(two.slice(header.length), { fields })).toEqual(expected);
    expect(await busyOf(two, { fields })).toEqual(expected);
  });

  it('leaves out columns that the log does not have', async () => {
    const log = await readLog(two);
    expect(log.samples.get('test.csv#0')?.[0]?.values).toEqual({
      utilizationGpuPct: 50,
      memoryUsedMib: 1000,
    });
  });

  it('can be read once', async () => {
    const { recording } = await readLog(two);
    expect(() => recording.items()).toThrow(/once/);
  });
});

describe('what identifies a GPU', () => {
  const a = 'GPU-11111111-2222-3333-4444-555555555555';
  const b = 'GPU-11111111-2222-3333-4444-666666666666';

  it('is the uuid, with the facts of its first row', async () => {
    const log = await readLog(
      'timestamp, index, uuid, name, pci.bus_id, power.limit [W], mig.mode.current, utilization.gpu [%]\n' +
        `${at(0)}, 0, ${a}, NVIDIA X, 00000000:01:00.0, 300.00 W, Disabled, 5 %\n` +
        `${at(0)}, 1, ${b}, NVIDIA X, 00000000:02:00.0, [N/A], [N/A], 6 %\n`,
    );
    expect(
      log.gpus.map(({ id, uuid, index, powerLimitW, migMode }) => [
        id,
        uuid,
        index,
        powerLimitW,
        migMode,
      ]),
    ).toEqual([
      [a, a, 0, 300, false],
      [b, b, 1, null, null],
    ]);
  });

  it('else the bus id, else the index', async () => {
    const bus = await readLog(
      `timestamp, uuid, pci.bus_id, utilization.gpu [%]\n${at(0)}, [N/A], 00000000:01:00.0, 5 %\n`,
    );
    expect(bus.gpus[0]).toMatchObject({ id: 'test.csv#00000000:01:00.0', uuid: null });
    const index = await readLog(header + row(0, 3, 5));
    expect(index.gpus[0]).toMatchObject({ id: 'test.csv#3', index: 3 });
  });

  it('is not a uuid that its owner masked', async () => {
    const zero = 'GPU-00000000-0000-0000-0000-000000000000';
    const log = await readLog(
      'timestamp, uuid, index, utilization.gpu [%]\n' +
        `${at(0)}, ${zero}, 0, 5 %\n${at(0)}, ${zero}, 1, 6 %\n`,
    );
    expect(log.gpus.map(({ id, uuid }) => [id, uuid])).toEqual([
      ['test.csv#0', null],
      ['test.csv#1', null],
    ]);
  });

  it('tells of a GPU that appears later', async () => {
    const log = await readLog(header + row(0, 0, 1) + row(1, 0, 1) + row(1, 1, 2));
    expect(log.gpus.map(({ id }) => id)).toEqual(['test.csv#0', 'test.csv#1']);
  });

  it('takes a garbled identity for no new GPU', async () => {
    const log = await readLog(`${header}${row(0, 0, 1)}${at(1)}, 0x?7, 2 %, 1 MiB\n`);
    expect(log.gpus).toHaveLength(1);
    expect(log.warnings).toMatchObject([{ code: 'bad-row' }]);
  });
});

describe('readings', () => {
  it('that are absent are null, not zero', async () => {
    const words = ['[N/A]', '[Not Supported]', '[Unknown Error]', 'N/A', '', 'ERR!'];
    const log = await readLog(
      header + words.map((word, i) => `${at(i)}, 0, ${word}, 1000 MiB\n`).join(''),
    );
    const values = log.samples.get('test.csv#0')?.map((s) => s.values.utilizationGpuPct);
    expect(values).toEqual(words.map(() => null));
    expect(log.warnings).toEqual([]);
  });

  it('in words that are not known are null with one warning', async () => {
    const log = await readLog(
      `${header}${at(0)}, 0, many, 1000 MiB\n${at(1)}, 0, lots, 1000 MiB\n`,
    );
    expect(log.samples.get('test.csv#0')?.map((s) => s.values)).toEqual([
      { utilizationGpuPct: null, memoryUsedMib: 1000 },
      { utilizationGpuPct: null, memoryUsedMib: 1000 },
    ]);
    expect(log.warnings).toEqual([
      {
        code: 'unreadable-cell',
        message:
          "test.csv:2: utilization.gpu is 'many', which is no reading (2 rows); taken as missing",
      },
    ]);
  });

  it('in another unit are not converted by guess', async () => {
    const log = await readLog(`${header}${at(0)}, 0, 5 %, 2 GiB\n`);
    expect(log.samples.get('test.csv#0')?.[0]?.values.memoryUsedMib).toBeNull();
    expect(log.warnings).toMatchObject([{ code: 'unreadable-cell' }]);
  });

  it('keep their decimals exactly', async () => {
    const watts = ['54.19', '0.1', '1234.5678', '-1.5', '300', '.5', '1e2'];
    const log = await readLog(
      `timestamp, utilization.gpu [%], power.draw [W]\n${watts
        .map((w, i) => `${at(i)}, 0 %, ${w} W\n`)
        .join('')}`,
    );
    expect(log.samples.get('test.csv#0')?.map((s) => s.values.powerDrawW)).toEqual(
      watts.map(Number),
    );
  });

  it('combine: power limit by rank, reasons from flags, sums that need all parts, memory from its rest', async () => {
    const log = await readLog(
      'timestamp, utilization.gpu [%], power.limit [W], enforced.power.limit [W], ' +
        'clocks_throttle_reasons.hw_slowdown, clocks_throttle_reasons.sw_thermal_slowdown, ' +
        'clocks_event_reasons_counters.hw_thermal_slowdown [us], ' +
        'memory.total [MiB], memory.free [MiB], memory.reserved [MiB], pstate\n' +
        `${at(0)}, 5 %, 300.00 W, 250.00 W, Not Active, Active, 7 us, 81559 MiB, 81081 MiB, 479 MiB, P0\n` +
        `${at(1)}, 5 %, 300.00 W, [N/A], Not Active, Not Active, 7 us, 81559 MiB, 61263 MiB, 479 MiB, P8\n` +
        `${at(2)}, 5 %, 300.00 W, [N/A], [N/A], Not Active, 7 us, 81559 MiB, [N/A], 479 MiB, P8\n`,
    );
    expect(log.samples.get('test.csv#0')?.map((s) => s.values)).toMatchObject([
      { powerLimitW: 250, eventReasons: 0x20, memoryUsedMib: 0, pstate: 0 },
      { powerLimitW: 300, eventReasons: 0, memoryUsedMib: 19_817, pstate: 8 },
      { powerLimitW: 300, eventReasons: null, memoryUsedMib: null, pstate: 8 },
    ]);
    expect(log.samples.get('test.csv#0')?.[0]?.values).not.toHaveProperty('slowdownCounterUs');
    expect(log.warnings).toMatchObject([{ code: 'memory-derived' }]);
  });

  it('without reserved memory are not derived', async () => {
    const log = await readLog(
      `timestamp, utilization.gpu [%], memory.total [MiB], memory.free [MiB]\n${at(0)}, 0 %, 15360 MiB, 14910 MiB\n`,
    );
    expect(log.samples.get('test.csv#0')?.[0]?.values).not.toHaveProperty('memoryUsedMib');
  });
});

describe('home-made names', () => {
  it('are understood where they can mean one thing', async () => {
    const log = await readLog(
      'timestamp,gpu_index,temperature_C,utilization_gpu_percent,power_W,memory_used\n' +
        '2026-01-31T10:00:00Z,0, 38, 100, 387.26, 512\n',
    );
    expect(log.samples.get('test.csv#0')?.[0]?.values).toEqual({
      temperatureC: 38,
      utilizationGpuPct: 100,
      powerDrawW: 387.26,
      memoryUsedMib: 512,
    });
  });

  it('of --fields that are not known are told', async () => {
    const log = await readLog(`${at(0)}, 5 %, 7\n`, {
      fields: ['timestamp', 'utilization.gpu', 'memory.usd'],
    });
    expect(log.warnings).toEqual([{ code: 'fields-ignored', message: matching('memory.usd') }]);
  });
});

describe('another header further down', () => {
  it('changes the columns from there on', async () => {
    const log = await readLog(
      `${header}${row(0, 0, 1)}timestamp, index, power.draw [W], utilization.gpu [%]\n${at(1)}, 0, 99.5 W, 2 %\n`,
    );
    expect(log.samples.get('test.csv#0')?.map(({ values }) => values)).toEqual([
      { utilizationGpuPct: 1, memoryUsedMib: 1000 },
      { utilizationGpuPct: 2, powerDrawW: 99.5 },
    ]);
  });
});

describe('openLogFile', () => {
  it('refuses what is no file', async () => {
    const missing = await openLogFile('/nowhere/gpu.csv').catch((error: unknown) => error);
    expect(missing).toMatchObject({
      name: 'UsageError',
      message: '/nowhere/gpu.csv: there is no such file',
    });
    const folder = await openLogFile(import.meta.dirname).catch((error: unknown) => error);
    expect(folder).toMatchObject({ name: 'UsageError', message: matching(/is a folder/) });
  });
});
