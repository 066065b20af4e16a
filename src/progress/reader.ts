import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressLine } from '../store/lines.ts';
import { Counters } from './counters.ts';
import { expressionFinder, type MarkFinder } from './expression.ts';
import { openFileTail } from './file-tail.ts';
import { marksOf } from './patterns.ts';
import type { ProgressSource } from './source.ts';
import { newTextTap, type TextTap } from './text-tap.ts';

/** Reads progress out of text that passes by, and says it as lines of a session. */
export interface ProgressReader {
  /** A listener for one output. */
  tap(): (bytes: Buffer) => void;
  /** What is new as of the session's time `nowMs`, about once a second; `isLast` hands over the rest. */
  take(nowMs: number, isLast?: boolean): readonly ProgressLine[];
  /** Reads what the file of a command that has ended got last; a file system that hangs is not waited for. */
  readLast(): Promise<void>;
  close(): void;
}

const lookEveryMs = 250;
const tellEveryMs = 1000;
const lastReadMs = 1000;

/**
 * Looks every 250 ms. `onTrouble` is told once where the expression takes too long: progress is then no longer read.
 * Throws UsageError for an expression that can't be.
 */
export async function openProgressReader(
  source: ProgressSource,
  onTrouble: (message: string) => void,
): Promise<ProgressReader> {
  const finder = finderOf(source);
  const taps: TextTap[] = [];
  const counters = new Counters();
  const newTap = (): ((bytes: Buffer, hasGap?: boolean) => void) => {
    const tap = newTextTap();
    taps.push(tap);
    return (bytes, hasGap) => tap.add(bytes, hasGap);
  };
  const file = source.from === 'file' ? await openFileTail(source.path, newTap()) : null;
  let hasTrouble = false;
  let toldMs = -Infinity;

  const look = (): void => {
    const seenMs = performance.now();
    for (const tap of taps) {
      const lines = tap.take();
      if (lines.length === 0 || hasTrouble) continue;
      const marks = finder.find(lines);
      if (marks === null) {
        hasTrouble = true;
        onTrouble(
          'the expression of --progress takes too long on this output: progress is no longer read',
        );
        continue;
      }
      for (const mark of marks) counters.add(mark, seenMs);
    }
  };
  const timer = setInterval(() => {
    look();
    void file?.read();
  }, lookEveryMs);
  timer.unref();

  return {
    tap: newTap,
    take(nowMs, isLast = false) {
      const now = performance.now();
      if (!isLast && now - toldMs < tellEveryMs) return [];
      if (isLast) look();
      toldMs = now;
      return counters.take().map(({ unit, label, count, total, done, seenMs }) => ({
        kind: 'progress',
        t: Math.round(nowMs - (now - seenMs)),
        unit,
        label,
        count,
        total,
        done,
      }));
    },
    async readLast() {
      if (file === null) return;
      // Twice: a look that is under way may have begun before the last line.
      const read = file.read().then(() => file.read());
      await Promise.race([read, sleep(lastReadMs, undefined, { ref: false })]);
    },
    close: () => clearInterval(timer),
  };
}

function finderOf(source: ProgressSource): MarkFinder {
  if (source.from === 'output' && source.expression !== null)
    return expressionFinder(source.expression);
  return { find: (lines) => lines.flatMap(marksOf) };
}
