import { expect, it } from 'vitest';
import { Counters } from '../../src/progress/counters.ts';
import { marksOf } from '../../src/progress/patterns.ts';
import { noCuts } from '../../src/usage/cuts.ts';
import { type Work, workOf } from '../../src/usage/work.ts';
import { WorkTracks } from '../../src/usage/work-track.ts';

/** Work of lines that came one each 100 ms, with a reading a second as sessions hold it. */
function workOfLines(...recordings: readonly (readonly string[])[]): Work | null {
  const tracks = new WorkTracks();
  recordings.forEach((lines, i) => {
    const counters = new Counters();
    lines.forEach((line, j) => {
      const t = 1_000_000 * i + 100 * (j + 1);
      for (const mark of marksOf(line)) counters.add(mark, t);
      if (j % 10 < 9 && j < lines.length - 1) return;
      for (const { seenMs, ...reading } of counters.take())
        tracks.add(`r${i}`, { t: seenMs, ...reading }, noCuts);
    });
  });
  return workOf(tracks.tracks());
}

const bar = (count: number, total: number): string =>
  `${Math.floor((100 * count) / total)}%|##   | ${count}/${total} [00:01<00:09, 10.0it/s]`;
const bars = (from: number, to: number, total: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => bar(from + i, total));

/** As the Hugging Face Trainer draws them: neither bar has a label. */
const trained = (last: number, total: number, every: number, evaluated: number): string[] =>
  bars(0, last, total).flatMap((line, step) =>
    step > 0 && step % every === 0 ? [line, ...bars(1, evaluated, evaluated)] : [line],
  );

it('evaluations between the steps are no steps', () => {
  expect(workOfLines(trained(200, 200, 50, 25))?.main.count).toBe(200);
  const long = workOfLines(trained(200, 200, 50, 150));
  expect(long?.main.count).toBe(200);
  expect(long?.others).toHaveLength(1);
});

it('what is left is that of the training, also while evaluations are drawn', () => {
  const rest = workOfLines([
    '  Gradient Accumulation steps = 1',
    '  Total optimization steps = 1,000',
    '  Num update steps per epoch = 10',
    ...trained(400, 1000, 100, 50),
  ])?.rest;
  expect(rest).toMatchObject({ unit: 'step', count: 400, total: 1000 });
});

it('a loop of steps within one of epochs is the one that counts, although neither has a label', () => {
  const nested = [1, 2, 3, 4, 5].flatMap((epoch) => [bar(epoch - 1, 5), ...bars(0, 100, 100)]);
  expect(workOfLines([...nested, bar(5, 5)])?.main.count).toBe(500);
});

it('a bar that was drawn while loading is not the run', () => {
  const epochs = [1, 2, 3].flatMap(() => bars(0, 200, 200));
  expect(workOfLines([...bars(0, 100, 100_000), ...epochs])?.main.count).toBe(600);
});

it('a run that is restarted and one that is resumed add what they did', () => {
  const [first, second] = [trained(120, 200, 50, 25), trained(200, 200, 50, 25).slice(125)];
  const work = workOfLines(first, second);
  expect(work?.main.count).toBeGreaterThan(195);
  expect(work?.main.count).toBeLessThanOrEqual(220);
  expect(workOfLines([...bars(0, 120, 200), ...bars(100, 150, 200)])?.main.count).toBe(170);
  expect(workOfLines(bars(0, 100, 100), bars(100, 300, 300))?.main.count).toBe(300);
});
