import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { OutputSettings } from '../config/options.ts';
import { HostError, UsageError } from '../errors.ts';
import type { ProgressReader } from '../progress/reader.ts';
import type { Relay } from '../progress/relay.ts';
import { isForeground } from './foreground.ts';
import { type RecordOptions, record, type SampledHost } from './record.ts';
import { say } from './stderr.ts';
import { stopWithCommand } from './stop-signals.ts';
import { terminalStream } from './terminal.ts';

/**
 * Runs a command while the host is recorded. The command has our stdin, stdout and stderr as they are (with a relay,
 * what stands for them) and starts at once; the report comes after it, on stderr or in the files of `-o`. Whatever happens to sampling and report, the exit code is the
 * command's own: 128 + n if a signal ended it, 127 if it was not found, 126 if it can't be run.
 */
export async function wrap(
  command: readonly [string, ...string[]],
  openHost: () => Promise<SampledHost>,
  recording: Omit<RecordOptions, 'command' | 'stop' | 'progress'>,
  progress: WrappedProgress | null,
  output: OutputSettings,
  report: (path: string) => Promise<number>,
): Promise<number> {
  if (!output.quiet) for (const note of progress?.relay?.notes ?? []) say(`gpucost: ${note}`);
  const ended = run(command, progress?.relay ?? null);
  const stop = stopWithCommand();
  let hasBegun = false;
  const warn = (what: string, error: unknown): null => {
    if (!(error instanceof HostError || error instanceof UsageError)) throw error;
    const hint = error.hint === undefined ? '' : `\n  ${error.hint.replaceAll('\n', '\n  ')}`;
    say(`gpucost: ${what}: ${error.message}${hint}`);
    return null;
  };
  const recorded = openHost()
    .then((host) =>
      record(host, {
        ...recording,
        command: basename(command[0]),
        stop,
        progress: progress?.reader ?? null,
        onLine: (line) => {
          hasBegun = true;
          recording.onLine(line);
        },
      }),
    )
    .catch((error: unknown) =>
      warn(hasBegun ? 'recording ended early' : 'the run is not recorded', error),
    );

  const exitCode = await ended;
  await progress?.reader.readLast();
  stop.end('command-ended');
  const path = await recorded;
  progress?.reader.close();
  if (path !== null && output.targets.length > 0) {
    await report(path).catch((error: unknown) => warn('no report', error));
  }
  return exitCode;
}

/** How the command's progress is read while it runs. */
export interface WrappedProgress {
  readonly reader: ProgressReader;
  /** Null where progress is in a file, and the command keeps our stdout and stderr. */
  readonly relay: Relay | null;
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  relay: Relay | null,
): Promise<number> {
  // Signals are taken over first: the command may speak, and somebody answer with a signal, before spawn returns.
  const started: { child?: ChildProcess } = {};
  const stopForwarding = forwardSignals((signal) => started.child?.kill(signal));
  // Opening them makes a pipe non-blocking, starting a child that inherits it makes it blocking again (libuv): in this order
  // the command never meets EAGAIN. Node opens stderr by itself when it closes any socket.
  void [process.stdout, process.stderr];
  const stdio = relay === null ? ('inherit' as const) : [...relay.stdio];
  const child = spawn(program, args, { stdio, windowsHide: true });
  started.child = child;
  relay?.started();
  const stopResizing = relay === null ? () => undefined : passSizeOn(relay, child);
  try {
    return await new Promise<number>((resolve) => {
      child.once('error', (error) => resolve(notStarted(program, error)));
      child.once('exit', (code, signal) => {
        resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
      });
    });
  } finally {
    await relay?.drain();
    stopResizing();
    stopForwarding();
  }
}

/** Our terminal's new size, for the command's own; the kernel tells the command before that one has it. */
function passSizeOn(relay: Relay, child: ChildProcess): () => void {
  const screen = terminalStream();
  if (screen === null) return () => undefined;
  const pass = (): void => {
    if (relay.resize(screen.columns, screen.rows)) child.kill('SIGWINCH');
  };
  screen.on('resize', pass);
  return () => {
    screen.off('resize', pass);
  };
}

/** 127 and 126 as POSIX shells use them (XCU 2.8.2). */
function notStarted(program: string, error: Error): number {
  const code = 'code' in error ? error.code : null;
  // ENOENT also means that the interpreter of an existing script is missing.
  const missing = code === 'ENOENT' && !(program.includes('/') && existsSync(program));
  say(`gpucost: ${program}: ${missing ? 'command not found' : `can't be run (${String(code)})`}`);
  return missing ? 127 : 126;
}

/** Sent to one process only, by kill(1), a scheduler or a service manager: the command would not see them. */
const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGQUIT'] as const;

/** A terminal sends these to its whole foreground group: the command has them already. */
const fromTerminal: readonly string[] = ['SIGINT', 'SIGQUIT'];

function forwardSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    if (fromTerminal.includes(signal) && isForeground()) return;
    send(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  return () => {
    for (const signal of forwarded) process.removeListener(signal, forward);
  };
}
