import type { SessionLine } from '../store/lines.ts';

export interface LineQueue {
  push(line: SessionLine): void;
  /** No more lines come; those in the queue are still read. */
  end(): void;
  /** The reader gets the error after the lines that are in the queue. */
  fail(error: unknown): void;
  lines(): AsyncIterable<SessionLine>;
}

/** Some minutes of eight GPUs: beyond that the reader is too slow and sampling is held back. */
const highWater = 1024;
const lowWater = 64;

/** A queue between what pushes (children, timers) and one reader that pulls. */
export function lineQueue(hold: { pause(): void; resume(): void }): LineQueue {
  const waiting: SessionLine[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  let failure: { readonly error: unknown } | null = null;
  let held = false;

  return {
    push(line) {
      if (ended) return;
      waiting.push(line);
      if (!held && waiting.length >= highWater) {
        held = true;
        hold.pause();
      }
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure ??= { error };
      ended = true;
      wake();
    },
    async *lines() {
      for (;;) {
        const line = waiting.shift();
        if (line !== undefined) {
          if (held && waiting.length <= lowWater) {
            held = false;
            hold.resume();
          }
          yield line;
          continue;
        }
        if (failure !== null) throw failure.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
