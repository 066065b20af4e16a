import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { HostError } from '../../src/errors.ts';
import { liveRecorders, lockRecorder, type Recorder } from '../../src/store/lock.ts';
import { sessionStart } from '../kit/session-lines.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();
const lock = (sessionId: string, hostKey = 'key1') =>
  lockRecorder({ home: home.path, hostKey, sessionId, sinceMs: sessionStart, intervalMs: 1000 });
const lockFile = () => join(home.path, 'recorders', 'key1.json');

/** Leaves a lock as another process would. */
function leave(recorder: Partial<Recorder>): void {
  const own: unknown = JSON.parse(readFileSync(lockFile(), 'utf8'));
  writeFileSync(
    lockFile(),
    JSON.stringify({ ...(own as Recorder), sessionId: 's-old', ...recorder }),
  );
}

describe('the recorder lock', () => {
  test('names who records, since when, and what to do', async () => {
    await lock('s1');
    await expect(lock('s2')).rejects.toThrow(
      `this host is already being recorded: pid ${process.pid}, since 2026-01-05T00:00:00.000Z, session s1`,
    );
    const error: unknown = await lock('s2').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).hint).toContain('gpucost report');
    expect(await liveRecorders(home.path)).toMatchObject([{ sessionId: 's1', pid: process.pid }]);
  });

  test('is free again once released, and leaves nothing behind', async () => {
    await (await lock('s1')).release();
    await (await lock('s2')).release();
    expect(readdirSync(join(home.path, 'recorders'))).toEqual([]);
    expect(await liveRecorders(home.path)).toEqual([]);
  });

  test('is one for each host of a shared folder', async () => {
    await lock('s1');
    await lock('s2', 'key2');
    expect(await liveRecorders(home.path)).toHaveLength(2);
  });

  test('is private', async () => {
    await lock('s1');
    expect(statSync(lockFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home.path, 'recorders')).mode & 0o777).toBe(0o700);
  });

  describe('left by a recorder', () => {
    beforeEach(async () => {
      await lock('s-old');
    });

    test('that is gone, is taken over', async () => {
      leave({ pid: 2 ** 22 + 1 });
      expect(await liveRecorders(home.path)).toEqual([]);
      await lock('s1');
      expect(await liveRecorders(home.path)).toMatchObject([{ sessionId: 's1' }]);
    });

    test('whose pid is used by another process now, is taken over', async () => {
      leave({ processStart: '1' });
      await lock('s1');
      expect(await liveRecorders(home.path)).toMatchObject([{ sessionId: 's1' }]);
    });

    test('before the last boot, is taken over once it is not touched any more', async () => {
      leave({ pidSpace: 'another-boot pid:[1]' });
      await expect(lock('s1')).rejects.toThrow('already being recorded');
      const longAgo = new Date(Date.now() - 121_000);
      utimesSync(lockFile(), longAgo, longAgo);
      await lock('s1');
    });

    test('that was cut off while writing it, is taken over', async () => {
      writeFileSync(lockFile(), '{"sessionId":"s-o');
      await lock('s1');
    });

    test('and taken over by another, is not removed or touched by it', async () => {
      writeFileSync(lockFile(), 'x');
      const mine = await lock('s1');
      leave({ sessionId: 's2' });
      await mine.touch();
      await mine.release();
      expect(readFileSync(lockFile(), 'utf8')).toContain('s2');
    });
  });

  test('is taken by one of many that come at once, also over a dead one', async () => {
    for (let round = 0; round < 10; round++) {
      mkdirSync(join(home.path, 'recorders'), { recursive: true });
      writeFileSync(lockFile(), 'dead');
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => lock(`s${i}`)));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect(readdirSync(join(home.path, 'recorders'))).toEqual(['key1.json']);
    }
  });
});
