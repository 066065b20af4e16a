import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSession } from '../../src/store/open.ts';
import { writeSyntheticSession } from '../kit/synthetic-session.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const home = temporaryFolder();
const guide = readFileSync(new URL('../../docs/session-format.md', import.meta.url), 'utf8');

function recipe(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(guide)?.[1];
  if (found === undefined) throw new Error(`no ${language} recipe in the guide`);
  return found;
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Time, GPU and power of each sample, as text for a comparison. */
async function power(path: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const item of (await openSession(path)).items()) {
    if (item.kind !== 'samples') continue;
    const { block } = item;
    const gpu = Number(block.gpu.slice(-4));
    for (let i = 0; i < block.length; i++) {
      rows.push(`${block.timeMs[i]} ${gpu} ${block.columns.powerDrawW?.[i]}`);
    }
  }
  return rows;
}

const numbers = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((row) => row.split(' ').map(Number).join(' '));

describe('the guide to the session format', () => {
  test.skipIf(!isInstalled('python3'))(
    'has a recipe in Python that reads every sample',
    async () => {
      const { path } = writeSyntheticSession(home.path, { gpus: 2, hours: 0.25 });
      const file = join(path, '000001.jsonl.gz');
      const text = execFileSync('python3', ['-c', recipe('python'), file], { encoding: 'utf8' });
      expect(numbers(text)).toEqual(await power(file));
    },
  );

  test.skipIf(!isInstalled('jq'))('has a recipe for jq that reads every sample', async () => {
    const { path } = writeSyntheticSession(home.path, { gpus: 2, hours: 0.25 });
    const text = execFileSync('bash', ['-c', recipe('sh')], { cwd: path, encoding: 'utf8' });
    expect(numbers(text)).toEqual(await power(join(path, '000001.jsonl.gz')));
  });
});

test('a GPU sample takes at most 24 bytes, host and jobs included', () => {
  const { bytes, samples } = writeSyntheticSession(home.path, { gpus: 8, hours: 1 });
  expect(samples).toBe(8 * 3600);
  expect(bytes / samples).toBeLessThanOrEqual(24);
});

test('a synthetic session goes on in time beyond its first cycle, and has each sample once', async () => {
  const { path, samples } = writeSyntheticSession(home.path, {
    gpus: 1,
    hours: 17,
    intervalMs: 10_000,
    hostIntervalMs: 60_000,
  });
  const times = (await power(path)).map((row) => Number(row.split(' ')[0]));
  expect(times).toHaveLength(samples);
  expect(samples).toBe(17 * 360);
  expect(times.every((t, i) => i === 0 || t > (times[i - 1] ?? t))).toBe(true);
});
