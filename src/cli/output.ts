import { writeFile } from 'node:fs/promises';
import { HostError, UsageError } from '../errors.ts';
import { say } from './stderr.ts';

/** Writes a result: to stdout, or to a file. A failing write names the file and what to do. */
export async function writeOutput(text: string, path: string | null): Promise<void> {
  if (path === null || path === '-') {
    resultStream().write(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const message = `can't write ${path}: ${writeFailures[code] ?? String(cause)}`;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') {
      throw new HostError(message, { cause, hint: 'Free some space, or choose another place.' });
    }
    throw new UsageError(message, { cause, hint: 'Choose another file with -o.' });
  }
}

const writeFailures: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'the folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

let guarded: NodeJS.WriteStream | null = null;

/**
 * stdout, for results only. `gpucost … | head` closes the pipe early, and a terminal may go away: that is the
 * reader's choice, not an error.
 */
export function resultStream(): NodeJS.WriteStream {
  if (guarded !== null) return guarded;
  guarded = process.stdout;
  guarded.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') return;
    if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
    say(
      `gpucost: can't write to stdout: ${writeFailures[error.code]}\n  Free some space, or write elsewhere.`,
    );
    // The command's own exit code is set when it ends, which may be later: this one counts.
    process.once('exit', () => {
      process.exitCode = 3;
    });
  });
  return guarded;
}
