import { open } from 'node:fs/promises';
import { decompress, isGzip } from './segment.ts';

/** What a file is by its first bytes; `gzip` has to be decompressed to know more, a result is JSON that we wrote. */
export type Sniffed = 'session' | Result | 'gzip' | 'text' | 'empty';

type Result = 'report' | 'diff' | 'whatif';

const sessionLine = /^\s*\{\s*"kind"\s*:\s*"/;

const resultSchema = /^(?:\u00ef\u00bb\u00bf)?\s*\{\s*"schema"\s*:\s*"gpucost\.(\w+)\//;

/** Tells a session and our results from a CSV log by the first bytes; 64 are enough. */
export function sniff(firstBytes: Uint8Array): Sniffed {
  if (firstBytes.length === 0) return 'empty';
  if (isGzip(firstBytes)) return 'gzip';
  const start = Buffer.from(firstBytes.subarray(0, 64)).toString('latin1');
  if (sessionLine.test(start)) return 'session';
  const [, schema] = resultSchema.exec(start) ?? [];
  return schema === 'report' || schema === 'diff' || schema === 'whatif' ? schema : 'text';
}

/**
 * Tells a session from a CSV log, decompressing what is gzip.
 * @throws what the file system says, and zlib's error for gzip that is damaged at its start.
 */
export async function sniffFile(path: string): Promise<Exclude<Sniffed, 'gzip'>> {
  const file = await open(path);
  try {
    const stream = file.createReadStream({ autoClose: false, highWaterMark: 64 * 1024 });
    for await (const chunk of decompress(stream)) {
      const found = sniff(chunk);
      // Gzip in gzip is neither a session nor a log.
      return found === 'gzip' ? 'text' : found;
    }
    return 'empty';
  } finally {
    await file.close();
  }
}
