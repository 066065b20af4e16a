import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { progressSource } from '../../src/progress/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpucost-progress-'));

it.each([
  ['auto', { from: 'output', expression: null }],
  ['step (?<step>\\d+)', { from: 'output', expression: 'step (?<step>\\d+)' }],
  ['steps.log', { from: 'file', path: 'steps.log' }],
  ['runs/2026-11-23/steps.log', { from: 'file', path: 'runs/2026-11-23/steps.log' }],
])('%s', (text, source) => {
  expect(progressSource(text)).toEqual(source);
});

it.each([
  [
    '(',
    /neither an expression .* nor a file that exists: Invalid regular expression: .*nterminated/,
  ],
  ['[a-', /Invalid regular expression/],
  ['step (\\d+)/(\\d+)', /as an expression it has no named group/],
  ['steps*.log', /nor a file that exists/],
  ['atuo', /neither auto nor a file/],
  ['Auto', /neither auto nor a file/],
  ['', /got nothing/],
])('refuses %s', (text, message) => {
  expect(() => progressSource(text)).toThrow(UsageError);
  expect(() => progressSource(text)).toThrow(message);
});

it.each(['steps (1).log', 'auto!', '('])(
  'a file that exists is one, whatever its name: %s',
  (name) => {
    const path = join(folder, name);
    writeFileSync(path, '');
    expect(progressSource(path)).toEqual({ from: 'file', path });
  },
);
