import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder of all stored data: `GPUCOST_HOME`, else `$XDG_DATA_HOME/gpucost`, else `~/.local/share/gpucost`.
 * A relative XDG_DATA_HOME is passed over, as the XDG base directory specification says.
 */
export function dataFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment['GPUCOST_HOME'];
  if (own) return resolve(own);
  const xdg = environment['XDG_DATA_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'gpucost');
  return join(environment['HOME'] || homedir(), '.local', 'share', 'gpucost');
}

/** Where the sessions of a data folder are. */
export function sessionsFolder(home: string): string {
  return join(home, 'sessions');
}

/** A session's id: when it began (UTC), so that ids sort by time, and three letters against two at once. */
export function newSessionId(startedAtMs: number, random: () => number = Math.random): string {
  const [date = '', time = ''] = new Date(startedAtMs).toISOString().split('T');
  const letters = 'bcdfghjkmnpqrstvwxz';
  let end = '';
  for (let i = 0; i < 3; i++) end += letters[Math.floor(random() * letters.length)] ?? 'z';
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${end}`;
}

/** Whether a text can be a session's id or the beginning of one: never a path out of the folder. */
export function isIdPrefix(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
}
