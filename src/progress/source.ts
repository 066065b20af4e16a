/** Where progress is read, and how it is recognised. */
export type ProgressSource =
  | { readonly from: 'output'; readonly expression: string | null }
  | { readonly from: 'file'; readonly path: string };

/** What `--progress` asks for: `auto`, an expression (told by its named groups), or else a file. */
export function progressSource(text: string): ProgressSource {
  if (text === 'auto') return { from: 'output', expression: null };
  if (text.includes('(?<')) return { from: 'output', expression: text };
  return { from: 'file', path: text };
}
