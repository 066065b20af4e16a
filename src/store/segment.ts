import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, gunzip } from 'node:zlib';
import { isErrno } from './errno.ts';

/** One file of a session, by its number; where a crash left both forms, the compressed one is whole and wins. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly isCompressed: boolean;
}

const segmentName = /^(\d{6,})\.jsonl(\.gz)?$/;

export function plainName(number: number): string {
  return `${String(number).padStart(6, '0')}.jsonl`;
}

/** The segments of a session folder in order; empty where the folder holds none. */
export async function listSegments(folder: string): Promise<readonly Segment[]> {
  const found = new Map<number, Segment>();
  for (const name of await readdir(folder)) {
    const match = segmentName.exec(name);
    if (!match) continue;
    const number = Number(match[1]);
    const isCompressed = match[2] !== undefined;
    if (isCompressed || !found.has(number)) {
      found.set(number, { number, path: join(folder, name), isCompressed });
    }
  }
  return [...found.values()].toSorted((a, b) => a.number - b.number);
}

const inflate = promisify(gunzip);

/**
 * A cut-off gzip file gives what was written until then: with Z_FINISH, the default,
 * zlib would refuse all of it. The chunk holds a usual segment as a whole.
 */
const leniently = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 };

/** Larger files are streamed instead of being held as a whole. */
const mostBytesAtOnce = 4 * 1024 * 1024;

/**
 * Reads a file of a session, compressed or not, in chunks.
 * Throws zlib's error after the chunks that could be read, and the file system's.
 */
export async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const whole = await readAtOnce(path);
  if (whole) yield whole;
  else yield* decompress(createReadStream(path, { highWaterMark: 256 * 1024 }));
}

/** A small file as a whole: four times as fast as streaming it; null where it has to be streamed. */
export async function readAtOnce(path: string): Promise<Buffer | null> {
  const { size } = await stat(path);
  if (size > mostBytesAtOnce) return null;
  const bytes = await readFile(path);
  if (!isGzip(bytes)) return bytes;
  try {
    return await inflate(bytes, leniently);
  } catch (error) {
    // Damaged: the stream gives at least what stands before the damage.
    if (isErrno(error) && error.code?.startsWith('Z_') === true) return null;
    throw error;
  }
}

/** Decompresses a stream where it begins as gzip; several members in a row are one text. */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  let first = await nextBytes(iterator);
  while (first && first.length < 2) {
    const more = await nextBytes(iterator);
    if (!more) break;
    first = Buffer.concat([first, more]);
  }
  if (!first) return;
  const whole = prepend(first, iterator);
  if (!isGzip(first)) {
    yield* whole;
    return;
  }
  const compressed = Readable.from(whole);
  const text = createGunzip(leniently);
  compressed.on('error', (error) => text.destroy(error));
  compressed.pipe(text);
  try {
    for await (const chunk of text) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
  } finally {
    compressed.destroy();
  }
}

/** Null at the end; leaves the iterator open, which `for await` would close. */
export async function nextBytes(iterator: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const result = await iterator.next();
  return result.done === true ? null : result.value;
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (;;) {
      const chunk = await nextBytes(rest);
      if (!chunk) return;
      yield chunk;
    }
  } finally {
    await rest.return?.();
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
