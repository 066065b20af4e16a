import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HostError } from '../../src/errors.ts';
import type { EndLine, SessionLine } from '../../src/store/lines.ts';
import { openSession } from '../../src/store/open.ts';
import { storedSessions } from '../../src/store/stored.ts';
import { createSessionWriter, type SessionWriterOptions } from '../../src/store/writer.ts';
import { readBack } from '../kit/read-back.ts';
import { aGpuIdentity, aHeader, sessionStart } from '../kit/session-lines.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();
const columns = ['utilizationGpuPct'] as const;
const header = aHeader(2, { columns });
const [first, second] = header.gpus.map((gpu) => `gpu ${gpu.id}`);

const tick = (second: number, ...values: number[]): SessionLine => ({
  kind: 'tick',
  t: sessionStart + second * 1000,
  rows: values.map((value, gpu) => [gpu, value]),
});
const endAt = (second: number): EndLine => ({
  kind: 'end',
  t: sessionStart + second * 1000,
  reason: 'interrupt',
});

const begin = (options: Partial<SessionWriterOptions> = {}) =>
  createSessionWriter({ home: home.path, header, ...options });

async function utilization(path: string): Promise<(number | undefined)[]> {
  const { readings } = await readBack(await openSession(path));
  return (readings.get(first ?? '') ?? []).map(([, values]) => values['utilizationGpuPct']);
}

describe('the writer', () => {
  test('stores each line at once, so that a reader and a crash find it', async () => {
    const writer = await begin();
    writer.write(tick(1, 10, 20));
    expect(await utilization(writer.path)).toEqual([10]);
    writer.write(tick(2, 11, 21));
    expect(await utilization(writer.path)).toEqual([10, 11]);
    expect((await readBack(await openSession(writer.path))).endMs).toBe(sessionStart + 2000);
    expect(await storedSessions(home.path)).toMatchObject([{ state: 'recording' }]);
    await writer.close(endAt(3));
    expect((await readBack(await openSession(writer.path))).endMs).toBe(sessionStart + 3000);
    expect(await storedSessions(home.path)).toMatchObject([{ state: 'complete' }]);
  });

  test('keeps folders and files private', async () => {
    const writer = await begin({ segmentMs: 1000 });
    for (let s = 1; s < 5; s++) writer.write(tick(s, s));
    await writer.close(endAt(5));
    for (const name of readdirSync(writer.path)) {
      expect(statSync(join(writer.path, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(writer.path).mode & 0o777).toBe(0o700);
    expect(statSync(join(home.path, 'sessions')).mode & 0o777).toBe(0o700);
  });

  test('restates in each segment what a segment needs to stand alone', async () => {
    const writer = await begin({ segmentMs: 2000 });
    const processes = [{ gpu: 1, pid: 7, name: 'python', memoryMib: 100 }];
    const look = (s: number): SessionLine => ({
      kind: 'processes',
      t: sessionStart + s * 1000,
      visible: true,
      processes,
    });
    writer.write(look(0));
    writer.write(tick(1, 1, 1));
    writer.write({ kind: 'gpus', t: sessionStart + 1500, gpus: [...header.gpus, aGpuIdentity(2)] });
    writer.write(look(1));
    for (let s = 2; s <= 5; s++) writer.write(tick(s, s, s, s));
    await writer.close(endAt(6));

    const names = readdirSync(writer.path);
    expect(names).toEqual(['000001.jsonl.gz', '000002.jsonl.gz', '000003.jsonl.gz']);
    const alone = await readBack(await openSession(join(writer.path, '000003.jsonl.gz')));
    expect(alone.items.filter(({ kind }) => kind === 'gpus')).toHaveLength(1);
    expect(alone.items.filter(({ kind }) => kind === 'processes')).toMatchObject([{ processes }]);
    expect(alone.readings.get(`gpu ${aGpuIdentity(2).id}`)).toHaveLength(2);

    const whole = await readBack(await openSession(writer.path));
    const looks = whole.items.filter(({ kind }) => kind === 'processes');
    expect(looks).toHaveLength(3);
  });

  test('puts samples behind the list of GPUs that their positions are of', async () => {
    const writer = await begin();
    writer.write(tick(1, 1, 2));
    const exchanged = [aGpuIdentity(7), aGpuIdentity(1)];
    writer.write({ kind: 'gpus', t: sessionStart + 1500, gpus: exchanged });
    writer.write(tick(2, 3, 4));
    const check = async (): Promise<void> => {
      const { readings } = await readBack(await openSession(writer.path));
      expect(new Set(readings.keys())).toEqual(
        new Set([first, second, `gpu ${aGpuIdentity(7).id}`]),
      );
      expect(readings.get(`gpu ${aGpuIdentity(7).id}`)).toEqual([
        [sessionStart + 2000, { utilizationGpuPct: 3 }],
      ]);
      expect(readings.get(second ?? '')).toHaveLength(2);
    };
    await check();
    await writer.close(endAt(3));
    await check();
  });

  test('a crash in the middle of compression leaves one whole segment that counts once', async () => {
    const writer = await begin();
    for (let s = 1; s <= 3; s++) writer.write(tick(s, s));
    const plain = readFileSync(join(writer.path, '000001.jsonl'));
    writeFileSync(join(writer.path, '000001.jsonl.gz.tmp'), 'half');
    expect(await utilization(writer.path)).toEqual([1, 2, 3]);
    await writer.close(endAt(4));
    writeFileSync(join(writer.path, '000001.jsonl'), plain);
    expect(await utilization(writer.path)).toEqual([1, 2, 3]);
  });

  test('a second recorder is refused, and does not disturb the first', async () => {
    const writer = await begin();
    writer.write(tick(1, 1));
    await expect(
      createSessionWriter({ home: home.path, header: { ...header, id: 'second' } }),
    ).rejects.toThrow('already being recorded');
    expect(existsSync(join(home.path, 'sessions', 'second'))).toBe(false);
    writer.write(tick(2, 2));
    await writer.close(endAt(3));
    expect(await utilization(writer.path)).toEqual([1, 2]);
  });
});

describe('a disk that fails', () => {
  test('is told once, what was recorded stays readable, and the host is free', async () => {
    let room = 4000;
    const writer = await begin({
      writeBytes: (fd, bytes) => {
        const fits = bytes.subarray(0, room);
        room -= fits.length;
        if (fits.length === 0) {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        return writeSync(fd, fits);
      },
    });
    const told: { second: number; error: unknown }[] = [];
    for (let s = 1; s <= 100; s++) {
      try {
        writer.write(tick(s, s, s));
      } catch (error) {
        told.push({ second: s, error });
      }
    }
    await writer.close(endAt(101));
    expect(told).toHaveLength(1);
    expect(told[0]?.error).toBeInstanceOf(HostError);
    expect(String(told[0]?.error)).toContain(`${writer.path}/000001.jsonl: the disk is full`);
    expect(hintOf(told[0]?.error)).toContain('sessions prune');
    const read = await utilization(writer.path);
    expect(read).toEqual(Array.from({ length: (told[0]?.second ?? 0) - 1 }, (_, i) => i + 1));
    expect(await storedSessions(home.path)).toMatchObject([{ state: 'cut-off' }]);
    const next = await createSessionWriter({ home: home.path, header: { ...header, id: 'next' } });
    await next.close(endAt(1));
  });

  test('a folder that is a file is named', async () => {
    writeFileSync(join(home.path, 'file'), '');
    const error: unknown = await begin({ home: join(home.path, 'file') }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HostError);
    expect(String(error)).toContain(join(home.path, 'file'));
  });

  test.skipIf(process.getuid?.() === 0)('a folder without permission is named', async () => {
    const locked = join(home.path, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    await expect(begin({ home: join(locked, 'data') })).rejects.toThrow('cannot write');
  });

  test('for real: a file system of 256 kB, and one that is read-only', async ({ skip }) => {
    const small = join(home.path, 'small');
    mkdirSync(small);
    if (!mounted(['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]))
      skip('mount is not permitted');
    try {
      const writer = await begin({ home: small });
      let seconds = 0;
      let error: unknown = null;
      while (error === null && seconds < 100_000) {
        try {
          writer.write(tick(++seconds, seconds % 97, 3));
        } catch (caught) {
          error = caught;
        }
      }
      await writer.close(endAt(seconds));
      expect(error).toBeInstanceOf(HostError);
      expect(String(error)).toContain('the disk is full');
      expect(await utilization(writer.path)).toHaveLength(seconds - 1);

      execFileSync('mount', ['-o', 'remount,ro', small]);
      const refused: unknown = await begin({ home: small }).catch((e: unknown) => e);
      expect(refused).toBeInstanceOf(HostError);
      expect(String(refused)).toMatch(/read-only/);
      expect(await utilization(writer.path)).toHaveLength(seconds - 1);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

function hintOf(error: unknown): string {
  return error instanceof HostError ? (error.hint ?? '') : '';
}

function mounted(args: readonly string[]): boolean {
  try {
    execFileSync('mount', [...args], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
