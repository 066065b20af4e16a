const newline = 0x0a;

/** Longer than any segment's longest line; what is longer is no session, and must not fill the memory. */
const mostBytes = 256 * 1024 * 1024;

/** Cuts bytes into lines across chunks. */
export interface LineSplitter {
  /** Calls back for each line that is complete, without its newline; the bytes are valid during the call only. */
  push(chunk: Buffer, onLine: (line: Buffer) => void): void;
  /** What follows the last newline: a line that was torn, or is being written. */
  rest(): Buffer;
}

export function newLineSplitter(): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  return {
    push(chunk, onLine) {
      let at = 0;
      for (;;) {
        const end = chunk.indexOf(newline, at);
        if (end < 0) break;
        if (parts.length > 0) {
          parts.push(chunk.subarray(at, end));
          const line = Buffer.concat(parts);
          parts = [];
          size = 0;
          onLine(line);
        } else if (end > at) onLine(chunk.subarray(at, end));
        at = end + 1;
      }
      if (at === chunk.length) return;
      size += chunk.length - at;
      if (size > mostBytes) throw new RangeError(`a line of more than ${mostBytes} bytes`);
      parts.push(chunk.subarray(at));
    },
    rest: () => Buffer.concat(parts),
  };
}
