import { expect, it } from 'vitest';
import { Counters } from '../../src/progress/counters.ts';
import { marksOf } from '../../src/progress/patterns.ts';
import { newTextTap } from '../../src/progress/text-tap.ts';
import { randomOf } from '../kit/random.ts';

function linesOf(...pieces: readonly string[]): readonly string[] {
  const tap = newTextTap();
  return pieces.flatMap((piece) => {
    tap.add(Buffer.from(piece));
    return tap.take();
  });
}

it('a bar that is drawn anew by \\r is a line each time, and without an end where it has come to its ]', () => {
  expect(linesOf('\r 1/9', '\r 2/9')).toEqual([' 1/9']);
  const bar = ' 10%|#   | 1/10 [00:01<00:09, 1.0it/s]';
  expect(linesOf('\r 10%|#   | 1/1', '0 [00:01<00:09, 1.0it/s]')).toEqual([bar]);
  expect(linesOf(`${bar}`)).toEqual([]);
});

it('a block of output that ends within a number is no reading', () => {
  expect(linesOf('step 12', '34/2000\n')).toEqual(['step 1234/2000']);
});

it('what is left of a line behind a gap is no line', () => {
  const tap = newTextTap();
  tap.add(Buffer.from('step 1'));
  tap.take();
  tap.add(Buffer.from('34/2000\nstep 1235/2000\n'), true);
  expect(tap.take()).toEqual(['step 1235/2000']);
  tap.add(Buffer.from(`step 1236/2000\n9${'x'.repeat(70_000)}\nstep 1300/2000\nstep 13`));
  expect(tap.take()).toEqual(['step 1300/2000']);
  tap.add(Buffer.from('01/2000\n'));
  expect(tap.take()).toEqual(['step 1301/2000']);
});

/** All counts of a stream that is looked at behind each piece. */
function countsOf(bytes: Buffer, sizes: () => number): ReadonlyMap<string, number> {
  const counters = new Counters();
  const counts = new Map<string, number>();
  const tap = newTextTap();
  for (let at = 0, size = 0; at < bytes.length; at += size) {
    size = sizes();
    tap.add(bytes.subarray(at, at + size));
    for (const line of tap.take()) for (const mark of marksOf(line)) counters.add(mark, at);
    for (const { unit, label, total, done } of counters.take())
      counts.set(`${unit} ${label} ${total}`, done);
  }
  return counts;
}

it('however a stream is cut into pieces, it counts the same', () => {
  const random = randomOf(5);
  let text = '***** Running training *****\n  Total optimization steps = 1,000\n';
  for (let step = 1; step <= 400; step++) {
    text += `\nstep ${step * 5}/2000 loss 0.12\n`;
    text += `\r\u001b[1m训练: ${Math.floor(step / 4)}%|██▌   | ${step}/400 [00:01<00:09, 9.0it/s]\u001b[0m`;
    if (step % 100 === 0) {
      for (let e = 1; e <= 25; e++) text += `\r ${4 * e}%|██   | ${e}/25 [00:01<?, ?it/s]\u001b[A`;
      text += `\r\n{'loss': 0.5, 'epoch': ${step / 100}}\r\n`;
    }
  }
  const bytes = Buffer.from(text);
  const whole = countsOf(bytes, () => bytes.length);
  expect(whole.get('step  2000')).toBe(1995);
  expect(whole.get('step 训练 400')).toBe(399);
  for (let round = 0; round < 40; round++) {
    const most = [1, 7, 60, 900, 8192][round % 5] ?? 1;
    expect(countsOf(bytes, () => 1 + Math.floor(random() * most))).toEqual(whole);
  }
});

it('a character that is cut between two pieces is put together', () => {
  const bytes = Buffer.from('█ 7/9\n');
  const tap = newTextTap();
  tap.add(bytes.subarray(0, 1));
  tap.add(bytes.subarray(1));
  expect(tap.take()).toEqual(['█ 7/9']);
});

it('colours, titles and cursor movements are no text', () => {
  expect(linesOf('\u001b]0;title 1\u0007\u001b[1;32m3/9\u001b[0m\u001b[A\n')).toEqual(['3/9']);
});

it('keeps the newest lines of a command that says too much, and no endless line', () => {
  const lines = linesOf(`${'x1'.repeat(200_000)}\nstep 5\n`);
  expect(lines).toEqual(['step 5']);
});
