import { spawn } from 'node:child_process';
import process from 'node:process';
import { lineSplitter } from './line-splitter.ts';
import { type OrphanGuard, type OrphanGuardKind, orphanGuard } from './orphan-guard.ts';
import type { Smi, SmiListener, SmiRun } from './smi.ts';

/** How long a child may take to end by SIGTERM; with the kill after it stays well below 2 s. */
const termGraceMs = 700;
/** A process in uninterruptible sleep outlasts SIGKILL; we must be able to end without it. */
const longestStopMs = 2000;
/** stderr is for words only; a child that floods it must not fill our memory. */
const longestStderr = 4096;

export interface NvidiaSmiOptions {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  /** Both by default. */
  readonly guards?: readonly OrphanGuardKind[];
}

/** nvidia-smi as child processes without a shell, under LC_ALL=C, each in its own process group. */
export function nvidiaSmi(options: NvidiaSmiOptions): Smi {
  const guard = orphanGuard(options.guards ?? ['setpriv', 'watchdog'], options.env);
  const running = new Map<number, SmiRun>();
  const env = { ...options.env, LC_ALL: 'C' };
  const killAll = (): void => {
    for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
  };
  // process.exit() and uncaught exceptions leave no time for anything else.
  process.once('exit', killAll);
  return {
    start: (args, listener) => startChild(options.path, args, env, guard, running, listener),
    async close() {
      await Promise.all([...running.values()].map((run) => run.stop()));
      guard.close();
      process.removeListener('exit', killAll);
    },
  };
}

function startChild(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  guard: OrphanGuard,
  running: Map<number, SmiRun>,
  listener: SmiListener,
): SmiRun {
  const [command, commandArgs] = guard.command(path, args);
  // Its own process group: Ctrl-C in the terminal is for us, and we end the children in order.
  const child = spawn(command, commandArgs, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { pid } = child;
  const splitter = lineSplitter();
  let stderr = '';
  const gone = new Promise<void>((resolve) => {
    let ended = false;
    const end = (code: number | null, signal: string | null, words: string): void => {
      if (ended) return;
      ended = true;
      if (pid !== undefined) {
        running.delete(pid);
        guard.forget(pid);
      }
      listener.onExit({ code, signal, rest: words, finished: false });
      resolve();
    };
    child.once('error', (error) => end(null, null, error.message));
    child.once('close', (code, signal) => end(code, signal, `${splitter.rest()}\n${stderr}`));
    // A grandchild that holds the pipe keeps 'close' from coming.
    child.once('exit', (code, signal) => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end(code, signal, `${splitter.rest()}\n${stderr}`);
      }, 200).unref();
    });
  });
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = splitter.push(chunk);
    if (lines.length > 0) listener.onLines(lines);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-longestStderr);
  });

  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    if (pid === undefined) return gone;
    child.stdout.resume();
    signalGroup(pid, 'SIGTERM');
    const kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), termGraceMs);
    await Promise.race([
      gone,
      new Promise<void>((resolve) => {
        const giveUp = setTimeout(() => {
          child.unref();
          child.stdout.destroy();
          child.stderr.destroy();
          resolve();
        }, longestStopMs);
        void gone.then(() => clearTimeout(giveUp));
      }),
    ]);
    clearTimeout(kill);
  };
  const run: SmiRun = {
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    pause: () => {
      child.stdout.pause();
    },
    resume: () => {
      child.stdout.resume();
    },
  };
  if (pid !== undefined) {
    running.set(pid, run);
    guard.watch(pid);
  }
  return run;
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    // ESRCH: it has just ended by itself, which is what we wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
