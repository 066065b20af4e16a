import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alive, type FakeRun } from '../sample/fake.ts';

/**
 * What the end-to-end tests run: bin/gpucost.js with this Node, or the standalone executable that
 * GPUCOST_TEST_STANDALONE names.
 */
export const cliCommand: readonly [string, ...string[]] = chosenCommand();

function chosenCommand(): [string, ...string[]] {
  const path = process.env['GPUCOST_TEST_STANDALONE'];
  if (path !== undefined && path !== '') return [resolvePath(path)];
  return [process.execPath, fileURLToPath(new URL('../../bin/gpucost.js', import.meta.url))];
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: Buffer | string;
  readonly cwd?: string;
  /** Sees the child once it runs, to signal it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** A fresh data folder, so that no test meets another's sessions or lock. */
export function freshHome(): string {
  return mkdtempSync(join(tmpdir(), 'gpucost-home-'));
}

/** Runs gpucost to its end in a folder without a project file. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const home = freshHome();
  const [program, ...before] = cliCommand;
  const child = spawn(program, [...before, ...args], {
    cwd: options.cwd ?? home,
    env: { ...withoutOurs(), NO_COLOR: '1', TZ: 'UTC', GPUCOST_HOME: home, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that does not read its input closes it early.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const stdoutBytes = Buffer.concat(stdout);
      resolve({
        code,
        signal,
        stdoutBytes,
        stdout: stdoutBytes.toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}

/** The environment without what a developer may have set for gpucost itself. */
function withoutOurs(): NodeJS.ProcessEnv {
  const { GPUCOST_NVIDIA_SMI: _smi, FORCE_COLOR: _color, COLUMNS: _columns, ...rest } = process.env;
  return rest;
}

/**
 * Processes that carry this fake's settings and are still there after `ms`: not its pids, which the system may have given
 * to others by then, and not dead ones that nobody has waited for.
 */
export async function survivors(run: FakeRun, ms: number): Promise<readonly number[]> {
  const until = Date.now() + ms;
  for (;;) {
    const left = alive(run);
    if (left.length === 0 || Date.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
