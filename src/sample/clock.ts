import { performance } from 'node:perf_hooks';

/** Time for the sampler; tests and replays bring their own. */
export interface Clock {
  /** Integer epoch milliseconds that never step: the epoch at the start plus monotonic elapsed time. */
  now(): number;
  /** Calls back once after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The wall clock at its creation, then the monotonic clock: a step of the wall clock is not seen. */
export function systemClock(): Clock {
  const epochMs = Date.now();
  const startMs = performance.now();
  return {
    now: () => epochMs + Math.round(performance.now() - startMs),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
}
