/** The longest comment that GitHub takes, in characters. */
export const longestComment = 65_536;

const cutWord =
  '\n\n_Cut here: the report is longer than a comment may be. The whole of it is in the job summary and the report files._\n';

/** Markdown that fits into a comment: cut between lines, and before a table rather than inside of it, and says so. */
export function fitComment(markdown: string, longest: number = longestComment): string {
  if (markdown.length <= longest) return markdown;
  const lines = markdown.split('\n');
  const room = longest - cutWord.length;
  let kept = 0;
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 > room) break;
    length += line.length + 1;
    kept += 1;
  }
  const isTable = (index: number): boolean => (lines[index] ?? '').startsWith('|');
  if (isTable(kept)) while (kept > 1 && isTable(kept - 1)) kept -= 1;
  return `${lines.slice(0, kept).join('\n').trimEnd()}${cutWord}`;
}
