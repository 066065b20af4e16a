import { closeSync, readSync, write } from 'node:fs';
import { type OnReadOpts, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';

/** Passes what a command writes on to where it would have gone. */
export interface Pump {
  /** Ends when all that the command wrote before its exit has been passed on. */
  drain(): Promise<void>;
}

/** More than any pipe or terminal holds: what comes behind it was written after the command's exit, by others. */
const mostHeldBytes = 4 * 1024 * 1024;

/**
 * How long a bar may wait for us. Whoever writes to a waiting reader wakes it, on the writer's own core where the
 * scheduler thinks them a pair, and stands still meanwhile: 0.2 ms a write on the machine of test/bench, 1 % of a run
 * that repaints 50 times a second. A reader that rests is woken by its timer. The first piece after a quiet spell is
 * passed on at once, so that a prompt and its echo are not late.
 */
const restMs = 40;

/**
 * A command that writes this much within one rest (50 kB/s, hundreds of bars a second) pours, until a rest's time
 * brings less: there is no rest meanwhile, for a full pipe would hold the command up.
 */
const pouringBytes = 2 * 1024;

/**
 * Reads `source` and writes each piece to `target` before it reads the next one, so that a slow reader slows the
 * command down as it would have. The writes may block a thread, never sampling, and leave the target's own mode alone.
 * `other` is our copy of the command's end, for us to close: libuv takes a terminal without a writer for read to its
 * end (uv__stream_io: POLLHUP after a partial read), though the kernel still holds bytes.
 */
export function startPump(
  source: number,
  other: number | null,
  target: number,
  tap: (bytes: Buffer) => void,
): Pump {
  let writing = Promise.resolve();
  let isOpen = true;
  let isDraining = false;
  const pass = async (bytes: Buffer): Promise<void> => {
    tap(bytes);
    await writeAll(target, bytes);
  };
  let seenBytes = 0;
  let sinceMs = 0;
  let isPouring = false;
  const goOn = (length: number): void => {
    if (isDraining) return;
    seenBytes += length;
    const nowMs = performance.now();
    if (seenBytes >= pouringBytes || nowMs - sinceMs >= restMs) {
      isPouring = seenBytes >= pouringBytes;
      seenBytes = 0;
      sinceMs = nowMs;
    }
    if (isPouring) stream.resume();
    else setTimeout(() => isDraining || stream.resume(), restMs);
  };
  const receive = (bytes: Buffer): void => {
    writing = pass(bytes).then(
      () => goOn(bytes.length),
      // The reader has gone: the command is to learn it as it would have, by a failing write.
      () => {
        stream.destroy();
        if (other !== null && isOpen) closeSync(other);
        isOpen = false;
      },
    );
  };
  const stream = openStream(source, receive);
  stream.once('close', () => {
    isOpen = false;
  });
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.destroy());
  stream.resume();
  return {
    async drain() {
      isDraining = true;
      await writing;
      if (!isOpen) return;
      stream.pause();
      // In one go, so that nothing is read between: the kernel hands over all it holds before it says EIO or EOF.
      if (other !== null) closeSync(other);
      const rest = readRest(source);
      stream.destroy();
      await pass(rest).catch(() => undefined);
    },
  };
}

/** A stream that holds nothing back: it stops reading with each piece that it hands over, until it is resumed. */
function openStream(source: number, receive: (bytes: Buffer) => void): Socket {
  const onread: OnReadOpts = {
    buffer: Buffer.alloc(64 * 1024),
    callback(length, buffer) {
      receive(Buffer.from(buffer.subarray(0, length)));
      return false;
    },
  };
  // By way of a name: the types know `onread` of connections alone; the constructor takes it since Node 12.10.
  const options = { fd: source, readable: true, writable: false, onread };
  return isatty(source) ? new ReadStream(source, options) : new Socket(options);
}

/** What a non-blocking descriptor holds now; one that others still write to ends in EAGAIN. */
function readRest(source: number): Buffer {
  const pieces: Buffer[] = [];
  let size = 0;
  while (size < mostHeldBytes) {
    const piece = Buffer.alloc(64 * 1024);
    try {
      const length = readSync(source, piece);
      if (length === 0) break;
      pieces.push(piece.subarray(0, length));
      size += length;
    } catch {
      break;
    }
  }
  return Buffer.concat(pieces);
}

async function writeAll(target: number, bytes: Buffer): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(await writeOnce(target, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      // Somebody made the target non-blocking: try again soon.
      await sleep(5);
    }
  }
}

function writeOnce(target: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(target, bytes, 0, bytes.length, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
