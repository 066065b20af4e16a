import { expect, it } from 'vitest';
import { workOnce } from '../../src/report/work-once.ts';
import type { WorkTrack } from '../../src/usage/work-track.ts';

function track(recording: string, fromMs: number, steps: number, label = ''): WorkTrack {
  return {
    recording,
    unit: 'step',
    label,
    timeMs: [fromMs, fromMs + 1000 * steps],
    done: [0, steps],
    lastCount: steps,
    lastTotal: null,
    isRepeated: false,
    hasEnded: false,
  };
}

it('two ranks that show the same steps count once, by the one that saw most', () => {
  const [a, b] = [track('a', 0, 99), track('b', 500, 100)];
  expect(workOnce([{ work: [a] }, { work: [b] }])).toEqual({ tracks: [b], isShared: true });
});

it('one after the other, other bars, and one host all count', () => {
  const [a, later, other] = [track('a', 0, 100), track('b', 200_000, 50), track('b', 0, 9, 'val')];
  for (const machines of [
    [{ work: [a] }, { work: [later] }],
    [{ work: [a] }, { work: [other] }],
    [{ work: [a, track('c', 0, 100)] }],
  ]) {
    const tracks = machines.flatMap(({ work }) => work);
    expect(workOnce(machines)).toEqual({ tracks, isShared: false });
  }
});
