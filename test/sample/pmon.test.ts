import { expect, test } from 'vitest';
import { pmonReader } from '../../src/sample/pmon.ts';

/** In pmon's form; synthetic. */
const text = `# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command
# Idx           #    C/G      %      %      %      %      %      %    name
    0       4001     C      -      -      -      -      -      -    server
    0       4002     C     79      5      -      -      -      -    my trainer
    1          -     -      -      -      -      -      -      -    -`;

test('reads processes by the header, hyphens as no reading, names with blanks', () => {
  const reader = pmonReader();
  expect(text.split('\n').flatMap((line) => reader.read(line) ?? [])).toEqual([
    { index: 0, pid: 4001, smPct: null },
    { index: 0, pid: 4002, smPct: 79 },
  ]);
});

test('a table without its header is not read', () => {
  expect(pmonReader().read('    0       4002     C     79      5')).toBeNull();
});
