import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/**
 * Reads small files of /proc, /sys and cgroups. Calls block: such files come from kernel memory, and one
 * asynchronous read through the thread pool costs several times what the read itself does.
 */
export interface ProcFiles {
  /** The file's text, or why there is none. */
  read(path: string): string | Unreadable;
  /** Names in a folder; null where it cannot be listed. */
  list(path: string): readonly string[] | null;
}

/** `denied` is a matter of permission, `absent` everything else: no such file, process gone, not supported. */
export type Unreadable = typeof denied | typeof absent;
export const denied = Symbol('denied');
export const absent = Symbol('absent');

const bufferBytes = 64 * 1024;

export function createProcFiles(): ProcFiles {
  const buffer = Buffer.allocUnsafe(bufferBytes);
  return {
    read(path) {
      let file: number;
      try {
        file = openSync(path, 'r');
      } catch (error) {
        return whyNot(error);
      }
      try {
        return readAll(file, buffer);
      } catch (error) {
        return whyNot(error);
      } finally {
        closeSync(file);
      }
    },
    list(path) {
      try {
        return readdirSync(path);
      } catch (error) {
        whyNot(error);
        return null;
      }
    },
  };
}

/** The text, or null whatever the reason. */
export function textOf(read: string | Unreadable): string | null {
  return typeof read === 'string' ? read : null;
}

function readAll(file: number, buffer: Buffer): string {
  const first = readSync(file, buffer, 0, bufferBytes, null);
  // Latin-1 decodes three times faster than UTF-8, and every reading is ASCII; process names are decoded apart.
  const text = buffer.toString('latin1', 0, first);
  if (first < bufferBytes) return text;
  const parts = [text];
  for (;;) {
    const more = readSync(file, buffer, 0, bufferBytes, null);
    if (more === 0) return parts.join('');
    parts.push(buffer.toString('latin1', 0, more));
  }
}

function whyNot(error: unknown): Unreadable {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // A file that the system refuses in a known way is a fact; anything else is our mistake.
  if (typeof code !== 'string') throw error;
  return code === 'EACCES' || code === 'EPERM' ? denied : absent;
}
