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
    ['bytes', '\u0001\u0002\ufffd\ufffd\tx\u0010\ufffd;y\n', /bytes that are no text/, /gzip/],
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
