import { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { renderOptionsFor } from '../../src/cli/terminal.ts';

const depthOf = (env?: object): number => WriteStream.prototype.getColorDepth(env);
const terminal = { isTTY: true, columns: 80, rows: 24, getColorDepth: depthOf };
const choice = { color: true, verbose: false };
const levelOf = (env: Readonly<Record<string, string>>, stream: object = terminal): number =>
  renderOptionsFor(stream, { TERM: 'xterm-256color', ...env }, choice).colorLevel;

describe('colour', () => {
  it.each([
    ['a terminal', {}, 2],
    ['a set NO_COLOR', { NO_COLOR: '1' }, 0],
    ['an empty NO_COLOR', { NO_COLOR: '' }, 2],
    ['FORCE_COLOR over NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, 1],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, 0],
    ['a dumb terminal', { TERM: 'dumb' }, 0],
  ])('%s', (_, env, level) => {
    expect(levelOf(env)).toBe(level);
  });

  it('a pipe has none, unless it is forced', () => {
    expect(levelOf({}, {})).toBe(0);
    expect(levelOf({ FORCE_COLOR: '3' }, {})).toBe(3);
  });
});
