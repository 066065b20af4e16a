import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDataFacts } from '../../src/doctor/data-facts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpucost-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('accepts a folder that can be written, and leaves nothing in it', async () => {
  const facts = await readDataFacts(folder);
  expect(facts).toMatchObject({ folder, problem: null });
  expect(facts.freeBytes).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual([]);
});

it('judges a folder that is not there yet by the one that it would be made in', async () => {
  const facts = await readDataFacts(join(folder, 'not', 'yet'));
  expect(facts.problem).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
});

it('refuses a path through a file', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect((await readDataFacts(join(folder, 'file'))).problem).toBe('a part of the path is a file');
  const below = await readDataFacts(join(folder, 'file', 'data'));
  expect(below.problem).toBe('a part of the path is a file');
});

it.skipIf(process.platform !== 'linux')('refuses a file system that takes no files', async () => {
  expect((await readDataFacts('/proc/gpucost')).problem).not.toBeNull();
});
