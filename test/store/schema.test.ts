import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sessionJsonSchema, sessionLineSchema } from '../../src/store/schema.ts';
import { createSessionWriter } from '../../src/store/writer.ts';
import { aHeader, sessionStart } from '../kit/session-lines.ts';
import { syntheticLines } from '../kit/synthetic-session.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();

describe('the schema of a session', () => {
  test('holds for every line that is printed and stored', async () => {
    const header = aHeader(2, { machine: null });
    const writer = await createSessionWriter({ home: home.path, header, segmentMs: 60_000 });
    const kinds = new Set<string>();
    const check = (line: unknown): void => {
      const result = sessionLineSchema.safeParse(line);
      if (!result.success) throw new Error(`${JSON.stringify(line)}: ${result.error.message}`);
      kinds.add(result.data.kind);
    };
    for (const line of syntheticLines({ gpus: 2, hours: 0.1 })) {
      check(JSON.parse(JSON.stringify(line)));
      if (line.kind !== 'header' && line.kind !== 'end') writer.write(line);
    }
    const t = sessionStart + 400_000;
    writer.write({ kind: 'gpus', t, gpus: header.gpus });
    writer.write({ kind: 'event', t, code: 'mig', message: 'm' });
    const mount = { point: '/data', type: 'nfs4', store: 'network', found: 3, writing: 1 } as const;
    const mounts = [{ ...mount, readBytesPerS: 1e8, readMs: null }];
    writer.write({ kind: 'waits', t, pid: 7, gpus: [0, 1], mounts, unplaced: 2 });
    await writer.close({ kind: 'end', t, reason: 'terminated' });
    for (const name of readdirSync(writer.path)) {
      const lines = gunzipSync(readFileSync(join(writer.path, name)))
        .toString()
        .trimEnd()
        .split('\n');
      for (const line of lines) check(JSON.parse(line));
    }
    expect([...kinds].toSorted()).toEqual([
      'block',
      'end',
      'event',
      'gpus',
      'header',
      'host',
      'job',
      'processes',
      'tick',
      'waits',
    ]);
  });

  test.each([
    { kind: 'tick', t: 1.5, rows: [] },
    { kind: 'tick', t: 1, rows: [[]] },
    { kind: 'event', t: 1, code: 'unheard-of', message: '' },
    { kind: 'block', series: 'gpu', gpu: 0, n: 1, t: 1, columns: { fanPct: 1 } },
    {
      kind: 'block',
      series: 'gpu',
      gpu: 0,
      n: 1,
      t: 1,
      columns: { pstate: { digits: 'x', width: 1 } },
    },
    { ...aHeader(1), schema: 'gpucost.session/2' },
    { kind: 'other' },
  ])('refuses %j', (line) => {
    expect(sessionLineSchema.safeParse(line).success).toBe(false);
  });

  test('is published as JSON Schema', () => {
    const schema = sessionJsonSchema();
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(JSON.stringify(schema)).toContain('gpucost.session/1');
  });
});
