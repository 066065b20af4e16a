import { expect, it } from 'vitest';
import { newTextTap } from '../../src/progress/text-tap.ts';

function linesOf(...pieces: readonly string[]): readonly string[] {
  const tap = newTextTap();
  return pieces.flatMap((piece) => {
    tap.add(Buffer.from(piece));
    return tap.take();
  });
}

it('a bar that is drawn anew by \\r is a line each time, also without an end', () => {
  expect(linesOf('\r 1/9', '\r 2/9')).toEqual([' 1/9', ' 1/9', ' 2/9']);
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
