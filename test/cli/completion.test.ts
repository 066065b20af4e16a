import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runCli } from '../kit/run-cli.ts';

async function bashCompletes(words: readonly string[]): Promise<string[]> {
  const { stdout: script } = await runCli(['completion', 'bash']);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const run = `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _gpucost; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', run], { encoding: 'utf8' }).trim().split('\n');
}

describe('bash', () => {
  it.each([
    [['gpucost', 'wa'], ['watch']],
    [['gpucost', 'rates', 'sh'], ['show']],
    [['gpucost', 'watch', '--inter'], ['--interval']],
    [
      ['gpucost', 'report', '--max-'],
      ['--max-waste', '--max-cost'],
    ],
    [['gpucost', 'report', '--format', 'm'], ['markdown']],
    [
      ['gpucost', 'schema', 'r'],
      ['report', 'rates'],
    ],
    [['gpucost', 'completion', 'z'], ['zsh']],
    [
      ['gpucost', 'sessions', 'export', '--format', ''],
      ['csv', 'jsonl'],
    ],
  ])('%j gives %j', async (words, expected) => {
    expect(await bashCompletes(words)).toEqual(expected);
  });
});

it.each(['zsh', 'fish'])('%s has every command and option of the program', async (shell) => {
  const { code, stdout } = await runCli(['completion', shell]);
  expect(code).toBe(0);
  for (const word of [
    'watch',
    'report',
    'doctor',
    'max-waste',
    'billed-from',
    'prune',
    'dry-run',
  ]) {
    expect(stdout).toContain(word);
  }
});
