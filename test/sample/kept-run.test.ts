import { describe, expect, it } from 'vitest';
import { keptRun, type RunEnd } from '../../src/sample/kept-run.ts';
import type { Smi, SmiListener } from '../../src/sample/smi.ts';
import { virtualClock } from '../../src/sample/virtual-clock.ts';

/** An nvidia-smi under the test's control: one entry a start. */
function puppet(onStart: (listener: SmiListener, stop: () => void) => void): {
  smi: Smi;
  running: () => number;
} {
  let running = 0;
  return {
    running: () => running,
    smi: {
      start(_, listener) {
        running++;
        const exit = (code: number | null, signal: string | null): void => {
          running--;
          listener.onExit({ code, signal, rest: '', finished: false });
        };
        onStart(
          { onLines: (lines) => listener.onLines(lines), onExit: ({ code }) => exit(code, null) },
          () => exit(null, 'SIGKILL'),
        );
        return {
          stop: async () => exit(null, 'SIGTERM'),
          pause: () => undefined,
          resume: () => undefined,
        };
      },
      close: async () => undefined,
    },
  };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

async function runUntil(clock: { now(): number }, t: number): Promise<void> {
  while (clock.now() < t) await turn();
}

describe('a run that ends again and again', () => {
  it('starts anew after 1, 2, 4 … at most 60 s, never two at once', async () => {
    const clock = virtualClock(0);
    const starts: number[] = [];
    let most = 0;
    const { smi, running } = puppet((listener) => {
      starts.push(clock.now());
      most = Math.max(most, running());
      clock.after(10, () => listener.onExit({ code: 9, signal: null, rest: '', finished: false }));
    });
    const kept = keptRun({
      smi,
      clock,
      args: () => [],
      startTimeoutMs: 30_000,
      silenceMs: 10_000,
      onLines: () => undefined,
      onEnd: () => 'back-off',
    });
    kept.start();
    await runUntil(clock, 250_000);
    await kept.stop();
    clock.stop();
    const pauses = starts.slice(1).map((t, i) => t - (starts[i] ?? 0) - 10);
    expect(pauses.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(most).toBe(1);
  });

  it('is forgiven after it has lived well', async () => {
    const clock = virtualClock(0);
    const starts: number[] = [];
    const lives = [100, 100, 30_000, 100, 100];
    const { smi } = puppet((listener) => {
      starts.push(clock.now());
      const life = lives[starts.length - 1] ?? 100;
      clock.after(life - 1, () => kept.alive());
      clock.after(life, () =>
        listener.onExit({ code: 1, signal: null, rest: '', finished: false }),
      );
    });
    const kept = keptRun({
      smi,
      clock,
      args: () => [],
      startTimeoutMs: 60_000,
      silenceMs: 60_000,
      onLines: () => undefined,
      onEnd: () => 'back-off',
    });
    kept.start();
    await runUntil(clock, 60_000);
    await kept.stop();
    clock.stop();
    const pauses = starts.slice(1).map((t, i) => t - (starts[i] ?? 0) - (lives[i] ?? 100));
    expect(pauses.slice(0, 4)).toEqual([1000, 2000, 1000, 2000]);
  });
});

it('a silent run is stopped: 30 s before its first row, then by its own limit', async () => {
  const clock = virtualClock(0);
  const ends: (RunEnd & { at: number })[] = [];
  const { smi } = puppet(() => {
    if (ends.length === 1) clock.after(500, () => kept.alive());
  });
  const kept = keptRun({
    smi,
    clock,
    args: () => [],
    startTimeoutMs: 30_000,
    silenceMs: 10_000,
    onLines: () => undefined,
    onEnd: (end) => {
      ends.push({ ...end, at: clock.now() });
      return ends.length < 2 ? 'at-once' : 'never';
    },
  });
  kept.start();
  while (ends.length < 2) await turn();
  expect(ends).toMatchObject([
    { at: 30_000, hung: true, lived: false, words: 'no answer for 30 s' },
    { hung: true, lived: true, words: 'no row for 10 s' },
  ]);
  expect(ends[1]?.at).toBe(30_000 + 500 + 10_000);
  clock.stop();
});
