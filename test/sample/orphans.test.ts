import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { alive, type FakeRun, fake, fakePath } from './fake.ts';

let parentPath = '';

beforeAll(async () => {
  parentPath = join(mkdtempSync(join(tmpdir(), 'gpucost-parent-')), 'parent.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('orphan-parent.ts', import.meta.url))],
    outfile: parentPath,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
});

/** Starts the parent, waits until it samples, and does `how` to it; resolves when it is gone. */
async function end(
  run: FakeRun,
  env: NodeJS.ProcessEnv,
  how: (parent: ChildProcess) => void,
): Promise<void> {
  const parent = spawn(process.execPath, [parentPath], {
    env: { ...run.env, TEST_SMI: fakePath, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => {
    parent.once('exit', () => resolve());
  });
  const sampling = new Promise<void>((resolve) => {
    parent.stdout?.once('data', () => resolve());
  });
  await Promise.race([sampling, gone]);
  // Four ticks, then the query hangs and hears nothing; dmon goes on printing.
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  if (parent.exitCode === null) expect(alive(run).length).toBeGreaterThan(1);
  how(parent);
  await gone;
}

/** Resolves with what is still alive once nothing is, or after 2 s. */
async function leftAfter2s(run: FakeRun): Promise<readonly number[]> {
  const until = performance.now() + 2000;
  let left = alive(run);
  while (left.length > 0 && performance.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    left = alive(run);
  }
  return left;
}

const stubborn = { FAKE_HANG_AFTER: '4', FAKE_IGNORE: 'SIGTERM,SIGINT,SIGPIPE' };

describe.skipIf(process.platform !== 'linux')('no child outlives us by 2 s', () => {
  describe.each(['setpriv', 'watchdog', 'setpriv,watchdog'])('guarded by %s', (guards) => {
    it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('after %s', async (signal) => {
      const run = fake('h100x8', stubborn);
      await end(run, { TEST_GUARDS: guards }, (parent) => parent.kill(signal));
      expect(await leftAfter2s(run)).toEqual([]);
    });
  });

  it('without any guard a stubborn child would stay: the guards are what ends it', async () => {
    const run = fake('t4', stubborn);
    await end(run, { TEST_GUARDS: '' }, (parent) => parent.kill('SIGKILL'));
    const left = await leftAfter2s(run);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    expect(left.length).toBeGreaterThan(0);
  });

  it('after an uncaught exception, even without a guard', async () => {
    const run = fake('t4', stubborn);
    await end(run, { TEST_GUARDS: '', TEST_THROW: '1' }, () => undefined);
    expect(await leftAfter2s(run)).toEqual([]);
  });

  it('nor does a child of a wrapper script', async () => {
    const run = fake('t4', stubborn);
    const wrapper = join(mkdtempSync(join(tmpdir(), 'gpucost-wrapper-')), 'nvidia-smi');
    writeFileSync(wrapper, `#!/bin/sh\n'${fakePath}' "$@"\n`);
    chmodSync(wrapper, 0o755);
    await end(run, { TEST_GUARDS: 'setpriv,watchdog', TEST_SMI: wrapper }, (parent) =>
      parent.kill('SIGKILL'),
    );
    expect(await leftAfter2s(run)).toEqual([]);
  });
});
