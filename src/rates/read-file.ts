import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/** More than any card needs; yaml takes 1.1 s and 300 MB for 1 MB of text. */
export const largestCard = 256_000;

/** The text of a small UTF-8 file; a UsageError for what can't be read, is too large or is not UTF-8. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (bytes.length > largestCard) throw tooLarge(path, bytes.length);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const { line, column, byte } = firstBadByte(bytes);
    throw new UsageError(
      `${path}:${line}:${column}: expected UTF-8 text, got the byte 0x${byte.toString(16).padStart(2, '0')}`,
      { cause, hint: 'Save the file as UTF-8.' },
    );
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    // Before opening: a pipe would wait for its writer.
    const facts = await stat(path);
    if (facts.isDirectory()) throw new UsageError(`${path}: expected a file, got a folder`);
    if (!facts.isFile()) throw new UsageError(`${path}: expected a file, got a pipe or device`);
    if (facts.size > largestCard) throw tooLarge(path, facts.size);
    return await readFile(path);
  } catch (error) {
    throw readError(path, error);
  }
}

function tooLarge(path: string, bytes: number): UsageError {
  return new UsageError(`${path}: expected at most ${largestCard} bytes, got ${bytes}`, {
    hint: 'Split it by provider: one document a file, one card a provider.',
  });
}

function readError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOENT':
      return new UsageError(`${path}: there is no such file`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new UsageError(`${path}: no permission to read it`, { cause: error });
    default:
      return new UsageError(`${path}: can't be read: ${error.message}`, { cause: error });
  }
}

function firstBadByte(bytes: Uint8Array): { line: number; column: number; byte: number } {
  // Valid up to `low`, not up to `high`: the streaming decoder takes a cut character at the end.
  let low = 0;
  let high = bytes.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (decodes(bytes.subarray(0, middle))) low = middle;
    else high = middle;
  }
  const before = new TextDecoder().decode(bytes.subarray(0, low), { stream: true }).split('\n');
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    byte: bytes[low] ?? 0,
  };
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // The answer is the error itself.
    return false;
  }
}
