import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openLogFile } from '../../../src/store/log/open-log.ts';
import { matching } from '../../kit/matching.ts';
import { gather } from '../../kit/read-log.ts';
import { type Read, type Refused, read, refused } from './shared-logs.ts';

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));

const label = ({ file, options }: Read | Refused): string =>
  options === undefined ? file : `${file} ${JSON.stringify(options)}`;

describe.skipIf(!existsSync(shared))('public logs', () => {
  it('are all in the tables', () => {
    const named = new Set([...read, ...refused].map(({ file }) => file));
    const listed = ['nvidia-smi/series', 'nvidia-smi/query-gpu', ...traceFolders()].flatMap((dir) =>
      readdirSync(`${shared}${dir}`).map((name) => `${dir}/${name}`),
    );
    // Several commands or one field a line: no logs, and nobody's.
    const others = /collectd-sample\.txt$|-mixed\.txt$/;
    expect(listed.filter((file) => !named.has(file) && !others.test(file))).toEqual([]);
  });

  for (const expected of read) {
    it(`reads ${label(expected)}`, async () => {
      const log = await gather(await openLogFile(shared + expected.file, expected.options));
      const rows = [...log.samples.values()].flat();

      expect(log.samples.size).toBe(expected.gpus);
      expect(log.gpus).toHaveLength(expected.gpus);
      expect(rows).toHaveLength(expected.rows);
      expect(log.warnings.map(({ code }) => code)).toEqual(expected.warnings ?? []);
      const times = rows.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
      if (expected.first !== undefined) expect(times[0]).toBe(Date.parse(zulu(expected.first)));
      if (expected.last !== undefined) expect(times.at(-1)).toBe(Date.parse(zulu(expected.last)));
      expect(log.endMs).toBe(times.at(-1));
      if (expected.cells !== undefined) {
        const facts = independently(expected.file, expected.cells, expected.rows);
        const busy = rows.map(({ values }) => values.utilizationGpuPct ?? null);
        expect(sum(busy)).toBe(sum(facts.utilization));
        expect(busy.filter((value) => value === 0)).toHaveLength(
          facts.utilization.filter((value) => value === 0).length,
        );
        if (expected.cells.time !== null) expect(sum(times)).toBe(sum(facts.times));
      }
    });
  }

  for (const expected of refused) {
    it(`refuses ${label(expected)}`, async () => {
      const error = await openLogFile(shared + expected.file, expected.options)
        .then(gather)
        .catch((reason: unknown) => reason);

      expect(error).toMatchObject({
        name: 'UsageError',
        message: matching(expected.because),
        hint: matching(expected.hint ?? /\S/),
      });
      expect(String(error)).toContain(basename(expected.file));
    });
  }
});

function traceFolders(): string[] {
  return readdirSync(`${shared}traces`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `traces/${entry.name}`);
}

/** nvidia-smi's times as ISO 8601, taken as UTC. */
function zulu(text: string): string {
  return text.endsWith('Z') ? text : `${text.replaceAll('/', '-').replace(' ', 'T')}Z`;
}

/** The same facts by split and Date: the whole file as text, one header, rows that begin with a digit. */
function independently(
  file: string,
  cells: { readonly time: number | null; readonly utilization: number },
  rows: number,
): { readonly utilization: readonly number[]; readonly times: readonly number[] } {
  const raw = readFileSync(shared + file);
  const bytes = file.endsWith('.gz') ? gunzipSync(raw) : raw;
  const text = bytes[0] === 0xff ? bytes.toString('utf16le') : bytes.toString('utf8');
  const lines = text
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .slice(0, rows)
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return {
    utilization: lines.map((line) => Number.parseFloat(line[cells.utilization] ?? '')),
    times: lines.map((line) => {
      const time = line[cells.time ?? 0] ?? '';
      return /^\d+(\.\d+)?$/.test(time) ? Math.round(Number(time) * 1000) : Date.parse(zulu(time));
    }),
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
