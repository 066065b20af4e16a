import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/store/make-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'gpucost-folder-'));

it('makes a folder and those above it, private to the user, and leaves one that is there', async () => {
  const path = join(home, 'a/b/c');
  await makeFolder(path);
  await makeFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(home, 'a')).mode & 0o777).toBe(0o700);
});

it('fails where a file is in the way', async () => {
  writeFileSync(join(home, 'file'), '');
  await expect(makeFolder(join(home, 'file/sub'))).rejects.toHaveProperty('code', 'EEXIST');
});

it.skipIf(process.platform !== 'linux')(
  'fails at once where nothing can be made: /proc',
  async () => {
    await expect(makeFolder('/proc/nope/sessions')).rejects.toHaveProperty('code', 'ENOENT');
  },
);
