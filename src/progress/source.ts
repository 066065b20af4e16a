import { existsSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/** Where progress is read, and how it is recognised. */
export type ProgressSource =
  | { readonly from: 'output'; readonly expression: string | null }
  | { readonly from: 'file'; readonly path: string };

/** What expressions are written with and names of files seldom are. */
const signs = /[\\()[\]{}*+?^$|]/;

/**
 * What `--progress` asks for: `auto`; an expression, told by its named groups; else a file, which may appear later.
 * Throws UsageError for what looks like an expression, or like a slip for auto, and is no file that exists.
 */
export function progressSource(text: string): ProgressSource {
  if (text === 'auto') return { from: 'output', expression: null };
  if (text.includes('(?<')) return { from: 'output', expression: text };
  if (existsSync(text)) return { from: 'file', path: text };
  if (text.trim() === '') {
    throw new UsageError('--progress expects auto, an expression or a file, got nothing');
  }
  if (signs.test(text)) {
    throw new UsageError(
      `--progress "${text}" is neither an expression that names a counter nor a file that exists: ${reasonAgainst(text)}`,
      {
        hint: "Name a group step, epoch or tokens, such as 'step (?<step>\\d+)/(?<total>\\d+)'; a file with such signs in its name has to exist before the run.",
      },
    );
  }
  if (/^a[uto]{3}$/i.test(text)) {
    throw new UsageError(`--progress "${text}" is neither auto nor a file that exists`, {
      hint: 'Did you mean auto? A file whose name is so near to it has to exist before the run.',
    });
  }
  return { from: 'file', path: text };
}

function reasonAgainst(text: string): string {
  try {
    new RegExp(text, 'iu');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'as an expression it has no named group';
}
