import { type ErrorDetail, UsageError } from '../errors.ts';

/** A place in a file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong at a place of a file; `key` is empty where it concerns more than one key. */
export interface Problem extends Place {
  readonly key: string;
  readonly message: string;
}

const mostShown = 20;

/** All problems of one file as `name:line:column: key: message` lines, in the order of the file. */
export function problemsError(
  name: string,
  problems: readonly Problem[],
  detail: ErrorDetail = {},
): UsageError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted
    .slice(0, mostShown)
    .map(({ line, column, key, message }) =>
      [`${name}:${line}:${column}`, ...(key === '' ? [] : [key]), message].join(': '),
    );
  if (sorted.length > mostShown)
    lines.push(`${name}: and ${sorted.length - mostShown} more problems`);
  return new UsageError(lines.join('\n'), detail);
}

/** A value or a key for a message: one line, at most 40 characters. */
export function quoteShort(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`;
}
