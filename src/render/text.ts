import stringWidth from 'string-width';

/**
 * Names of processes, GPUs and hosts are whatever their owner wrote: control characters, escape
 * sequences and direction marks become visible or vanish, so that they can't repaint a terminal. What a CI log would
 * take for a command gets a backslash.
 */
export function plain(text: string): string {
  return text
    .replace(unseen, '')
    .replace(control, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(commandAtStart, '$1\\::')
    .replaceAll('##[', '##\\[');
}

/*
 * GitHub's runner obeys `::name` where a line begins with it, spaces aside, and `##[name]` anywhere in a line
 * (actions/runner, ActionCommand.cs). Lines break at spaces, so each word may come to begin one.
 */
const commandAtStart = /(^|\s)::(?=[a-z])/gi;

// C0, DEL and C1: an ESC or a CSI byte starts a terminal command.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/g;

// Zero-width and bidirectional controls (Unicode TR36): they hide or reorder what is read.
const unseen = /[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Columns that the text takes in a terminal: CJK and emoji are two wide. */
export function width(text: string): number {
  return stringWidth(text);
}

/** Cuts to a number of columns; what was cut shows as an ellipsis. */
export function truncate(text: string, columns: number, ellipsis = '…'): string {
  if (width(text) <= columns) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (width(kept + segment) + width(ellipsis) > columns) break;
    kept += segment;
  }
  return kept + ellipsis;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text;
}

/** Breaks text at spaces into lines of at most `columns`; a word that is longer stands alone. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && width(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** A bar of `columns` for a share of 0–1, in eighths of a column where the terminal has them. */
export function bar(share: number, columns: number, unicode: boolean): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * columns * 8);
  if (!unicode) return '#'.repeat(Math.round(eighths / 8));
  return '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
}

/** `0–3, 5` from indexes in any order. */
export function ranges(indexes: readonly number[], dash: string): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const parts: string[] = [];
  let from = sorted[0];
  for (const [position, index] of sorted.entries()) {
    if (sorted[position + 1] === index + 1) continue;
    parts.push(from === index ? `${index}` : `${from}${dash}${index}`);
    from = sorted[position + 1];
  }
  return parts.join(', ');
}

const sparks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One column a value of 0–1; an unknown value is a gap. */
export function sparkline(values: readonly (number | null)[], unicode: boolean): string {
  return values
    .map((value) => {
      if (value === null || Number.isNaN(value)) return unicode ? '·' : '?';
      const level = Math.min(7, Math.floor(Math.max(0, value) * 8));
      return unicode ? sparks[level] : '_.,-=+*#'[level];
    })
    .join('');
}
