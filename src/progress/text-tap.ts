/** Keeps the newest lines of an output that only passes by. */
export interface TextTap {
  /** `hasGap`: something is missing before these bytes, so that what comes before the next line end is a part of a line. */
  add(bytes: Uint8Array, hasGap?: boolean): void;
  /** The lines that came since the last call, the oldest first, without escape sequences. */
  take(): readonly string[];
}

/** Of a command that prints more between two looks only the newest part is read. */
const keptBytes = 64 * 1024;

/** A longer line is no progress bar. */
const longestLine = 2000;

/**
 * A line ends with \n or, where a bar is drawn anew, with \r. Output comes in blocks that end anywhere, also within a
 * number, so that a line without an end is read only where it is a bar of tqdm that has come to its `]`.
 */
export function newTextTap(): TextTap {
  let held: Uint8Array[] = [];
  let size = 0;
  let hasGap = false;
  let decoder = new TextDecoder();
  let rest = '';
  let lastBar = '';
  return {
    add(bytes, isBehindGap = false) {
      if (isBehindGap || bytes.length > keptBytes) {
        held = [];
        size = 0;
        hasGap = true;
      }
      const kept = bytes.length > keptBytes ? bytes.subarray(-keptBytes) : bytes;
      held.push(kept);
      size += kept.length;
      while (size - (held[0]?.length ?? 0) >= keptBytes) {
        size -= held.shift()?.length ?? 0;
        hasGap = true;
      }
    },
    take() {
      if (held.length === 0) return [];
      if (hasGap) {
        decoder = new TextDecoder();
        rest = '';
      }
      let text = rest + decoder.decode(Buffer.concat(held), { stream: true });
      held = [];
      size = 0;
      if (hasGap) {
        const end = text.search(/[\r\n]/);
        rest = '';
        if (end === -1) return [];
        text = text.slice(end);
        hasGap = false;
      }
      const end = Math.max(text.lastIndexOf('\r'), text.lastIndexOf('\n'));
      // With its \r, which says how it began; and longer than the longest, so that it stays too long.
      rest = text.slice(Math.max(end, 0)).slice(0, longestLine + 2);
      const lines = end === -1 ? [] : text.slice(0, end).split(/[\r\n]+/);
      const bar = isWholeBar(rest) && rest !== lastBar ? [rest.slice(1)] : [];
      if (bar.length > 0) lastBar = rest;
      return [...lines, ...bar].flatMap((line) => {
        if (line === '' || line.length > longestLine) return [];
        const shown = line.replace(escapes, '');
        return /\d/.test(shown) ? [shown] : [];
      });
    },
  };
}

/** tqdm draws `\r{label}: {percent}%|{bar}| {n}/{total} [{time}, {rate}]`, and ends the line with the next drawing. */
function isWholeBar(open: string): boolean {
  if (!open.startsWith('\r') || open.length > longestLine) return false;
  return /(?:%\|[^|]*\|\s*[\d.]+[kMGTP]?\/[\d.]+[kMGTP]?|\dit) \[[^[\]]*\]\s*$/.test(
    open.replace(escapes, ''),
  );
}

// CSI and OSC sequences (ECMA-48), and lone escapes: colours and cursor movements of bars.
const escapes = new RegExp(
  String.raw`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x08`,
  'g',
);
