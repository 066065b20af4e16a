/** Keeps the newest lines of an output that only passes by. */
export interface TextTap {
  add(bytes: Uint8Array): void;
  /** The lines that came since the last call, the oldest first, without escape sequences. */
  take(): readonly string[];
}

/** Of a command that prints more between two looks only the newest part is read. */
const keptBytes = 64 * 1024;

/** A longer line is no progress bar. */
const longestLine = 2000;

/** A line ends with \n or, where a bar is drawn anew, with \r. The last line counts although it has no end yet. */
export function newTextTap(): TextTap {
  let held: Uint8Array[] = [];
  let size = 0;
  let rest = '';
  let lastOpen = '';
  return {
    add(bytes) {
      held.push(bytes.length > keptBytes ? bytes.subarray(-keptBytes) : bytes);
      size += Math.min(bytes.length, keptBytes);
      while (size - (held[0]?.length ?? 0) >= keptBytes) size -= held.shift()?.length ?? 0;
    },
    take() {
      if (held.length === 0) return [];
      const text = rest + Buffer.concat(held).toString('utf8');
      held = [];
      size = 0;
      const lines = text.split(/[\r\n]+/);
      const open = (lines.pop() ?? '').slice(-longestLine);
      // A bar that is drawn as `\r` and its text has no end until it is drawn again.
      const isNew = open !== '' && open !== lastOpen;
      rest = open;
      lastOpen = open;
      return [...lines, ...(isNew ? [open] : [])].flatMap((line) => {
        if (line === '' || line.length > longestLine) return [];
        const shown = line.replace(escapes, '');
        return /\d/.test(shown) ? [shown] : [];
      });
    },
  };
}

// CSI and OSC sequences (ECMA-48), and lone escapes: colours and cursor movements of bars.
const escapes = new RegExp(
  String.raw`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x08`,
  'g',
);
