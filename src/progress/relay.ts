import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { openPty, type Pty } from './pty.ts';
import { type Pump, startPump } from './pump.ts';

/** The way of a wrapped command's output through us; stdin and the controlling terminal stay its own. */
export interface Relay {
  /** For `spawn`. */
  readonly stdio: readonly (number | 'inherit' | 'ignore')[];
  /** What can't be read, and why. */
  readonly notes: readonly string[];
  /** After the spawn: gives up our copies of the command's ends. */
  started(): void;
  /** Tells the command's terminal the size of ours. True if there is one to tell. */
  resize(columns: number, rows: number): boolean;
  /** After the command's exit: passes on what it had written. */
  drain(): Promise<void>;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Way {
  readonly read: number;
  readonly write: number;
  readonly pty: Pty | null;
}

/**
 * Puts itself between a command and its stdout and stderr: a pseudo-terminal where they are terminals, a pipe where
 * they are not, one for both where both are one. `tap` makes a listener for each way. What can't be had is inherited.
 */
export function openRelay(size: Size, tap: () => (bytes: Buffer) => void): Relay {
  const notes: string[] = [];
  const out = openWay(1, size, notes);
  const err = isSame(1, 2) ? out : openWay(2, size, notes);
  const ways = [...new Set([out, err])].filter((way) => way !== null);
  const nothing = openSync('/dev/null', 'r+');
  const stdio: (number | 'inherit' | 'ignore')[] = [
    'inherit',
    out?.write ?? 'inherit',
    err?.write ?? 'inherit',
  ];
  // The binary's master is not closed on exec: a command that held its own terminal's other end could never see it close.
  for (const { pty } of ways) {
    if (pty === null) continue;
    while (stdio.length < pty.master) stdio.push('ignore');
    stdio[pty.master] = nothing;
  }
  const pumps: Pump[] = [];
  return {
    stdio,
    notes: [...new Set(notes)],
    started() {
      closeSync(nothing);
      for (const way of ways) {
        const isTerminal = way.pty !== null;
        if (!isTerminal) closeSync(way.write);
        const target = way === out ? 1 : 2;
        pumps.push(startPump(way.read, isTerminal ? way.write : null, target, tap()));
      }
    },
    resize(columns, rows) {
      const ptys = ways.flatMap(({ pty }) => pty ?? []);
      for (const pty of ptys) pty.resize(columns, rows);
      return ptys.length > 0;
    },
    async drain() {
      for (const pump of pumps) await pump.drain();
    },
  };
}

function openWay(fd: number, { columns, rows }: Size, notes: string[]): Way | null {
  if (isatty(fd)) {
    const pty = openPty(columns, rows);
    if (pty !== null) return { read: pty.master, write: pty.slave, pty };
    notes.push(
      'no pseudo-terminal on this host (the optional package @lydell/node-pty has no binary for it): the command keeps the terminal to itself, and its progress is not read. Let it write to a file, and pass --progress FILE.',
    );
    return null;
  }
  const way = openFifo();
  if (way === null) notes.push('no pipe could be made: the progress is not read');
  return way;
}

/** A pipe of the kernel; what Node makes for children is a socket, and /dev/stdout of a socket can't be opened. */
function openFifo(): Way | null {
  const folder = mkdtempSync(join(tmpdir(), 'gpucost-'));
  try {
    const path = join(folder, 'output');
    if (spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' }).status !== 0) return null;
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { read, write: openSync(path, constants.O_WRONLY), pty: null };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `2>&1` on one pipe, file or terminal: the order of what is written to both must stay. */
function isSame(a: number, b: number): boolean {
  try {
    const [x, y] = [fstatSync(a), fstatSync(b)];
    return x.dev === y.dev && x.ino === y.ino && x.rdev === y.rdev;
  } catch {
    return false;
  }
}
