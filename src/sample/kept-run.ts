import type { Clock } from './clock.ts';
import { type Smi, type SmiExit, type SmiRun, wordsOf } from './smi.ts';

/** What to do about a run that ended: start again after the back-off, at once, or never. */
export type AfterEnd = 'back-off' | 'at-once' | 'never';

export interface KeptRunOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  /** Asked anew at each start. */
  readonly args: () => readonly string[];
  /** How long a start may take until the first sign of life: large hosts need 10 s and more. */
  readonly startTimeoutMs: number;
  /** How long a run may be silent before it counts as hung. */
  readonly silenceMs: number;
  readonly onLines: (lines: readonly string[]) => void;
  readonly onEnd: (end: RunEnd) => AfterEnd;
}

export interface RunEnd {
  /** What it said, or how it ended. */
  readonly words: string;
  readonly hung: boolean;
  /** True if this run gave a sign of life. */
  readonly lived: boolean;
  readonly finished: boolean;
}

export interface KeptRun {
  readonly start: () => void;
  /** The consumer saw a good row: the run is alive. */
  readonly alive: () => void;
  readonly stop: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
}

const firstDelayMs = 1000;
const longestDelayMs = 60_000;
/** A run that lived this many times the pause before it is taken as recovered. */
const recoveredAfter = 10;
/** What is kept of a run's last words. */
const lastLines = 5;

/** Keeps one nvidia-smi running: at most one at any time, restarted with exponential back-off. */
export function keptRun(options: KeptRunOptions): KeptRun {
  const { clock } = options;
  let run: SmiRun | null = null;
  let cancelTimer: () => void = () => undefined;
  let stopped = false;
  let paused = false;
  let delayMs = firstDelayMs;
  let waitedMs = 0;
  let startedAt = 0;
  let aliveAt: number | null = null;
  let hung: string | null = null;
  let said: string[] = [];

  const watchSilence = (ms: number): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, () => {
      const limitMs = aliveAt === null ? options.startTimeoutMs : options.silenceMs;
      const silentMs = clock.now() - (aliveAt ?? startedAt);
      if (silentMs < limitMs || paused) return watchSilence(Math.max(1, limitMs - silentMs));
      hung = `no ${aliveAt === null ? 'answer' : 'row'} for ${Math.round(limitMs / 1000)} s`;
      void run?.stop();
    });
  };

  const start = (): void => {
    startedAt = clock.now();
    aliveAt = null;
    hung = null;
    said = [];
    run = options.smi.start(options.args(), {
      onLines: (lines) => {
        if (stopped) return;
        said = [...said, ...lines.slice(-lastLines)].slice(-lastLines);
        options.onLines(lines);
      },
      onExit: ended,
    });
    if (paused) run.pause();
    watchSilence(options.startTimeoutMs);
  };

  const ended = (exit: SmiExit): void => {
    cancelTimer();
    run = null;
    if (stopped) return;
    const lived = aliveAt !== null;
    const provenMs = Math.max(firstDelayMs, recoveredAfter * waitedMs);
    if (aliveAt !== null && aliveAt - startedAt >= provenMs) delayMs = firstDelayMs;
    const next = options.onEnd({
      words: hung ?? wordsOf(lived ? [] : said, exit),
      hung: hung !== null,
      lived,
      finished: exit.finished,
    });
    if (next === 'never' || stopped) return;
    if (next === 'at-once') {
      start();
      return;
    }
    waitedMs = delayMs;
    cancelTimer = clock.after(delayMs, start);
    delayMs = Math.min(2 * delayMs, longestDelayMs);
  };

  return {
    start,
    alive: () => {
      const isFirst = aliveAt === null;
      aliveAt = clock.now();
      if (isFirst) watchSilence(options.silenceMs);
    },
    async stop() {
      stopped = true;
      cancelTimer();
      await run?.stop();
    },
    pause() {
      paused = true;
      run?.pause();
    },
    resume() {
      paused = false;
      if (aliveAt !== null) aliveAt = clock.now();
      run?.resume();
    },
  };
}
