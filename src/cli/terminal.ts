import { isatty } from 'node:tty';
import type { RenderOptions } from '../render/renderer.ts';

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  getColorDepth?(env?: object): number;
}

/** stdout or stderr, whichever is a terminal; a pipe is not touched, since Node would make it non-blocking. */
export function terminalStream(): NodeJS.WriteStream | null {
  if (isatty(1)) return process.stdout;
  return isatty(2) ? process.stderr : null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Columns to assume where output is no terminal: fits a review window and a CI log. */
const unknownWidth = 100;

/** Whether there is room to draw: a terminal that nobody gave a size (`script`, some CI) has 0 columns and rows. */
export function hasArea({ columns = 0, rows = 0 }: Stream): boolean {
  return columns > 0 && rows > 0;
}

/** Colour, width and characters for text that goes to this stream. */
export function renderOptionsFor(
  stream: Stream,
  env: Environment,
  choice: { readonly color: boolean; readonly verbose: boolean },
): RenderOptions {
  const asked = Number(env['COLUMNS']);
  return {
    colorLevel: choice.color ? colorLevel(stream, env) : 0,
    width: stream.columns ?? (Number.isInteger(asked) && asked > 0 ? asked : unknownWidth),
    // The Linux console and dumb terminals have no block characters.
    unicode: !['dumb', 'linux'].includes(env['TERM'] ?? ''),
    verbose: choice.verbose,
  };
}

/** FORCE_COLOR beats NO_COLOR beats the terminal, as in Node itself; 0 where output is no terminal. */
function colorLevel(stream: Stream, env: Environment): RenderOptions['colorLevel'] {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0;
    return forced === '2' ? 2 : forced === '3' ? 3 : 1;
  }
  if ((env['NO_COLOR'] ?? '') !== '' || stream.isTTY !== true) return 0;
  // Node takes an empty NO_COLOR for a set one; by no-color.org it is not.
  const depth = stream.getColorDepth?.({ ...env, NO_COLOR: undefined }) ?? 1;
  if (depth >= 24) return 3;
  if (depth >= 8) return 2;
  return depth >= 4 ? 1 : 0;
}
