import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { HeaderLine, SessionLine } from '../../src/store/lines.ts';
import { openSession, readSessionStream } from '../../src/store/open.ts';
import { sniff, sniffFile } from '../../src/store/sniff.ts';
import { readBack } from '../kit/read-back.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();
const header = aHeader(1, { columns: ['utilizationGpuPct'] });
const gpu = `gpu ${header.gpus[0]?.id}`;

const tick = (second: number, value: number): SessionLine => ({
  kind: 'tick',
  t: sessionStart + second * 1000,
  rows: [[0, value]],
});
const text = (...lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const stream = (content: string) => readSessionStream(Readable.from([Buffer.from(content)]), 'x');
const warnings = (items: readonly { kind: string }[]) =>
  items.filter(({ kind }) => kind === 'warning');

function file(name: string, content: string | Buffer): string {
  const path = join(home.path, name);
  writeFileSync(path, content);
  return path;
}

async function refusal(reading: Promise<unknown>): Promise<UsageError> {
  const error: unknown = await reading.then(
    () => null,
    (e: unknown) => e,
  );
  if (error instanceof UsageError) return error;
  throw new Error(`expected a UsageError, got ${String(error)}`);
}

test('what a job waited for comes with the ids of its GPUs', async () => {
  const mount = { point: '/data', type: 'nfs4', store: 'network', found: 3, writing: 0 };
  const mounts = [{ ...mount, readBytesPerS: null, readMs: null }];
  const line = { kind: 'waits', t: sessionStart + 2000, pid: 7, gpus: [0], mounts, unplaced: 1 };
  const damaged = { ...line, mounts: [{ point: 5 }] };
  const { items } = await readBack(await stream(text(header, tick(1, 5), line, damaged)));
  const { id } = header.gpus[0] ?? {};
  expect(items.filter(({ kind }) => kind === 'waits')).toEqual([
    { kind: 'waits', timeMs: line.t, pid: 7, gpus: [id], mounts, unplaced: 1 },
  ]);
  expect(warnings(items)).toHaveLength(1);
});

describe('opening', () => {
  test('tells what the header says', async () => {
    const machine: HeaderLine['machine'] = {
      provider: 'aws',
      type: 'p5.48xlarge',
      region: null,
      purchase: null,
      detectedBy: 'dmi',
      launchedAt: null,
    };
    const recording = await stream(text({ ...header, command: 'python', machine }, tick(1, 5)));
    expect(recording).toMatchObject({
      kind: 'session',
      startedAt: sessionStart,
      intervalMs: 1000,
      wrapsCommand: true,
      machine,
      host: header.host,
    });
  });

  test('takes the machine from a later segment where the first did not know it', async () => {
    const folder = join(home.path, 's');
    mkdirSync(folder);
    const machine = { type: 'g6.xlarge', provider: 'aws', detectedBy: 'metadata' };
    writeFileSync(join(folder, '000001.jsonl'), text(header, tick(1, 1)));
    writeFileSync(join(folder, '000002.jsonl'), text({ ...header, machine }, tick(2, 2)));
    writeFileSync(join(folder, '000003.jsonl'), '');
    expect((await openSession(folder)).machine).toMatchObject({ type: 'g6.xlarge' });
    expect((await readBack(await openSession(folder))).readings.get(gpu)).toHaveLength(2);
  });

  test('of a later schema names what was found and what is expected', async () => {
    const error = await refusal(stream(text({ ...header, schema: 'gpucost.session/2' })));
    expect(error.message).toBe('x: found schema gpucost.session/2, expected gpucost.session/1');
    expect(error.hint).toContain('update gpucost');
  });

  test.each([
    ['a CSV log', 'timestamp, name\n2026/01/05 00:00:00.000, NVIDIA L4\n'],
    ['nothing', ''],
    ['JSON of another kind', '{"a":1}\n'],
    ['a header of another tool', '{"kind":"header"}\n'],
    ['a session without its beginning', text(tick(1, 1))],
    ['bytes', Buffer.from([0, 1, 2, 255])],
    ['damaged gzip', Buffer.from([0x1f, 0x8b, 8, 0, 9, 9, 9, 9, 9, 9, 255, 255, 255])],
  ])('of %s is refused with its name', async (_, content) => {
    const path = file('foreign', content);
    const error = await refusal(openSession(path));
    expect(error.message).toContain('foreign');
    expect(error.hint).not.toBe('');
  });

  test.each([
    ['columns', { columns: 'power' }],
    ['intervalMs', { intervalMs: 0 }],
    ['gpus', { gpus: [{ uuid: 1 }] }],
    ['host', { host: {} }],
  ])('of a header with a wrong %s names it', async (key, wrong) => {
    const error = await refusal(stream(text({ ...header, ...wrong })));
    expect(error.message).toContain(`x: header: ${key} must be`);
  });

  test('of a missing file and of an empty folder is refused', async () => {
    expect((await refusal(openSession(join(home.path, 'none')))).message).toContain('none');
    expect((await refusal(openSession(home.path))).message).toContain('no session in this folder');
  });
});

describe('reading', () => {
  test('passes over what a later version adds', async () => {
    const later = {
      ...header,
      columns: ['fanPct', 'utilizationGpuPct'],
      gpus: [{ ...header.gpus[0], fans: 2 }],
    };
    const { readings, items } = await readBack(
      await stream(
        text(
          later,
          { kind: 'weather', t: 1, rain: true },
          { kind: 'tick', t: sessionStart + 1000, rows: [[0, 30, 7]], note: 'x' },
          { kind: 'event', t: sessionStart + 1000, code: 'gpu-on-fire', message: 'm' },
          { kind: 'progress', t: sessionStart + 1000, unit: 'image', label: '', count: 1, done: 1 },
        ),
      ),
    );
    expect(readings.get(gpu)).toEqual([[sessionStart + 1000, { utilizationGpuPct: 7 }]]);
    expect(warnings(items)).toEqual([]);
    expect(items.find(({ kind }) => kind === 'event')).toMatchObject({
      event: { code: 'warning', message: 'm' },
    });
  });

  test.each([
    ['no JSON', '{"kind":"tick","t":17'],
    ['zeros, as a loss of power leaves', '\0\0\0\0'],
    ['a row that is too long', '{"kind":"tick","t":1767571202000,"rows":[[0,1,2]]}'],
    ['a row that is too short', '{"kind":"tick","t":1767571202000,"rows":[[0]]}'],
    ['a GPU that is not listed', '{"kind":"tick","t":1767571202000,"rows":[[3,1]]}'],
    ['text for a reading', '{"kind":"tick","t":1767571202000,"rows":[[0,"1"]]}'],
    ['no time', '{"kind":"tick","rows":[[0,1]]}'],
    [
      'a block of wrong length',
      '{"kind":"block","series":"gpu","gpu":0,"n":2,"t":[1,2,3],"columns":{}}',
    ],
    [
      'a block that asks for too much',
      '{"kind":"block","series":"gpu","gpu":0,"n":1e12,"t":1,"columns":{}}',
    ],
  ])('passes over a damaged line, and says so: %s', async (_, damaged) => {
    const content = text(header, tick(1, 1)) + `${damaged}\n` + text(tick(3, 3));
    const { readings, items } = await readBack(await stream(content));
    expect(readings.get(gpu)?.map(([, values]) => values['utilizationGpuPct'])).toEqual([1, 3]);
    expect(warnings(items)).toMatchObject([{ code: 'session-damaged' }]);
  });

  test('goes on behind a torn line where another segment was appended to it', async () => {
    const torn = text(header, tick(1, 1)) + JSON.stringify(tick(2, 2)).slice(0, 20);
    const { readings } = await readBack(await stream(torn + text(header, tick(3, 3))));
    expect(readings.get(gpu)?.map(([, values]) => values['utilizationGpuPct'])).toEqual([1, 3]);
  });

  test('of gzip with damage in its middle gives what stands before, and says so', async () => {
    const folder = join(home.path, 's');
    mkdirSync(folder);
    const many = Array.from({ length: 5000 }, (_, i) => tick(i, (i * 7919) % 101));
    const bytes = gzipSync(text(header, ...many));
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0xff, middle, middle + 40);
    writeFileSync(join(folder, '000001.jsonl.gz'), bytes);
    writeFileSync(join(folder, '000002.jsonl'), text(header, tick(9000, 9)));
    const { readings, items } = await readBack(await openSession(folder));
    const read = readings.get(gpu) ?? [];
    expect(read.length).toBeGreaterThan(1000);
    expect(read.length).toBeLessThan(5000);
    expect(read.at(-1)).toEqual([sessionStart + 9_000_000, { utilizationGpuPct: 9 }]);
    expect(warnings(items).length).toBeGreaterThan(0);
  });

  test('finds a segment that was finished between looking and reading', async () => {
    const folder = join(home.path, 's');
    mkdirSync(folder);
    const plain = join(folder, '000001.jsonl');
    writeFileSync(plain, text(header, tick(1, 1)));
    const recording = await openSession(folder);
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
    renameSync(plain, join(folder, 'elsewhere'));
    expect((await readBack(recording)).readings.get(gpu)).toHaveLength(1);
  });

  test('of several sessions in one file says so; of several hosts is refused', async () => {
    const other = { ...header, id: 'other' };
    const { items } = await readBack(
      await stream(text(header, tick(1, 1)) + text(other, tick(60, 2))),
    );
    expect(warnings(items)).toMatchObject([{ code: 'several-sessions' }]);
    const foreign = { ...other, host: { ...header.host, name: 'node2', key: 'other' } };
    const recording = await stream(text(header, tick(1, 1), foreign, tick(60, 2)));
    expect((await refusal(readBack(recording))).message).toContain('several hosts, node2');
  });

  test('ends with the last line of any kind where no end was written', async () => {
    const event: SessionLine = {
      kind: 'event',
      t: sessionStart + 50_000,
      code: 'driver-lost',
      message: 'm',
    };
    expect((await readBack(await stream(text(header, tick(1, 1), event)))).endMs).toBe(event.t);
    expect((await readBack(await stream(text(header)))).endMs).toBe(sessionStart);
  });
});

describe('sniffing', () => {
  test.each([
    ['session', text(header)],
    ['session', ' { "kind": "header" }'],
    ['text', 'timestamp, index\n'],
    ['text', '{"schema":"x"}'],
    ['report', '{"schema":"gpucost.report/1","tool"'],
    ['report', '\uFEFF{\n  "schema": "gpucost.report/1",'],
    ['diff', '{\n  "schema": "gpucost.diff/1",'],
    ['text', '{"schema":"gpucost.other/1"'],
    ['empty', ''],
  ])('%s', async (kind, content) => {
    expect(sniff(Buffer.from(content))).toBe(kind);
    expect(await sniffFile(file('plain', content))).toBe(kind);
    expect(sniff(gzipSync(content))).toBe('gzip');
    expect(await sniffFile(file('packed', gzipSync(content)))).toBe(kind);
  });
});
