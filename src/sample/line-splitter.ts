import { StringDecoder } from 'node:string_decoder';

/** A line longer than any that nvidia-smi prints; what exceeds it is cut, so that memory stays bounded. */
const longestLine = 64 * 1024;

export interface LineSplitter {
  /** The lines that the chunk completes, without LF or CRLF. */
  push(chunk: Buffer): readonly string[];
  /** What came after the last line end. */
  rest(): string;
}

/** Cuts a byte stream into lines; characters and lines may be torn across chunks. */
export function lineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(chunk) {
      const text = rest + decoder.write(chunk);
      const lines = text.split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    },
    rest: () => rest,
  };
}
