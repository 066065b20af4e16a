import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openFileTail } from '../../src/progress/file-tail.ts';
import { newTextTap } from '../../src/progress/text-tap.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'gpucost-tail-')), 'steps.log');
});

/** The lines that a look brings. */
async function follow(): Promise<() => Promise<readonly string[]>> {
  const tap = newTextTap();
  const tail = await openFileTail(path, (bytes, hasGap) => tap.add(bytes, hasGap));
  return async () => {
    await tail.read();
    return tap.take();
  };
}

it('hands over what is appended, and nothing of what stood there', async () => {
  writeFileSync(path, 'step 1\nstep 2\n');
  const look = await follow();
  expect(await look()).toEqual([]);
  appendFileSync(path, 'step 3\nstep 4\n');
  expect(await look()).toEqual(['step 3', 'step 4']);
  expect(await look()).toEqual([]);
});

it('a line that comes in two pieces is one', async () => {
  writeFileSync(path, 'step 1\n');
  const look = await follow();
  appendFileSync(path, 'step 12');
  expect(await look()).toEqual([]);
  appendFileSync(path, '34\n');
  expect(await look()).toEqual(['step 1234']);
});

it('what is appended to an unfinished line of an earlier run is no line', async () => {
  writeFileSync(path, 'step 99');
  const look = await follow();
  appendFileSync(path, '8\nstep 1\n');
  expect(await look()).toEqual(['step 1']);
});

it('a file that comes later is read from its beginning', async () => {
  const look = await follow();
  expect(await look()).toEqual([]);
  writeFileSync(path, 'step 1\n');
  expect(await look()).toEqual(['step 1']);
});

it('a file that is cut is read anew, its first line whole', async () => {
  writeFileSync(path, 'step 100\n');
  const look = await follow();
  appendFileSync(path, 'step 101\nstep 10');
  expect(await look()).toEqual(['step 101']);
  writeFileSync(path, 'step 1\nstep 2\n');
  expect(await look()).toEqual(['step 1', 'step 2']);
});

it('of much at once only the newest is read, from a whole line on', async () => {
  const look = await follow();
  const lines = Array.from({ length: 20_000 }, (_, i) => `step ${i}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const seen = await look();
  expect(seen.at(-1)).toBe('step 19999');
  expect(seen.length).toBeLessThan(10_000);
  // As many as fit: the first one is the one behind the gap.
  expect(lines.slice(-seen.length)).toEqual(seen);
});

it('a file that is gone, or replaced by a longer one, is read anew', async () => {
  writeFileSync(path, 'step 1\n');
  const look = await follow();
  rmSync(path);
  expect(await look()).toEqual([]);
  writeFileSync(path, 'step 2\nstep 3\n');
  expect(await look()).toEqual(['step 2', 'step 3']);
  writeFileSync(`${path}.new`, 'step 100\nstep 101\nstep 102\n');
  renameSync(`${path}.new`, path);
  expect(await look()).toEqual(['step 100', 'step 101', 'step 102']);
});

it('trouble with the file is no end: it may come right', async () => {
  mkdirSync(path);
  const look = await follow();
  expect(await look()).toEqual([]);
  rmdirSync(path);
  writeFileSync(path, 'step 1\n');
  expect(await look()).toEqual(['step 1']);
});

it('a look while another is under way waits for its end', async () => {
  const pieces: string[] = [];
  const tail = await openFileTail(path, (bytes) => pieces.push(bytes.toString()));
  writeFileSync(path, 'step 1\n');
  await Promise.all([tail.read(), tail.read()]);
  expect(pieces).toEqual(['\nstep 1\n']);
});
