import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Says something to the person at the terminal, never part of a result. Not through process.stderr: that makes a
 * pipe non-blocking, and a wrapped command that shares the pipe would lose what it writes (EAGAIN).
 */
export function say(text: string): void {
  let bytes = Buffer.from(`${text}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(2, bytes));
    } catch (error) {
      // A reader that is behind: try again. Any other failure leaves nobody to tell.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
    }
  }
}

/** True if a person can see stderr. */
export function isTerminal(): boolean {
  return isatty(2);
}
