import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLog } from '../../kit/read-log.ts';

/** A reading in a made-up table; null is printed as one of nvidia-smi's placeholders. */
interface Row {
  readonly gpu: number;
  readonly stepMs: number;
  readonly busy: number | null;
  readonly memory: number | null;
  readonly centiwatts: number | null;
  readonly pstate: number;
  readonly reasons: number;
}

interface Style {
  readonly units: boolean;
  readonly repeatHeader: boolean;
  readonly header: boolean;
  readonly lineEnd: string;
  readonly blanks: boolean;
  readonly order: readonly number[];
  readonly placeholder: string;
  readonly packing: 'none' | 'gzip' | 'utf16le' | 'utf16be' | 'mark';
  readonly identity: 'uuid' | 'index';
  /** Characters that the last line loses; 0 leaves even its line end. */
  readonly torn: number;
}

const startMs = Date.UTC(2026, 1, 27, 22, 58);
const uuid = (gpu: number): string =>
  `GPU-aaaaaaaa-bbbb-4ccc-8ddd-${String(gpu).padStart(12, '0')}`;

const rowOf: fc.Arbitrary<Row> = fc.record({
  gpu: fc.nat({ max: 3 }),
  // Also over midnight, over months, and back.
  stepMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: -5000, max: 40_000_000 })),
  busy: fc.option(fc.nat({ max: 100 })),
  memory: fc.option(fc.nat({ max: 200_000 })),
  centiwatts: fc.option(fc.nat({ max: 200_000 })),
  pstate: fc.nat({ max: 15 }),
  reasons: fc.nat({ max: 511 }),
});

const styleOf: fc.Arbitrary<Style> = fc.record({
  units: fc.boolean(),
  repeatHeader: fc.boolean(),
  header: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  blanks: fc.boolean(),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
  placeholder: fc.constantFrom('[N/A]', '[Not Supported]', 'N/A', '[Unknown Error]', ''),
  packing: fc.constantFrom('none', 'gzip', 'utf16le', 'utf16be', 'mark'),
  identity: fc.constantFrom('uuid', 'index'),
  torn: fc.nat({ max: 60 }),
});

const names = [
  'timestamp',
  'identity',
  'utilization.gpu',
  'memory.used',
  'power.draw',
  'pstate',
  'clocks_event_reasons.active',
];
const units = ['', '', ' %', ' MiB', ' W', '', ''];

describe('a table written in any style', () => {
  it('reads as the same samples', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowOf, { minLength: 1, maxLength: 60 }),
        styleOf,
        fc.array(fc.integer({ min: 1, max: 97 }), { maxLength: 200 }),
        async (rows, style, chunkSizes) => {
          const torn = Math.min(style.torn, lines(rows, style).at(-1)?.length ?? 0);
          const whole = torn === 0 ? rows : rows.slice(0, -1);
          fc.pre(whole.length > 0);
          const text = render(rows, { ...style, torn });
          const fields = style.order.map((i) => nameOf(i, style));
          const options = style.header ? {} : { fields };
          const log = await readLog(packed(text, style), options, chunkSizes);

          const read = [...log.samples].map(([gpu, samples]) => [gpu, samples] as const);
          const wanted = expected(whole, style);
          const last = rows.at(-1);
          // A last line that lost its end may still count, but only with what it proves.
          for (const [gpu, samples] of read) {
            const sure = wanted.get(gpu) ?? [];
            expect(samples.slice(0, sure.length)).toEqual(sure);
            expect(samples.length - sure.length).toBeLessThanOrEqual(torn === 0 ? 0 : 1);
          }
          expect([...wanted.keys()].every((gpu) => log.samples.has(gpu))).toBe(true);
          if (torn > 0 && last !== undefined) {
            const all = expected(rows, style);
            for (const [gpu, samples] of read) {
              const extra = samples[wanted.get(gpu)?.length ?? 0];
              if (extra === undefined) continue;
              const truth = all.get(gpu)?.at(-1);
              expect(extra.timeMs).toBe(truth?.timeMs);
              for (const [column, value] of Object.entries(extra.values)) {
                if (value === null) continue;
                expect([column, value]).toEqual([
                  column,
                  Object.entries(truth?.values ?? {}).find(([c]) => c === column)?.[1],
                ]);
              }
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function nameOf(column: number, style: Style): string {
  return column === 1 ? style.identity : (names[column] ?? '');
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll('-', '/').replace('T', ' ').slice(0, -1);
}

function timesOf(rows: readonly Row[]): number[] {
  let at = startMs;
  return rows.map(({ stepMs }) => (at += stepMs));
}

function header(style: Style): string {
  const gap = style.blanks ? ', ' : ',';
  return style.order
    .map((i) => nameOf(i, style) + (units[i] === '' ? '' : ` [${units[i]?.trim()}]`))
    .join(gap);
}

function lines(rows: readonly Row[], style: Style): string[] {
  const times = timesOf(rows);
  return rows.map((row, r) => {
    const cells = [
      stamp(times[r] ?? 0),
      style.identity === 'uuid' ? uuid(row.gpu) : `${row.gpu}`,
      row.busy,
      row.memory,
      row.centiwatts === null ? null : (row.centiwatts / 100).toFixed(2),
      `P${row.pstate}`,
      `0x${row.reasons.toString(16).padStart(16, '0')}`,
    ];
    return style.order
      .map((i) => {
        const cell = cells[i];
        if (cell === null || cell === undefined) return style.placeholder;
        return `${cell}${style.units ? units[i] : ''}`;
      })
      .join(style.blanks ? ', ' : ',');
  });
}

function render(rows: readonly Row[], style: Style): string {
  const written: string[] = style.header ? [header(style)] : [];
  lines(rows, style).forEach((line, i) => {
    if (style.header && style.repeatHeader && i > 0) written.push(header(style));
    written.push(line);
  });
  const text = written.map((line) => line + style.lineEnd).join('');
  return style.torn === 0 ? text : text.slice(0, -style.torn - style.lineEnd.length);
}

function packed(text: string, style: Style): Uint8Array {
  const marked = Buffer.from(`\ufeff${text}`, 'utf16le');
  switch (style.packing) {
    case 'none':
      return Buffer.from(text);
    case 'mark':
      return Buffer.from(`\ufeff${text}`);
    case 'gzip':
      return gzipSync(text);
    case 'utf16le':
      return marked;
    case 'utf16be':
      return marked.swap16();
  }
}

function expected(rows: readonly Row[], style: Style) {
  const times = timesOf(rows);
  const byGpu = new Map<string, { timeMs: number; values: Record<string, number | null> }[]>();
  rows.forEach((row, r) => {
    const id = style.identity === 'uuid' ? uuid(row.gpu) : `test.csv#${row.gpu}`;
    const samples = byGpu.get(id) ?? [];
    byGpu.set(id, samples);
    samples.push({
      timeMs: times[r] ?? 0,
      values: {
        utilizationGpuPct: row.busy,
        memoryUsedMib: row.memory,
        powerDrawW: row.centiwatts === null ? null : row.centiwatts / 100,
        pstate: row.pstate,
        eventReasons: row.reasons,
      },
    });
  });
  return byGpu;
}
