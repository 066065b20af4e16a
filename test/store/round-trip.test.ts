import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionLine } from '../../src/store/lines.ts';
import { openSession, readSessionStream } from '../../src/store/open.ts';
import { createSessionWriter } from '../../src/store/writer.ts';
import { readBack } from '../kit/read-back.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gpucost-store-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const columns = [
  'utilizationGpuPct',
  'powerDrawW',
  'powerCapCounterUs',
  'smActivityShare',
] as const;
const hostColumns = ['cpuUserShare', 'diskReadBytesPerS'] as const;
const jobColumns = ['cpuCores'] as const;

const reading = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.integer({ min: -5, max: 100 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 70_000 }).map((v) => v / 100) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 48 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_000_000 }).map((v) => v / 1e6) },
  {
    weight: 1,
    arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0 || 0),
  },
);

interface Step {
  readonly afterMs: number;
  readonly line: (t: number) => SessionLine;
}

const gpuCount = 3;
const values = (length: number) => fc.array(reading, { minLength: length, maxLength: length });

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 900, max: 1100 }), fc.integer({ min: -5000, max: 90_000 })),
  line: fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .array(fc.tuple(fc.integer({ min: 0, max: gpuCount - 1 }), values(columns.length)), {
          maxLength: 4,
        })
        .map(
          (rows) =>
            (t: number): SessionLine => ({
              kind: 'tick',
              t,
              rows: rows.map(([gpu, v]) => [gpu, ...v]),
            }),
        ),
    },
    {
      weight: 2,
      arbitrary: values(hostColumns.length).map(
        (v) =>
          (t: number): SessionLine => ({ kind: 'host', t, values: v }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 2 }), values(jobColumns.length)).map(
        ([pid, v]) =>
          (t: number): SessionLine => ({
            kind: 'job',
            t,
            pid,
            name: 'pythön "x"',
            gpus: [0, pid],
            values: v,
          }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constant(
        (t: number): SessionLine => ({
          kind: 'event',
          t,
          code: 'driver-lost',
          message: 'é\n"quoted"',
        }),
      ),
    },
  ),
});

interface Told {
  readonly readings: Map<string, [number, Record<string, number>][]>;
}

/** What must come back, worked out from the lines alone. */
function told(lines: readonly SessionLine[]): Told {
  const readings: Told['readings'] = new Map();
  const add = (
    key: string,
    t: number,
    names: readonly string[],
    row: readonly (number | null)[],
  ): void => {
    const found: Record<string, number> = {};
    row.forEach((value, i) => {
      const name = names[i];
      if (value !== null && name !== undefined) found[name] = value;
    });
    readings.set(key, [...(readings.get(key) ?? []), [t, found]]);
  };
  const ids = aHeader(gpuCount).gpus.map((gpu) => gpu.id);
  for (const line of lines) {
    if (line.kind === 'tick') {
      for (const [gpu, ...row] of line.rows) add(`gpu ${ids[gpu ?? 0]}`, line.t, columns, row);
    }
    if (line.kind === 'host') add('host', line.t, hostColumns, line.values);
    if (line.kind === 'job') {
      const gpus = line.gpus.map((gpu) => ids[gpu]).join(',');
      add(`job ${line.pid} ${line.name} ${gpus}`, line.t, jobColumns, line.values);
    }
  }
  return { readings };
}

const header = aHeader(gpuCount, { columns, hostColumns, jobColumns });

function timed(steps: readonly Step[]): readonly SessionLine[] {
  let t = sessionStart;
  return steps.map(({ afterMs, line }) => {
    t += afterMs;
    return line(t);
  });
}

async function record(
  lines: readonly SessionLine[],
  limits: { segmentMs?: number; segmentBytes?: number },
  folder: string,
): Promise<string> {
  const writer = await createSessionWriter({
    home: folder,
    header,
    ...limits,
    onWarning: (message) => {
      throw new Error(message);
    },
  });
  for (const line of lines) writer.write(line);
  await writer.close({ kind: 'end', t: sessionStart + 1_000_000_000, reason: 'duration' });
  return writer.path;
}

const steps = fc.array(step, { maxLength: 60 });

describe('a session', () => {
  test('gives back exactly what was written, wherever it was rotated, by each way of reading', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1000, max: 200_000 }),
        fc.integer({ min: 200, max: 20_000 }),
        async (someSteps, segmentMs, segmentBytes) => {
          const lines = timed(someSteps);
          const path = await record(lines, { segmentMs, segmentBytes }, join(home, `${run++}`));
          const expected = told(lines).readings;
          const names = readdirSync(path).toSorted();
          expect(names.every((name) => /^\d{6}\.jsonl\.gz$/.test(name))).toBe(true);

          const whole = await readBack(await openSession(path));
          expect(whole.readings).toEqual(expected);
          expect(whole.endMs).toBe(sessionStart + 1_000_000_000);
          expect(whole.items.filter((item) => item.kind === 'warning')).toEqual([]);

          const joined = Buffer.concat(names.map((name) => readFileSync(join(path, name))));
          const file = join(home, 'one.jsonl.gz');
          writeFileSync(file, joined);
          expect((await readBack(await openSession(file))).readings).toEqual(expected);

          const chunks = Array.from({ length: Math.ceil(joined.length / 7) }, (_, i) =>
            joined.subarray(i * 7, i * 7 + 7),
          );
          const streamed = await readSessionStream(Readable.from(chunks), 'stdin');
          expect((await readBack(streamed)).readings).toEqual(expected);

          const printed = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
          const plain = await readSessionStream(Readable.from([Buffer.from(printed)]), 'stdin');
          expect((await readBack(plain)).readings).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('cut at any byte loses only the line that was torn', async () => {
    const lines = timed(fc.sample(step, { numRuns: 25, seed: 1 }));
    const texts = [header, ...lines].map((line) => Buffer.from(`${JSON.stringify(line)}\n`));
    const bytes = Buffer.concat(texts);
    const first = texts[0]?.length ?? 0;
    for (let cut = first; cut <= bytes.length; cut++) {
      let whole = 0;
      // A line counts from its last brace on; its newline may be missing.
      for (let end = first; whole < lines.length; whole++) {
        end += texts[whole + 1]?.length ?? 0;
        if (end - 1 > cut) break;
      }
      const read = await readBack(
        await readSessionStream(Readable.from([bytes.subarray(0, cut)]), 'cut'),
      );
      expect(read.readings).toEqual(told(lines.slice(0, whole)).readings);
      expect(read.items.filter((item) => item.kind === 'warning')).toEqual([]);
    }
  });

  test('compressed and cut at any byte gives the beginning of what was written', async () => {
    const lines = timed(fc.sample(step, { numRuns: 40, seed: 2 }));
    const path = await record(lines, { segmentMs: 1e9 }, home);
    const bytes = readFileSync(join(path, '000001.jsonl.gz'));
    const all = told(lines).readings;
    let mostRead = 0;
    for (let cut = 0; cut < bytes.length; cut++) {
      const file = join(home, 'cut.gz');
      writeFileSync(file, bytes.subarray(0, cut));
      let read: Awaited<ReturnType<typeof readBack>>;
      try {
        read = await readBack(await openSession(file));
      } catch (error) {
        expect(String(error)).toMatch(/not a gpucost session/);
        expect(mostRead).toBe(0);
        continue;
      }
      mostRead = Math.max(mostRead, read.readings.size);
      for (const [key, list] of read.readings) expect(list).toEqual(all.get(key));
    }
    expect(mostRead).toBe(all.size);
  });
});
