import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../../errors.ts';
import type { ImportOptions } from './options.ts';

/** Without a byte for so long a download is given up; whole lists take minutes. */
const silenceMs = 30_000;
/** The longest price list of Azure is some hundreds of pages. */
const mostPages = 5_000;
/** Of one JSON document, which is held in memory; a page of Azure's list is below 1 MB. */
const largestJson = 64_000_000;

/** The text of a file or address in pieces; throws UsageError for what can't be opened or is not allowed. */
export async function* openText(options: ImportOptions): AsyncGenerator<string> {
  const bytes = isAddress(options.source)
    ? Readable.from(download(options.source, options))
    : await openFile(options.source);
  const plain = unpacked(bytes, options.source);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of plain) {
      if (piece instanceof Uint8Array) yield decoder.decode(piece, { stream: true });
    }
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(
      `${options.source}: can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** The JSON documents of a source: one, a list of pages, a page a line; at an address with a link to the next page all of them. */
export async function* openPages(options: ImportOptions): AsyncGenerator<unknown> {
  if (!isAddress(options.source)) {
    yield* filePages(options.source);
    return;
  }
  let next: string | null = options.source;
  for (let i = 0; next !== null && i < mostPages; i += 1) {
    const page = parse(await textOf(next, options), next, true);
    yield page;
    next = nextLink(page, next);
  }
}

async function textOf(address: string, options: ImportOptions): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of download(address, options)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > largestJson) {
      throw new UsageError(`${address}: a JSON document of more than ${largestJson} bytes`);
    }
  }
  return text + decoder.decode();
}

async function* filePages(path: string): AsyncGenerator<unknown> {
  const stream = await openFile(path);
  const plain = unpacked(stream, path);
  let text = '';
  for await (const line of createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })) {
    text += `${line}\n`;
    if (text.length > largestJson) {
      throw new UsageError(`${path}: a JSON document of more than ${largestJson} bytes`, {
        hint: 'Save the pages one a line.',
      });
    }
    // A page a line: each is whole by itself. A page over many lines is whole at the end only.
    const page =
      /^\s*\{.*\}\s*$/.test(line) && text === `${line}\n` ? parse(text, path, false) : undefined;
    if (page !== undefined) {
      yield page;
      text = '';
    }
  }
  if (text.trim() === '') return;
  const whole = parse(text, path, true);
  if (Array.isArray(whole)) yield* whole;
  else yield whole;
}

function parse(text: string, path: string, isLast: boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    if (!isLast) return undefined;
    throw new UsageError(
      `${path}: expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function unpacked(bytes: Readable, name: string): Readable {
  if (!/\.gz$/i.test(name)) return bytes;
  // The reader of the end sees an error of either.
  return pipeline(bytes, createGunzip(), () => undefined);
}

/** Only from the same origin: a list must not send us elsewhere. */
function nextLink(page: unknown, from: string): string | null {
  if (typeof page !== 'object' || page === null || !('NextPageLink' in page)) return null;
  const link = page.NextPageLink;
  if (typeof link !== 'string' || link === '') return null;
  const url = new URL(link, from);
  return url.origin === new URL(from).origin ? url.href : null;
}

function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

async function openFile(path: string) {
  try {
    if ((await stat(path)).isDirectory())
      throw new UsageError(`${path}: expected a file, got a folder`);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(
      `${path}: can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return createReadStream(path);
}

/** The body of an answer, given up after a silence; the caller reads it once. */
async function* download(address: string, options: ImportOptions): AsyncGenerator<Uint8Array> {
  if (!options.isNetworkAllowed) {
    throw new UsageError(`${address}: the network may not be used`, {
      hint: 'Leave out --no-network, or download the file and name it.',
    });
  }
  if (!/^https:|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/]/i.test(address)) {
    throw new UsageError(`${address}: expected an https address`, {
      hint: 'Prices must not be changed on the way.',
    });
  }
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), options.silenceMs ?? silenceMs);
  try {
    const response = await fetch(address, { signal: controller.signal });
    if (!response.ok || response.body === null) {
      throw new UsageError(
        `${address}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
      );
    }
    for await (const piece of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), options.silenceMs ?? silenceMs);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = controller.signal.aborted ? 'no answer in time' : reasonOf(cause);
    throw new UsageError(`${address}: can't be downloaded: ${reason}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says "fetch failed" and keeps the reason as its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
