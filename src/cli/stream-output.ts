import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { HostError, UsageError } from '../errors.ts';
import { resultStream } from './output.ts';

/**
 * Writes pieces of a long result to stdout or a file, as fast as the reader takes them.
 * Ends early where the reader of stdout has gone.
 * @throws HostError for a full disk, UsageError for a file that can't be written.
 */
export async function writePieces(
  pieces: AsyncIterable<string>,
  path: string | null,
): Promise<void> {
  const isStdout = path === null || path === '-';
  const stream: Writable = isStdout ? resultStream() : createWriteStream(path);
  let failure: unknown = null;
  stream.on('error', (error) => {
    failure ??= error;
  });
  for await (const piece of pieces) {
    if (failure !== null || !stream.writable) break;
    if (!stream.write(piece))
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(noteIn);
  }
  if (isStdout) return;
  if (failure === null) {
    stream.end();
    await once(stream, 'close').catch(noteIn);
  }
  if (failure !== null) throw outputError(path, failure);

  function noteIn(error: unknown): void {
    failure ??= error;
  }
}

function outputError(path: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') {
    return new HostError(
      `can't write ${path}: ${code === 'EIO' ? 'the disk fails' : 'the disk is full'}`,
      {
        cause,
        hint: 'Free some space, or choose another place. What stands in the file is incomplete.',
      },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UsageError(`can't write ${path}: ${reason}`, {
    cause,
    hint: 'Choose another file with -o.',
  });
}
