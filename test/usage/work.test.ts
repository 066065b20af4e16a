import { expect, it } from 'vitest';
import { noCuts } from '../../src/usage/cuts.ts';
import { workOf } from '../../src/usage/work.ts';
import { type WorkTrack, WorkTracks } from '../../src/usage/work-track.ts';
import { normalOf, randomOf } from '../kit/random.ts';

interface Shown {
  readonly recording?: string;
  readonly unit?: 'step' | 'epoch' | 'token';
  readonly label?: string;
  readonly total?: number | null;
}

/** A counter that was seen once a second. */
function track(counts: readonly number[], shown: Shown = {}, startMs = 1_000): WorkTrack {
  const { recording = 'a', unit = 'step', label = '', total = null } = shown;
  const tracks = new WorkTracks();
  counts.forEach((count, i) => {
    const done = count - (counts[0] ?? 0);
    tracks.add(recording, { t: startMs + 1000 * i, unit, label, count, total, done }, noCuts);
  });
  const [only] = tracks.tracks();
  if (only === undefined) throw new Error('no reading');
  return only;
}

const steady = Array.from({ length: 101 }, (_, i) => 5000 + 4 * i);

it('a run that was resumed at step 5000 did the steps that it did', () => {
  const work = workOf([track(steady, { total: 6000 })]);
  expect(work?.main).toMatchObject({ unit: 'step', count: 400, msPer: { estimate: 250 } });
  expect(work?.rest).toMatchObject({ count: 5400, total: 6000, ms: { estimate: 150_000 } });
});

it('loading at step 0 is no part of the pace', () => {
  const counts = [
    0,
    ...Array.from({ length: 60 }, () => 0),
    ...Array.from({ length: 40 }, (_, i) => 2 * (i + 1)),
  ];
  const shown = counts.flatMap((count, i) => (i > 0 && count === 0 ? [] : [{ count, i }]));
  const tracks = new WorkTracks();
  for (const { count, i } of shown)
    tracks.add(
      'a',
      { t: 1000 * i, unit: 'step', label: '', count, total: 80, done: count },
      noCuts,
    );
  const main = workOf(tracks.tracks())?.main;
  expect(main?.msPer.estimate).toBe(500);
  expect(main?.count).toBe(80);
});

it('steps come before epochs, and the counter that counted most first', () => {
  const work = workOf([
    track([1, 2, 3], { unit: 'epoch' }),
    track([0, 5, 10], { label: 'validation' }),
    track([0, 90, 180], { label: 'train' }),
  ]);
  expect(work?.main.label).toBe('train');
  expect(work?.others.map(({ unit, label }) => [unit, label])).toEqual([
    ['step', 'validation'],
    ['epoch', ''],
  ]);
});

it('two sessions of one run add up, and the time between them does not count', () => {
  const work = workOf([
    track(steady, { recording: 'a' }),
    track(steady, { recording: 'b' }, 9_000_000),
  ]);
  expect(work?.main).toMatchObject({ count: 800, msPer: { estimate: 250 } });
});

it('a bar that begins anew says nothing of the end of the run; the epochs do, give or take one', () => {
  const inner = track([0, 90, 10, 100, 20], { total: 100 });
  const outer = track(
    Array.from({ length: 40 }, (_, i) => 1 + 0.1 * i),
    { unit: 'epoch', total: 10 },
  );
  const rest = workOf([inner, outer])?.rest;
  expect(rest?.unit).toBe('epoch');
  expect(rest?.ms.estimate).toBeCloseTo(51_000, 0);
  expect(rest?.ms.high).toBeGreaterThan(60_000);
});

it('too few readings give a pace without a band, none give nothing', () => {
  expect(workOf([track([1, 2, 3, 4])])?.main.msPer).toEqual({
    estimate: 1000,
    low: null,
    high: null,
  });
  expect(workOf([track([7])])).toBeNull();
  expect(workOf([track([7, 7, 7])])).toBeNull();
  expect(workOf([])).toBeNull();
});

it('the band holds the true pace about as often as it says', () => {
  const random = randomOf(11);
  let held = 0;
  for (let run = 0; run < 200; run++) {
    let [count, drift] = [0, 0];
    const counts = Array.from({ length: 400 }, () => {
      drift = 0.8 * drift + normalOf(random);
      count += Math.max(0, 10 + drift);
      return count;
    });
    const { low, high } = workOf([track(counts)])?.main.msPer ?? { low: null, high: null };
    if (low !== null && high !== null && low <= 100 && high >= 100) held++;
  }
  expect(held / 200).toBeGreaterThan(0.93);
});

it('keeps weeks of readings in bounds, and the whole count', () => {
  const tracks = new WorkTracks();
  for (let i = 0; i < 50_000; i++)
    tracks.add(
      'a',
      { t: 1000 * i, unit: 'step', label: '', count: i, total: null, done: i },
      noCuts,
    );
  const [only] = tracks.tracks();
  expect(only?.timeMs.length).toBeLessThan(4100);
  expect(workOf(tracks.tracks())?.main.count).toBe(49_999);
});

it('a command that ended before its total leaves no rest to come', () => {
  const tracks = new WorkTracks();
  for (let i = 0; i < 30; i++) {
    const reading = { t: 1000 * (i + 1), unit: 'step', label: '', count: i, total: 100, done: i };
    tracks.add('a', { ...reading, unit: 'step' }, noCuts);
  }
  expect(workOf(tracks.tracks())?.rest).toMatchObject({ count: 29, hasEnded: false });
  tracks.end('b');
  expect(workOf(tracks.tracks())?.rest).toMatchObject({ count: 29, hasEnded: false });
  tracks.end('a');
  expect(workOf(tracks.tracks())?.rest).toMatchObject({ count: 29, hasEnded: true });
});
