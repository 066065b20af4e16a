import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { packageFiles } from '../../src/package-file.ts';
import { runCli } from '../kit/run-cli.ts';
import { fake, fakePath } from '../sample/fake.ts';

const isChosen = (process.env['GPUCOST_TEST_STANDALONE'] ?? '') !== '';

/** Nothing of Node or of the project can be found: only what is inside the file. */
async function alone(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const empty = mkdtempSync(join(tmpdir(), 'gpucost-alone-'));
  return runCli(args, { cwd: empty, env: { PATH: empty, ...env } });
}

describe.skipIf(!isChosen)('the standalone executable, without Node on the host', () => {
  it('has every file of the package inside', async () => {
    expect(packageFiles.length).toBeGreaterThan(3);
    const version = await alone(['--version']);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const rates = await alone(['rates', 'show', 'aws/p5.48xlarge']);
    expect(rates).toMatchObject({ code: 0, stderr: '' });
    expect(rates.stdout).toContain('H100');
    const demo = await alone(['demo', '--format', 'html']);
    expect(demo.code).toBe(0);
    expect(demo.stdout).toContain('<style>');
    expect(demo.stdout).toContain('<script');
  });

  it('writes each format', async () => {
    const files = ['r.json', 'r.md', 'r.html', 'r.csv'];
    const folder = mkdtempSync(join(tmpdir(), 'gpucost-formats-'));
    const flags = files.flatMap((file) => ['-o', join(folder, file)]);
    const demo = await alone(['demo', ...flags]);
    expect(demo.code).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(files.toSorted());
  });

  it('checks a card with the YAML parser, which it loads late', async () => {
    const wrong = await alone(['rates', 'check', join(tmpdir(), 'gpucost-no-such-card.yaml')]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('gpucost-no-such-card.yaml');
    for (const what of ['report', 'rates', 'session']) {
      const schema = await alone(['schema', what]);
      expect(schema).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(schema.stdout)).toHaveProperty('$schema');
    }
  });

  it('watches and wraps, and leaves no child behind', async () => {
    const run = fake('t4');
    const env = { ...run.env, PATH: process.env['PATH'], GPUCOST_NVIDIA_SMI: fakePath };
    const watched = await alone(
      ['watch', '-d', '2s', '-i', '200ms', '--json', '--no-network'],
      env,
    );
    expect(watched.code).toBe(0);
    expect(watched.stdout).toContain('"kind":"tick"');
    const wrapped = await alone(
      ['watch', '--no-network', '--', '/bin/sh', '-c', 'sleep 8; exit 7'],
      env,
    );
    expect(wrapped.code).toBe(7);
    expect(wrapped.stderr).toContain('Billed');
    expect(run.starts().every(({ pid }) => !existsSync(`/proc/${pid}`))).toBe(true);
  });
});
