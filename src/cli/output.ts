import { writeFile } from 'node:fs/promises';
import { HostError, UsageError } from '../errors.ts';

/** Writes a result: to stdout, or to a file. A failing write names the file and what to do. */
export async function writeOutput(text: string, path: string | null): Promise<void> {
  if (path === null || path === '-') {
    process.stdout.write(text);
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

/** Says something to the person at the terminal; never part of the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
