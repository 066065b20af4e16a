import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sessionsExport, sessionsList, sessionsPrune } from '../../src/cli/sessions.ts';
import { UsageError } from '../../src/errors.ts';
import type { EndLine, SessionLine } from '../../src/store/lines.ts';
import { openSession } from '../../src/store/open.ts';
import { pruneSessions } from '../../src/store/prune.ts';
import { latestSession, resolveSession, storedSessions } from '../../src/store/stored.ts';
import { createSessionWriter, type SessionWriter } from '../../src/store/writer.ts';
import { readBack } from '../kit/read-back.ts';
import { aHeader } from '../kit/session-lines.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();
const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);
const columns = ['utilizationGpuPct', 'powerDrawW'] as const;

async function begin(id: string, startedAt: number, key = 'k'): Promise<SessionWriter> {
  const facts = aHeader(2);
  const header = { ...facts, id, startedAt, columns, host: { ...facts.host, key } };
  const writer = await createSessionWriter({ home: home.path, header });
  for (let s = 1; s <= 30; s++) writer.write(tick(startedAt + s * 1000, s));
  return writer;
}

const tick = (t: number, value: number): SessionLine => ({
  kind: 'tick',
  t,
  rows: [
    [0, value, 100.5],
    [1, null, 99],
  ],
});
const end = (t: number): EndLine => ({ kind: 'end', t, reason: 'duration' });

/** One of each state: complete, cut off with a plain segment, unreadable, being recorded. */
beforeEach(async () => {
  await (await begin('20260101-000000-old', now - 150 * day)).close(end(now - 150 * day + 40_000));
  await begin('20260520-000000-cut', now - 12 * day, 'another-host');
  const lock = join(home.path, 'recorders', 'another-host.json');
  writeFileSync(lock, JSON.stringify({ sessionId: 'x', pid: 1, since: 1, staleAfterMs: -1 }));
  mkdirSync(join(home.path, 'sessions', '20260521-000000-bad'));
  writeFileSync(join(home.path, 'sessions', '20260521-000000-bad', '000001.jsonl'), 'garbage\n');
  const live = await begin('20260102-000000-live', now - 149 * day);
  return () => live.close(end(now));
});

const ids = () => readdirSync(join(home.path, 'sessions')).toSorted();
const output = () => {
  let text = '';
  return {
    write: (piece: string) => {
      text += piece;
    },
    get text() {
      return text;
    },
  };
};

describe('stored sessions', () => {
  test('are described by what is in them', async () => {
    expect(await storedSessions(home.path)).toMatchObject([
      {
        id: '20260101-000000-old',
        state: 'complete',
        startedAt: now - 150 * day,
        endedAt: now - 150 * day + 40_000,
        host: 'node1',
        intervalMs: 1000,
        gpus: ['NVIDIA H100 80GB HBM3', 'NVIDIA H100 80GB HBM3'],
      },
      { id: '20260102-000000-live', state: 'recording', endedAt: now - 149 * day + 30_000 },
      { id: '20260520-000000-cut', state: 'cut-off', endedAt: now - 12 * day + 30_000 },
      { id: '20260521-000000-bad', state: 'unreadable', startedAt: null },
    ]);
  });

  test('are found by id, by its beginning, and by being the latest', async () => {
    const path = (id: string): string => join(home.path, 'sessions', id);
    await expect(resolveSession(home.path, '202605')).rejects.toThrow('2 sessions begin so');
    expect(await resolveSession(home.path, '20260520')).toBe(path('20260520-000000-cut'));
    expect(await resolveSession(home.path, '20260101-000000-old')).toBe(
      path('20260101-000000-old'),
    );
    expect(await resolveSession(home.path, '2027')).toBeNull();
    expect(await resolveSession(home.path, '../sessions')).toBeNull();
    expect(await latestSession(home.path)).toBe(path('20260521-000000-bad'));
    await expect(latestSession(join(home.path, 'none'))).rejects.toThrow('no session is stored');
  });

  test('list prints a table and JSON', async () => {
    const table = output();
    expect(await sessionsList({ home: home.path, json: false }, table.write)).toBe(0);
    expect(table.text.split('\n')[0]).toMatch(
      /^session +start \(UTC\) +length +host +GPUs +interval/,
    );
    expect(table.text).toMatch(
      /old +2026-01-02 00:00 +40 s +node1 +2 × NVIDIA H100 80GB HBM3 +1 s/,
    );
    expect(table.text).toContain('20260521-000000-bad: not a gpucost session');
    const json = output();
    await sessionsList({ home: home.path, json: true }, json.write);
    expect(JSON.parse(json.text)).toMatchObject([
      { start: '2026-01-02T00:00:00.000Z', end: '2026-01-02T00:00:40.000Z' },
      {},
      {},
      { state: 'unreadable', start: null },
    ]);
    const none = output();
    await sessionsList({ home: join(home.path, 'none'), json: false }, none.write);
    expect(none.text).toContain('gpucost watch');
  });
});

describe('prune', () => {
  const prune = (keepMs: number | null, maxBytes: number | null, dryRun = false) =>
    pruneSessions(home.path, { keepMs, maxBytes }, { nowMs: now, dryRun });

  test('removes by age, never what is being recorded', async () => {
    const pruned = await prune(30 * day, null);
    expect(pruned.removed).toMatchObject([{ session: { id: '20260101-000000-old' }, why: 'age' }]);
    expect(ids()).toEqual(['20260102-000000-live', '20260520-000000-cut', '20260521-000000-bad']);
  });

  test('keeps a session up to its very last moment', async () => {
    const age = 150 * day - 40_000;
    expect((await prune(age, null, true)).removed).toEqual([]);
    expect((await prune(age - 1, null, true)).removed).toHaveLength(1);
  });

  test('removes the oldest until the size fits', async () => {
    const sessions = await storedSessions(home.path);
    const total = sessions.reduce((sum, { bytes }) => sum + bytes, 0);
    expect((await prune(null, total, true)).removed).toEqual([]);
    const one = await prune(null, total - 1, true);
    expect(one.removed.map(({ session }) => session.id)).toEqual(['20260101-000000-old']);
    const all = await prune(null, 0);
    expect(all).toMatchObject({ kept: 1 });
    expect(ids()).toEqual(['20260102-000000-live']);
  });

  test('with dry-run touches nothing', async () => {
    const before = ids().flatMap((id) => readdirSync(join(home.path, 'sessions', id)));
    expect((await prune(1, 0, true)).removed).toHaveLength(3);
    expect(ids().flatMap((id) => readdirSync(join(home.path, 'sessions', id)))).toEqual(before);
  });

  test('compresses what a crash left, with the same readings, and removes drafts', async () => {
    const path = join(home.path, 'sessions', '20260520-000000-cut');
    writeFileSync(join(path, '000007.jsonl.gz.tmp'), 'half');
    const before = (await readBack(await openSession(path))).readings;
    const { compactedBytes } = await prune(1000 * day, null);
    expect(readdirSync(path)).toEqual(['000001.jsonl.gz']);
    expect(compactedBytes).toBeGreaterThan(0);
    expect((await readBack(await openSession(path))).readings).toEqual(before);
    expect(readdirSync(join(home.path, 'sessions', '20260521-000000-bad'))).toHaveLength(1);
  });

  test('leaves a folder that holds something else', async () => {
    const path = join(home.path, 'sessions', '20260101-000000-old');
    writeFileSync(join(path, 'notes.txt'), 'mine');
    await prune(30 * day, null);
    expect(readdirSync(path)).toEqual(['notes.txt']);
  });

  test('as a command says what went, and needs a limit', async () => {
    const options = { home: home.path, nowMs: now, dryRun: true, json: false };
    const text = output();
    expect(await sessionsPrune({ ...options, keepMs: 30 * day, maxBytes: null }, text.write)).toBe(
      0,
    );
    expect(text.text).toMatch(
      /^would remove 20260101-000000-old \(\d+ B, too old\)\n3 sessions kept, /,
    );
    await expect(
      sessionsPrune({ ...options, keepMs: null, maxBytes: null }, text.write),
    ).rejects.toBeInstanceOf(UsageError);
    expect(existsSync(join(home.path, 'sessions', '20260101-000000-old'))).toBe(true);
  });
});

describe('export', () => {
  const run = async (format: 'csv' | 'jsonl', session?: string): Promise<string[]> => {
    let text = '';
    await sessionsExport({ home: home.path, session, format }, async (pieces) => {
      for await (const piece of pieces) text += piece;
    });
    return text.trimEnd().split('\n');
  };

  test('as CSV has one row for each sample, in the order of time', async () => {
    const [head, ...rows] = await run('csv', '20260101');
    expect(head).toMatch(/^time,gpu,uuid,name,utilizationGpuPct,utilizationMemoryPct,/);
    expect(rows).toHaveLength(60);
    const uuid = aHeader(2).gpus.map((gpu) => gpu.uuid);
    const start = `,NVIDIA H100 80GB HBM3`;
    expect(rows[0]).toMatch(`2026-01-02T00:00:01.000Z,0,${uuid[0]}${start},1,,,,100.5,`);
    expect(rows[1]).toMatch(`2026-01-02T00:00:01.000Z,1,${uuid[1]}${start},,,,,99,`);
    expect(new Set(rows.map((row) => row.split(',').length))).toEqual(
      new Set([head?.split(',').length]),
    );
  });

  test('as JSON lines has every reading under its name', async () => {
    const rows = await run('jsonl', '20260101');
    expect(rows).toHaveLength(60);
    expect(JSON.parse(rows[2] ?? '')).toMatchObject({
      kind: 'sample',
      time: '2026-01-02T00:00:02.000Z',
      gpu: 0,
      utilizationGpuPct: 2,
      memoryUsedMib: null,
      powerDrawW: 100.5,
    });
  });

  test('of what is not there is refused', async () => {
    await expect(run('csv', 'nope')).rejects.toThrow('nope: there is no such session');
  });
});
