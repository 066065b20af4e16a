import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../../errors.ts';
import type { ImportOptions } from './options.ts';

const timeoutMs = 60_000;
/** The longest price list of Azure is some hundreds of pages. */
const mostPages = 5_000;
/** Of one JSON document, which is held in memory; a page of Azure's list is below 1 MB. */
const largestJson = 64_000_000;

/** The text of a file or address in pieces; throws UsageError for what can't be opened or is not allowed. */
export async function* openText(options: ImportOptions): AsyncGenerator<string> {
  const bytes = isAddress(options.source)
    ? Readable.fromWeb((await download(options.source, options)).body)
    : await openFile(options.source);
  const plain = /\.gz$/i.test(options.source) ? bytes.pipe(createGunzip()) : bytes;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of plain) {
      if (piece instanceof Uint8Array) yield decoder.decode(piece, { stream: true });
    }
    yield decoder.decode();
  } catch (cause) {
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
    const response = await download(next, options);
    const page: unknown = await new Response(response.body).json();
    yield page;
    next = nextLink(page, next);
  }
}

async function* filePages(path: string): AsyncGenerator<unknown> {
  const stream = await openFile(path);
  const plain = /\.gz$/i.test(path) ? stream.pipe(createGunzip()) : stream;
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

/** Only on the same host: a list must not send us elsewhere. */
function nextLink(page: unknown, from: string): string | null {
  if (typeof page !== 'object' || page === null || !('NextPageLink' in page)) return null;
  const link = page.NextPageLink;
  if (typeof link !== 'string' || link === '') return null;
  const url = new URL(link, from);
  return url.host.split(':')[0] === new URL(from).host.split(':')[0] && url.protocol === 'https:'
    ? url.href
    : null;
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

async function download(address: string, options: ImportOptions) {
  if (!options.isNetworkAllowed) {
    throw new UsageError(`${address}: the network may not be used`, {
      hint: 'Leave out --no-network, or download the file and name it.',
    });
  }
  if (!/^https:/i.test(address)) {
    throw new UsageError(`${address}: expected an https address`, {
      hint: 'Prices must not be changed on the way.',
    });
  }
  const response = await fetchOrThrow(address);
  if (!response.ok || response.body === null) {
    throw new UsageError(
      `${address}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  return { body: response.body };
}

async function fetchOrThrow(address: string): Promise<Response> {
  try {
    return await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    const inner =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new UsageError(`${address}: can't be downloaded: ${inner}`, { cause });
  }
}
