import { closeSync, readSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';

/** Passes what a command writes on to where it would have gone. */
export interface Pump {
  /** Ends when all that the command wrote before its exit has been passed on. */
  drain(): Promise<void>;
}

/** More than any pipe or terminal holds: what comes behind it was written after the command's exit, by others. */
const mostHeldBytes = 4 * 1024 * 1024;

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
  const stream = isatty(source)
    ? new ReadStream(source)
    : new Socket({ fd: source, readable: true, writable: false });
  let writing = Promise.resolve();
  let pieces = 0;
  let bytesRead = 0;
  let isOpen = true;
  const pass = async (bytes: Buffer): Promise<void> => {
    tap(bytes);
    await writeAll(target, bytes);
  };
  stream.once('close', () => {
    isOpen = false;
  });
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.destroy());
  stream.on('data', (bytes: Buffer) => {
    pieces++;
    bytesRead += bytes.length;
    stream.pause();
    writing = pass(bytes).then(
      () => {
        stream.resume();
      },
      // The reader has gone: the command is to learn it as it would have, by a failing write.
      () => {
        stream.destroy();
        if (other !== null && isOpen) closeSync(other);
        isOpen = false;
      },
    );
  });
  return {
    async drain() {
      const before = bytesRead;
      for (let seen = -1; seen !== pieces && bytesRead - before < mostHeldBytes; ) {
        seen = pieces;
        await writing;
        await turn();
      }
      if (!isOpen) return;
      // In one go, so that the stream can't read between: the kernel hands over all it holds before it says EIO or EOF.
      stream.pause();
      if (other !== null) closeSync(other);
      const rest = readRest(source);
      stream.destroy();
      await pass(rest).catch(() => undefined);
    },
  };
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
