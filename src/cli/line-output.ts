import type { SessionLine } from '../store/lines.ts';
import { resultStream } from './output.ts';

/** The session's lines on stdout as they come. */
export interface LineOutput {
  write(line: SessionLine): void;
}

/** Writes JSON lines to stdout; `onClosed` is told once when the reader has gone. */
export function openLineOutput(onClosed: () => void): LineOutput {
  const stream = resultStream();
  stream.once('close', onClosed);
  return {
    write(line) {
      if (stream.writable) stream.write(`${JSON.stringify(line)}\n`);
    },
  };
}
