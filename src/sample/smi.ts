import type { Clock } from './clock.ts';

/** Where nvidia-smi's output comes from: a child process, or a recording. */
export interface Smi {
  /** Starts one nvidia-smi; failures to start arrive as an exit. */
  start(args: readonly string[], listener: SmiListener): SmiRun;
  /** Stops what still runs and gives everything back. */
  close(): Promise<void>;
}

export interface SmiListener {
  /** The whole lines of one arrival, without their line ends. */
  onLines(lines: readonly string[]): void;
  /** Exactly once, after the last line, also after `stop`. */
  onExit(exit: SmiExit): void;
}

export interface SmiRun {
  /**
   * SIGTERM, and SIGKILL where that does not help. Resolves once the process is gone, or after 2 s if the kernel
   * does not let go of it (a hung driver); `onExit` comes only when it is really gone.
   */
  stop(): Promise<void>;
  /** Holds back output while the reader is behind. */
  pause(): void;
  resume(): void;
}

export interface SmiExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** An unfinished last line and what was printed on stderr: words for people, never readings. */
  readonly rest: string;
  /** True where a recording came to its end: there is nothing to restart. */
  readonly finished: boolean;
}

export interface SmiAnswer {
  readonly code: number | null;
  readonly lines: readonly string[];
  /** What nvidia-smi said, in its own words, where it failed; null after a success. */
  readonly failure: string | null;
}

/**
 * Runs nvidia-smi once to its end, and stops it after `timeoutMs` or when `signal` aborts. Answers also where the kernel
 * does not let go of it.
 */
export function askOnce(
  smi: Smi,
  clock: Clock,
  args: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<SmiAnswer> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    let cutOff: string | null = null;
    const answer = (code: number | null, failure: string | null): void => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
      resolve({ code, lines, failure });
    };
    const run = smi.start(args, {
      onLines: (more) => {
        lines.push(...more);
      },
      onExit: (exit) => {
        const failed = exit.code === 0 || exit.finished ? null : wordsOf(lines, exit);
        answer(exit.code, cutOff ?? failed);
      },
    });
    const cutShort = (why: string): void => {
      cutOff ??= why;
      void run.stop().then(() => answer(null, why));
    };
    const cancel = clock.after(timeoutMs, () => cutShort(`no answer within ${timeoutMs / 1000} s`));
    const onAbort = (): void => cutShort('stopped');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
  });
}

/** The last words of an nvidia-smi that ended: its output, or how it ended where it said nothing. */
export function wordsOf(lines: readonly string[], exit: SmiExit): string {
  const said = [...lines, exit.rest]
    .flatMap((line) => line.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-5)
    .join(' ');
  return said === '' ? howItEnded(exit) : said;
}

/** `exit code 9`, `ended by SIGKILL`. */
export function howItEnded(exit: SmiExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `ended by ${exit.signal}`;
}
