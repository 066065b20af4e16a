import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
// The bundle's own banner declares createRequire.
import { createRequire as requireFrom } from 'node:module';

/** A pseudo-terminal: what is written to `slave` is read from `master`. */
export interface Pty {
  readonly master: number;
  readonly slave: number;
  resize(columns: number, rows: number): void;
}

interface Native {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
  resize(master: number, columns: number, rows: number): void;
}

/**
 * Opens a pseudo-terminal that passes bytes on as they are. Null where the optional package has no binary for this
 * host (musl, other processors, installed without optional packages) or the kernel gives none.
 */
export function openPty(columns: number, rows: number): Pty | null {
  const native = loadNative();
  if (native === null) return null;
  let opened: { master: number; slave: number; pty: string };
  try {
    opened = native.open(columns, rows);
  } catch {
    return null;
  }
  // Opened anew so that it is closed on exec: a sampling child that held it would hide the command's end.
  let slave: number;
  try {
    slave = openSync(opened.pty, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    closeSync(opened.master);
    closeSync(opened.slave);
    return null;
  }
  closeSync(opened.slave);
  // The real terminal turns \n into \r\n; done twice, it would be \r\r\n.
  spawnSync('stty', ['-opost'], { stdio: [slave, 'ignore', 'ignore'] });
  const { master } = opened;
  return {
    master,
    slave,
    resize: (width, height) => native.resize(master, width, height),
  };
}

function loadNative(): Native | null {
  try {
    const load = requireFrom(import.meta.url);
    // The package's JavaScript starts processes in a session of their own; only its binary is used.
    const loader: unknown = load('@lydell/node-pty/requireBinary.js');
    if (!isLoader(loader)) return null;
    const native: unknown = loader.requireBinary('pty.node');
    return isNative(native) ? native : null;
  } catch {
    return null;
  }
}

function isLoader(value: unknown): value is { requireBinary(file: string): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'requireBinary' in value &&
    typeof value.requireBinary === 'function'
  );
}

function isNative(value: unknown): value is Native {
  return (
    typeof value === 'object' &&
    value !== null &&
    'open' in value &&
    typeof value.open === 'function' &&
    'resize' in value &&
    typeof value.resize === 'function'
  );
}
