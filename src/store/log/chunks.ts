import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../../errors.ts';

const fileChunkBytes = 256 * 1024;

/**
 * The bytes of a file. Each chunk is valid only until the next one is asked for: two buffers are used in
 * turn, because fresh ones for a file of 80 MB cost more memory than all that is kept of it.
 */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  let current = Buffer.allocUnsafeSlow(fileChunkBytes);
  let other = Buffer.allocUnsafeSlow(fileChunkBytes);
  const read = (into: Buffer) => file.read(into, 0, fileChunkBytes, null);
  let next = read(current);
  try {
    for (;;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) return;
      // The next chunk is read while this one is worked on.
      next = read(other);
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
}

/** The bytes of a stream, which has to be in binary mode. */
export async function* streamChunks(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    const piece: unknown = chunk;
    yield typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array);
  }
}

/**
 * UTF-8 text without a byte-order mark: gunzips by magic bytes and converts UTF-16 (PowerShell's redirection)
 * by its mark, or without one by its zero bytes. A gzip stream that ends too early gives what it holds and
 * calls `onTornGzip`.
 * @throws UsageError for a gzip stream that is damaged
 */
export async function* textChunks(
  name: string,
  raw: AsyncIterable<Uint8Array>,
  onTornGzip: () => void,
): AsyncGenerator<Uint8Array> {
  const [head, bytes] = await peek(raw, 4);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  yield* isGzip ? decoded(gunzipped(name, bytes, onTornGzip)) : decoded(bytes);
}

async function* decoded(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const [head, bytes] = await peek(raw, 4);
  const encoding = utf16Of(head);
  if (encoding !== null) {
    yield* transcoded(bytes, encoding);
    return;
  }
  let skip = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for await (const chunk of bytes) {
    yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = 0;
  }
}

function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
  return null;
}

async function* transcoded(
  raw: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of raw) {
    const text = decoder.decode(chunk, { stream: true });
    if (text.length > 0) yield Buffer.from(text, 'utf8');
  }
  // What the decoder still holds is half a character of a torn last line: it proves that the line is torn.
  const rest = decoder.decode();
  if (rest.length > 0) yield Buffer.from(rest, 'utf8');
}

async function* gunzipped(
  name: string,
  raw: AsyncIterable<Uint8Array>,
  onTornGzip: () => void,
): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(copies(raw));
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'Z_BUF_ERROR') {
      onTornGzip();
      return;
    }
    if (!code.startsWith('Z_')) throw error;
    throw new UsageError(`${name}: the gzip stream is damaged (${code})`, {
      hint: 'Unpack what can be saved with `gzip -dc FILE > gpu.csv` and report on that.',
      cause: error,
    });
  } finally {
    packed.destroy();
  }
}

/** A stream keeps chunks while it works on them, and `fileChunks` uses its buffer again. */
async function* copies(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of raw) yield Buffer.from(chunk);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The first bytes (fewer at the end), and everything including them. */
async function peek(
  raw: AsyncIterable<Uint8Array>,
  count: number,
): Promise<[Uint8Array, AsyncGenerator<Uint8Array>]> {
  const iterator = raw[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let ended = false;
  while (head.length < count && !ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else head = head.length === 0 ? Buffer.from(next.value) : Buffer.concat([head, next.value]);
  }
  const first = head;
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (first.length > 0) yield first;
      while (!ended) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [first, all()];
}
