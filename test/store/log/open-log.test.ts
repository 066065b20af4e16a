import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LogOptions } from '../../../src/store/log/options.ts';
import { matching } from '../../kit/matching.ts';
import { readLog } from '../../kit/read-log.ts';

// All logs here are made up, in the form that nvidia-smi prints.
const header = 'timestamp, index, utilization.gpu [%], memory.used [MiB]\n';
const at = (second: number): string => `2026/01/31 10:00:${String(second).padStart(2, '0')}.000`;
const row = (second: number, index: number, busy: number): string =>
  `${at(second)}, ${index}, ${busy} %, 1000 MiB\n`;
const t0 = Date.UTC(2026, 0, 31, 10);

function refusalOf(content: string | Uint8Array, options: LogOptions = {}): Promise<unknown> {
  return readLog(content, options).then(
    () => 'was read',
    (error: unknown) => error,
  );
}

function refused(message: RegExp, hint: RegExp = /\S/) {
  return {
    name: 'UsageError',
    message: matching(message),
    hint: matching(hint),
  };
}

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

describe('lines that are no reading', () => {
  it("are gaps, told with nvidia-smi's words", async () => {
    const lost = 'Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.';
    const log = await readLog(`${header}${row(0, 0, 1)}${lost}\n${lost}\n${row(3, 0, 2)}`);
    expect(log.samples.get('test.csv#0')).toHaveLength(2);
    expect(log.warnings).toEqual([
      {
        code: 'reading-failed',
        message: matching(/^test\.csv:3: 'Unable to determine.*instead of a reading \(2 times\)$/),
      },
    ]);
  });

  it('may come before the header', async () => {
    const words = 'Failed to initialize NVML: Driver/library version mismatch\n';
    expect(await busyOf(words + header + row(0, 0, 9))).toEqual({ 'test.csv#0': [[0, 9]] });
  });

  it('are rows of a GPU that is lost', async () => {
    const log = await readLog(`${header}${row(0, 0, 1)}${at(1)}, 0, [GPU is lost], 0 MiB\n`);
    expect(log.samples.get('test.csv#0')).toHaveLength(1);
    expect(log.warnings).toMatchObject([{ code: 'gpu-lost' }]);
  });

  it('are torn rows, also in the middle', async () => {
    const log = await readLog(
      `${header}${row(0, 0, 1)}2026/01/31 10:00:01.${header}${row(2, 0, 3)}`,
    );
    expect(log.samples.get('test.csv#0')).toHaveLength(2);
    expect(log.warnings).toMatchObject([{ code: 'bad-row' }]);
  });

  it('do not flood the report', async () => {
    const noise = Array.from({ length: 500 }, (_, i) => `error ${'x'.repeat(i)}\n`).join('');
    const log = await readLog(header + row(0, 0, 1) + noise);
    expect(log.warnings.length).toBeLessThan(30);
  });
});

describe('a last line without an end', () => {
  it.each([
    ['its cells are missing', `${at(1)}, 0, 7`, 1, undefined],
    ['its unit proves it whole', `${at(1)}, 0, 7 %, 1000 MiB`, 2, 1000],
    ['its number could go on', `${at(1)}, 0, 7 %, 100`, 2, null],
    ['its unit is cut', `${at(1)}, 0, 7 %, 1000 Mi`, 2, null],
  ])('where %s', async (_, tail, rows, memory) => {
    const log = await readLog(header + row(0, 0, 1) + tail);
    const read = log.samples.get('test.csv#0') ?? [];
    expect(read).toHaveLength(rows);
    if (rows === 2) expect(read[1]?.values.memoryUsedMib).toBe(memory);
    else expect(log.warnings).toMatchObject([{ code: 'torn-line' }]);
  });

  it('gives no wrong identity', async () => {
    const columns = 'timestamp, utilization.gpu [%], index\n';
    const log = await readLog(`${columns}${at(0)}, 5 %, 11\n${at(1)}, 5 %, 1`);
    expect(log.gpus.map(({ id }) => id)).toEqual(['test.csv#11']);
  });

  it('gives no wrong time', async () => {
    const columns = 'utilization.gpu [%], timestamp\n';
    const log = await readLog(`${columns}5 %, ${at(0)}\n5 %, ${at(1).slice(0, -1)}`);
    expect(log.endMs).toBe(t0);
  });

  it('of a gzip stream that was cut off is told', async () => {
    const packed = gzipSync(header + Array.from({ length: 50 }, (_, i) => row(i, 0, i)).join(''));
    const log = await readLog(packed.subarray(0, packed.length - 12));
    expect(log.samples.get('test.csv#0')?.length).toBeGreaterThan(0);
    expect(log.warnings).toEqual(
      expect.arrayContaining([{ code: 'torn-line', message: matching('gzip') }]),
    );
  });

  it('of a damaged gzip stream is refused', async () => {
    const packed = gzipSync(header + row(0, 0, 1));
    packed.fill(0xff, 12, 30);
    expect(await refusalOf(packed)).toMatchObject(refused(/gzip stream is damaged/));
  });
});

describe('time', () => {
  it('is UTC unless a zone is given', async () => {
    const content = header + row(0, 0, 1);
    expect((await readLog(content)).endMs).toBe(t0);
    expect((await readLog(content, { timeZone: '+02:00' })).endMs).toBe(t0 - 7_200_000);
    expect((await readLog(content, { timeZone: 'America/New_York' })).endMs).toBe(t0 + 18_000_000);
  });

  it('in a zone goes on through the hour that is repeated', async () => {
    const rows = ['01:59:59', '02:59:59', '02:00:00', '02:59:59', '03:00:00'];
    const log = await readLog(
      `timestamp, utilization.gpu [%]\n${rows.map((t) => `2026/10/25 ${t}.000, 1 %\n`).join('')}`,
      { timeZone: 'Europe/Berlin' },
    );
    const times = log.samples
      .get('test.csv#0')
      ?.map(({ timeMs }) => new Date(timeMs).toISOString());
    expect(times).toEqual([
      '2026-10-24T23:59:59.000Z',
      '2026-10-25T00:59:59.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:59:59.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
    expect(log.warnings).toEqual([]);
  });

  it('that goes back keeps its order and is told', async () => {
    const log = await readLog(header + row(5, 0, 1) + row(2, 0, 2) + row(3, 0, 3));
    expect(log.samples.get('test.csv#0')?.map(({ timeMs }) => timeMs - t0)).toEqual([
      5000, 2000, 3000,
    ]);
    expect(log.warnings).toEqual([
      { code: 'clock-step', message: 'test.csv:3: the clock goes back by 3 s (test.csv#0)' },
    ]);
    expect(log.endMs).toBe(t0 + 5000);
  });

  it.each([
    ['2026-01-31T10:00:07Z', 7000],
    ['2026-01-31T12:00:07.25+02:00', 7250],
    ['2026-01-31 10:00:07', 7000],
    ['1769853607.5', 7500],
    ['1769853607500', 7500],
    ['01-31-2026 10:00:07', 7000],
    ['31.01.2026 10:00:07', 7000],
  ])('is also read as %s', async (text, ms) => {
    const log = await readLog(`timestamp,gpu_index,utilization_gpu\n${text},0,1\n`);
    expect(log.endMs).toBe(t0 + ms);
  });

  it.each(['03-11-2026 15:13:16', '03/11/2026 15:13:16'])('is refused as %s', async (text) => {
    expect(await refusalOf(`timestamp, utilization.gpu\n${text}, 1\n`)).toMatchObject(
      refused(/:2: .*day and month/, /year first/),
    );
  });

  it('is refused where no row has one that exists', async () => {
    expect(await refusalOf(`${header}2026/02/31 10:00:00.000, 0, 1 %, 2 MiB\n`)).toMatchObject(
      refused(/no reading/),
    );
  });

  it('comes from --interval where the log has none, by readings', async () => {
    const content = 'index, utilization.gpu [%]\n0, 1 %\n1, 2 %\n0, 3 %\n1, 4 %\n';
    expect(await refusalOf(content)).toMatchObject(refused(/no timestamp/, /--interval/));
    const log = await readLog(content, { intervalMs: 2000 });
    expect([...log.samples.values()].map((rows) => rows.map(({ timeMs }) => timeMs))).toEqual([
      [2000, 4000],
      [2000, 4000],
    ]);
    expect(log.recording.intervalMs).toBe(2000);
    expect(log.warnings).toMatchObject([{ code: 'times-unknown' }]);
  });

  it('of a failed reading passes, too', async () => {
    const log = await readLog(
      'utilization.gpu [%]\n1 %\nFailed to initialize NVML: Unknown Error\nutilization.gpu [%]\n3 %\n',
      { intervalMs: 1000 },
    );
    expect(log.samples.get('test.csv#0')?.map(({ timeMs }) => timeMs)).toEqual([1000, 3000]);
  });
});

describe('files that are no readable log', () => {
  it.each<[string, string, RegExp, RegExp, LogOptions?]>([
    ['nothing', '', /found nothing in it/, /--query-gpu/],
    ['a header alone', header, /a header but no reading/, /Check what wrote/],
    ['prose', 'Dear reader,\nhello\n', /neither a header nor a row/, /--query-gpu/],
    ['an error alone', 'Failed to initialize NVML: Unknown Error\n', /Failed to init/, /--query/],
    ['XML', '<?xml version="1.0" ?>\n', /found XML/, /--query-gpu/],
    ['dmon', '# gpu   pwr gtemp\n# Idx     W     C\n', /dmon/, /--query-gpu/],
    ['a table', 'Mon Jan  5\n+-------------------------+\n', /table for people/, /--query-gpu/],
    ['JSON', '{"timestamp": "2026"}\n', /found JSON/, /CSV/],
    ['quotes', `${header}"${at(0)}", 0, "5 %", "1 MiB"\n`, /:2: found quoted cells/, /quotes/],
    ['semicolons', 'timestamp;utilization.gpu\n', /tabs or semicolons/, /commas/],
    ['no utilization', 'timestamp, power.draw [W]\n', /without utilization\.gpu/, /--fields/],
    ['a wide table', 'time,gpu0_util,gpu1_util\n', /one column for each GPU/, /one row/],
    ['rivals', 'timestamp,gpu,index,utilization.gpu\n', /both be index/, /--fields/],
    ['no header', `${at(0)}, 5 %\n`, /1: '2026.*2: '5 %'/, /2 columns in order with --fields/],
    ['own names', 'when,load\n2026,5\n', /none is known \(1: 'when', 2: 'load'\)/, /--fields/],
    [
      'fields that contradict',
      header + row(0, 0, 1),
      /as --fields names/,
      /Leave --fields out/,
      { fields: ['timestamp', 'index', 'memory.used', 'utilization.gpu'] },
    ],
    ['a typing error', '', /no field name/, /order/, { fields: ['5%'] }],
    [
      'another order of identity',
      `${header}${row(0, 0, 1)}timestamp, utilization.gpu [%]\n`,
      /another header/,
      /Split/,
    ],
  ])('such as %s are refused', async (_, content, message, hint, options) => {
    expect(await refusalOf(content, options)).toMatchObject(refused(message, hint));
  });

  it('such as one endless line are refused in bounded memory', async () => {
    expect(await refusalOf('x'.repeat(3_000_000))).toMatchObject(refused(/a line of more than/));
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
