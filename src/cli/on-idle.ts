import { spawn } from 'node:child_process';
import { hostPrice } from '../audit/host-price.ts';
import type { PricingOptions } from '../audit/pricing.ts';
import { UsageError } from '../errors.ts';
import { duration } from '../render/format.ts';
import type { HeaderLine, SessionLine } from '../store/lines.ts';
import { type Idle, leastIdleSamples } from '../usage/idle-spell.ts';
import { IdleWatch } from './idle-watch.ts';

/** What is run when the host is idle, and how long it has to be. */
export interface OnIdle {
  readonly afterMs: number;
  /** For the shell, as the user wrote it; nothing is put into it: what it can know is in its environment. */
  readonly command: string;
}

/** Idle for this long without `--idle-after`: a real forgotten tail of a training log lasted 883 s. */
const defaultAfterMs = 900_000;

/** So long before the command runs it is announced where there is no live view, but not before half of the time has gone. */
const announceMs = 60_000;

/**
 * Reads `--idle-after` and `--on-idle`; null without them. Throws UsageError where one lacks the other, the time holds too
 * few samples, or only some GPUs are watched: what the others do is unknown.
 */
export function onIdleOf(flags: {
  readonly idleAfter?: number;
  readonly onIdle?: string;
  readonly interval: number;
  readonly gpus?: readonly string[];
}): OnIdle | null {
  const { idleAfter, onIdle: command, interval, gpus } = flags;
  if (command === undefined) {
    if (idleAfter === undefined) return null;
    throw new UsageError('--idle-after says when, and nothing says what to run', {
      hint: "Pass --on-idle 'COMMAND' with it.",
    });
  }
  if (command.trim() === '') throw new UsageError('--on-idle is empty: there is nothing to run');
  if (gpus !== undefined) {
    throw new UsageError('--on-idle needs every GPU of the host, and --gpus watches some', {
      hint: 'Leave out --gpus: a GPU that is not watched may be at work.',
    });
  }
  const afterMs = idleAfter ?? defaultAfterMs;
  if (afterMs < leastIdleSamples * interval) {
    throw new UsageError(
      `--idle-after ${duration(afterMs)} holds fewer than ${leastIdleSamples} samples at --interval ${duration(interval)}`,
      { hint: 'Idleness is proven by samples: wait longer, or sample more often.' },
    );
  }
  return { afterMs, command };
}

export interface IdleActionParts {
  readonly say: (text: string) => void;
  /** Runs the command; the tests put their own here. */
  readonly run?: typeof runShell;
}

/**
 * Runs a command once per idle spell of the host: when every GPU has been provably idle for so long. `see` takes the session's
 * lines and returns what to show a person meanwhile, or null.
 */
export class IdleAction {
  readonly #onIdle: OnIdle;
  readonly #header: HeaderLine;
  readonly #price: ReturnType<typeof hostPrice>;
  readonly #watch: IdleWatch;
  readonly #parts: IdleActionParts;
  /** How far the spell at hand has come. */
  #stage: 'none' | 'announced' | 'done' = 'none';
  #notice: string | null = null;
  #failure: string | null = null;

  constructor(onIdle: OnIdle, header: HeaderLine, pricing: PricingOptions, parts: IdleActionParts) {
    this.#onIdle = onIdle;
    this.#header = header;
    this.#price = hostPrice(header, pricing);
    this.#watch = new IdleWatch(header);
    this.#parts = parts;
    if (this.#price.hiddenGpus !== 0) this.#parts.say(`gpucost: ${this.#blind()}`);
  }

  see(line: SessionLine): string | null {
    this.#watch.add(line);
    if (line.kind === 'tick') this.#notice = this.#step();
    return this.#notice;
  }

  #step(): string | null {
    if (this.#price.hiddenGpus !== 0) return this.#blind();
    const state = this.#watch.now();
    if (!state.isIdle) {
      if (this.#stage === 'announced') {
        this.#parts.say(`gpucost: no longer idle, so not run: ${this.#onIdle.command}`);
      }
      this.#stage = 'none';
      this.#failure = null;
      return state.words === null ? null : `--on-idle will not run: ${state.words}`;
    }
    const { afterMs, command } = this.#onIdle;
    const leftMs = afterMs - state.forMs;
    if (leftMs > 0) {
      if (leftMs <= Math.min(announceMs, afterMs / 2) && this.#stage === 'none') {
        this.#stage = 'announced';
        this.#parts.say(
          `gpucost: every GPU idle for ${words(state.forMs)}; in ${words(leftMs)} runs: ${command}`,
        );
      }
      return `every GPU idle for ${words(state.forMs)}; in ${words(leftMs)} runs: ${command}`;
    }
    if (this.#stage !== 'done') {
      this.#stage = 'done';
      this.#parts.say(`gpucost: every GPU idle for ${words(state.forMs)}; running: ${command}`);
      this.#run(state);
    }
    return this.#failure ?? `every GPU idle for ${words(state.forMs)}; was run: ${command}`;
  }

  #run(state: Idle): void {
    const { run = runShell, say } = this.#parts;
    run(this.#onIdle.command, this.#environment(state), (failure) => {
      this.#failure = `--on-idle ${failure}: ${this.#onIdle.command}`;
      say(`gpucost: ${this.#failure}`);
    });
  }

  #environment({ sinceMs, forMs, isHeld }: Idle): Readonly<Record<string, string | undefined>> {
    const cost = this.#price.over(sinceMs, sinceMs + forMs);
    return {
      GPUCOST_IDLE_SINCE: new Date(sinceMs).toISOString(),
      GPUCOST_IDLE_SECONDS: String(Math.round(forMs / 1000)),
      GPUCOST_IDLE_GPUS: String(this.#header.gpus.length),
      GPUCOST_IDLE_MEMORY: isHeld ? 'held' : 'empty',
      GPUCOST_IDLE_SESSION: this.#header.id,
      // Unknown is unset, never 0.
      GPUCOST_IDLE_COST: cost === null ? undefined : String(cost.cost),
      GPUCOST_IDLE_COST_PER_HOUR: cost === null ? undefined : String(cost.perHour),
      GPUCOST_IDLE_CURRENCY: cost?.currency,
    };
  }

  #blind(): string {
    return `--on-idle will not run: ${blindness(this.#price.hiddenGpus)}`;
  }
}

/** Why idleness of the whole machine can't be proven from here. */
export function blindness(hiddenGpus: number | null): string {
  return hiddenGpus === null
    ? 'the machine may have GPUs that this container does not show; pass --machine, so that their number is known'
    : `${hiddenGpus} of the machine's GPUs are not watched (hidden from here, or left out with --gpus), and may be at work`;
}

/** Whole seconds: a countdown reads better without fractions. */
function words(ms: number): string {
  return duration(Math.round(ms / 1000) * 1000);
}

/** Runs a command by the shell with more in its environment; its output goes to our stderr, and it may outlive us. */
function runShell(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  failed: (how: string) => void,
): void {
  const child = spawn('/bin/sh', ['-c', command], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 2, 2],
  });
  child.once('error', (error) => failed(`could not be run (${error.message})`));
  child.once('exit', (code, signal) => {
    if (code !== 0) failed(signal === null ? `ended with exit code ${code}` : `died of ${signal}`);
  });
  // Watching ends when it ends, whatever the command is still at: it may be the one that stops this machine.
  child.unref();
}
