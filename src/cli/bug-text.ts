import { inspect } from 'node:util';
import { readVersion } from './version.ts';

/** What to say of an error that only a mistake of ours can cause; `then` says what becomes of the work. */
export function bugText(error: unknown, then = ''): string {
  const version = `gpucost ${readVersion()} (Node ${process.versions.node})`;
  return `${inspect(error)}\n\n${then}This is a bug in ${version}. Please report it with the text above; \`npm bugs gpucost\` shows where.`;
}
