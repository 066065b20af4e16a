import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

/** The number in a segment's file name; null where it is named otherwise. */
export function segmentNumber(path: string): number | null {
  const match = segmentName.exec(basename(path));
  return match ? Number(match[1]) : null;
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

/** A cut-off gzip file gives what was written until then: with Z_FINISH, the default, zlib would refuse all of it. */
const leniently = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 };

/** Larger files are streamed instead of being held as a whole. */
const mostBytesAtOnce = 4 * 1024 * 1024;

/** A small file as a whole, as far as it can be read; null where it is large and has to be streamed. */
async function readAtOnce(path: string): Promise<{ bytes: Buffer; damage: unknown } | null> {
  // Synchronously: five turns of the thread pool for each of a week's thousand segments take longer than reading them.
  if (statSync(path).size > mostBytesAtOnce) return null;
  const bytes = readFileSync(path);
  if (!isGzip(bytes)) return { bytes, damage: null };
  try {
    return {
      bytes: await inflate(bytes, { ...leniently, chunkSize: textSize(bytes) }),
      damage: null,
    };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { bytes: await salvage(bytes), damage: error };
  }
}

/**
 * Room for the text of a gzip file as a whole, by the size at its end (RFC 1952, ISIZE): in pieces it would take twice
 * the memory. A torn file has any number there, and several members give the last one's.
 */
function textSize(bytes: Buffer): number {
  const size = bytes.length >= 4 ? bytes.readUInt32LE(bytes.length - 4) : 0;
  return Math.min(mostBytesAtOnce, Math.max(leniently.chunkSize, size + 1));
}

/** What can be decompressed of damaged gzip. */
async function salvage(bytes: Buffer): Promise<Buffer> {
  const whole: Buffer[] = [];
  await new Promise<void>((resolve) => {
    const text = createGunzip({ ...leniently, chunkSize: 1024 });
    text.on('data', (chunk: Buffer) => whole.push(chunk));
    // The damage is known already; this says where it is.
    text.on('error', () => resolve());
    text.on('end', () => resolve());
    text.end(bytes);
  });
  return Buffer.concat(whole);
}

/** Whether zlib found that bytes are not what was compressed. */
export function isDamage(error: unknown): error is NodeJS.ErrnoException {
  return isErrno(error) && error.code?.startsWith('Z_') === true;
}

/** A file of a session, decompressed; `chunks` throws zlib's error behind what could be read, and the file system's. */
export interface SegmentText {
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
}

/** How many files are read and decompressed, by other threads, while one is being decoded. */
const ahead = 2;

/** Reads files of a session one after the other. A segment that is finished meanwhile is found under its new name. */
export async function* readSegments(files: readonly string[]): AsyncGenerator<SegmentText> {
  const reading: Promise<Loaded>[] = [];
  for (const [i, path] of files.entries()) {
    for (const next of files.slice(i + reading.length, i + 1 + ahead)) reading.push(load(next));
    const loaded = await reading.shift();
    if (loaded) yield { name: basename(path), chunks: chunksOf(loaded) };
  }
}

/** An error is kept as a value: it belongs to the file's turn, which may never come. */
type Loaded =
  | { readonly path: string; readonly read: { bytes: Buffer; damage: unknown } | null }
  | { readonly error: unknown };

async function load(path: string): Promise<Loaded> {
  try {
    return { path, read: await readAtOnce(path) };
  } catch (error) {
    const isGone = isErrno(error) && error.code === 'ENOENT';
    return isGone && !path.endsWith('.gz') ? load(`${path}.gz`) : { error };
  }
}

async function* chunksOf(loaded: Loaded): AsyncGenerator<Buffer> {
  if ('error' in loaded) throw loaded.error;
  if (loaded.read) {
    yield loaded.read.bytes;
    if (loaded.read.damage !== null) throw loaded.read.damage;
  } else yield* decompress(createReadStream(loaded.path, { highWaterMark: 256 * 1024 }));
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
