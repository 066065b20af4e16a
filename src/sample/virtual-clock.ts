import type { Clock } from './clock.ts';

/** A clock that jumps from event to event, as fast as they are worked off. */
export interface VirtualClock extends Clock {
  /** Time stands still until `resume`: the reader is behind. */
  pause(): void;
  resume(): void;
  /** Forgets all events. */
  stop(): void;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Starts at `startMs`; between two events everything that is already waiting may run. */
export function virtualClock(startMs: number): VirtualClock {
  let now = startMs;
  let order = 0;
  let isPaused = false;
  let isTurning = false;
  const due: Due[] = [];

  const turn = (): void => {
    isTurning = false;
    if (isPaused) return;
    const next = due.shift();
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.callback();
    turnSoon();
  };
  // setImmediate, not a microtask: promises and the reader must get their turn before time moves on.
  const turnSoon = (): void => {
    if (isTurning || isPaused || due.length === 0) return;
    isTurning = true;
    setImmediate(turn);
  };

  return {
    now: () => now,
    after(ms, callback) {
      const entry: Due = { at: now + Math.max(0, ms), order: order++, callback };
      const at = due.findIndex((other) => other.at > entry.at);
      if (at < 0) due.push(entry);
      else due.splice(at, 0, entry);
      turnSoon();
      return () => {
        const i = due.indexOf(entry);
        if (i >= 0) due.splice(i, 1);
      };
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      turnSoon();
    },
    stop() {
      due.length = 0;
    },
  };
}
