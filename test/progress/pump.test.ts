import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Pump, startPump } from '../../src/progress/pump.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const folder = mkdtempSync(join(tmpdir(), 'gpucost-pump-'));
let names = 0;

function newFifo(): { read: number; write: number } {
  const path = join(folder, `fifo-${names++}`);
  execFileSync('mkfifo', [path]);
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { read, write: openSync(path, constants.O_WRONLY) };
}

/** What a non-blocking descriptor holds for now. */
function readAll(fd: number): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = Buffer.alloc(65_536);
    try {
      const length = readSync(fd, piece);
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, length));
    } catch {
      return Buffer.concat(pieces);
    }
  }
}

interface Pumped {
  readonly pump: Pump;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly tapped: Buffer[];
}

/** A command behind a pump. */
function pumped(program: string, args: readonly string[], target: number): Pumped {
  const { read, write } = newFifo();
  const tapped: Buffer[] = [];
  const child = spawn(program, args, { stdio: ['ignore', write, 'ignore'] });
  children.push(child);
  closeSync(write);
  const pump = startPump(read, null, target, (bytes) => tapped.push(bytes));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { pump, child, ended, tapped };
}

const inPython = (code: string): [string, string[]] => ['python3', ['-c', code]];

describe('what a command writes', () => {
  it('arrives whole and in order, the last of it after the exit', async () => {
    const path = join(folder, 'whole');
    const code = 'import os\nfor i in range(30000): os.write(1, b"%d\\n" % i)\nos.write(1, b"end")';
    const { pump, ended, tapped } = pumped(...inPython(code), openSync(path, 'w'));
    await ended;
    await pump.drain();
    const expected = `${Array.from({ length: 30_000 }, (_, i) => i).join('\n')}\nend`;
    expect(readFileSync(path, 'utf8')).toBe(expected);
    expect(Buffer.concat(tapped).toString()).toBe(expected);
  });

  it('in many small pieces is not held up: there is no rest while it pours', async () => {
    const code = 'import os\nfor i in range(800000): os.write(1, b"x" * 20)';
    const started = performance.now();
    const { pump, ended } = pumped(...inPython(code), openSync('/dev/null', 'w'));
    await ended;
    await pump.drain();
    // With a rest for each full pipe: 250 rests of 40 ms.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('slowly wakes us once a rest, and waits no longer than that', async () => {
    const code =
      'import os, time\nfor i in range(200):\n  os.write(1, b"\\r%3d/200" % i)\n  time.sleep(0.005)';
    const { pump, ended, tapped } = pumped(...inPython(code), openSync('/dev/null', 'w'));
    await ended;
    await pump.drain();
    expect(Buffer.concat(tapped)).toHaveLength(200 * 8);
    expect(tapped.length).toBeLessThan(60);
    expect(tapped.length).toBeGreaterThan(5);
  });
});

describe('who reads it', () => {
  it('slowly slows the command down: nothing piles up in us', async () => {
    const target = newFifo();
    const { pump, child, ended, tapped } = pumped(
      'head',
      ['-c', '2000000', '/dev/zero'],
      target.write,
    );
    await sleep(500);
    // Two pipes of 64 KiB and the piece in our hands.
    expect(Buffer.concat(tapped).length).toBeLessThan(300_000);
    expect(child.exitCode).toBeNull();
    const got: Buffer[] = [];
    const reading = setInterval(() => got.push(readAll(target.read)), 1);
    await ended;
    await pump.drain();
    clearInterval(reading);
    got.push(readAll(target.read));
    expect(Buffer.concat(got)).toHaveLength(2_000_000);
  });

  it('and goes: the command learns it by a failing write', async () => {
    const target = newFifo();
    const { pump, child, ended } = pumped('yes', [], target.write);
    await sleep(100);
    closeSync(target.read);
    await ended;
    expect(child.signalCode).toBe('SIGPIPE');
    await pump.drain();
  });

  it('a descriptor that somebody made non-blocking loses nothing', async () => {
    const path = join(folder, `fifo-${names++}`);
    execFileSync('mkfifo', [path]);
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const write = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const { pump, ended, tapped } = pumped('seq', ['1', '200000'], write);
    const got: Buffer[] = [];
    const reading = setInterval(() => got.push(readAll(read)), 2);
    await ended;
    await pump.drain();
    clearInterval(reading);
    got.push(readAll(read));
    expect(Buffer.concat(got).equals(Buffer.concat(tapped))).toBe(true);
    expect(Buffer.concat(got).toString().endsWith('\n199999\n200000\n')).toBe(true);
  });
});
