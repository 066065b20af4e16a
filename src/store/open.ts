import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import { isErrno } from './errno.ts';
import { isFields } from './fields-check.ts';
import { type ReadHeader, readHeader } from './header.ts';
import { newItemReader, parseLine } from './items.ts';
import type { Recording, RecordingItem } from './recording.ts';
import {
  decompress,
  isDamage,
  listSegments,
  nextBytes,
  readSegments,
  type SegmentText,
  segmentNumber,
} from './segment.ts';
import { newLineSplitter } from './split-lines.ts';

/**
 * Opens a session: its folder, one of its segments, or a file of segments one behind the other, compressed or not.
 * It may still be written: what is there by then is read. A session without an end was cut off, and ends with its last line.
 * @throws UsageError where there is no session, it can't be read, or a later version wrote it.
 */
export async function openSession(path: string): Promise<Recording> {
  const name = basename(path);
  const files = await filesOf(path);
  const first = await headerOfFile(files[0] ?? path, name);
  const last = files.length > 1 ? await lastHeader(files, name) : first;
  const number = segmentNumber(files[0] ?? path) ?? 1;
  const whole = recording(name, first, last ?? first, () => readSegments(files));
  return number === 1 ? whole : laterPart(whole, number);
}

/**
 * Reads a session from a stream, such as what `watch --json` prints; its items can be read once.
 * @throws UsageError where the stream is no session or a later version's.
 */
export async function readSessionStream(
  source: AsyncIterable<Buffer>,
  name: string,
): Promise<Recording> {
  const chunks = decompress(source)[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  const header = await headerOf({ name, chunks: remember(chunks, head) }, name);
  return recording(name, header, header, () => one({ name, chunks: replay(head, chunks) }));
}

function recording(
  name: string,
  first: ReadHeader,
  last: ReadHeader,
  open: () => AsyncIterable<SegmentText>,
): Recording {
  return {
    kind: 'session',
    name,
    host: last.host,
    // A machine may be known only some time after watching began.
    machine: last.machine ?? first.machine,
    startedAt: first.startedAt,
    intervalMs: first.intervalMs,
    wrapsCommand: first.command !== null,
    items: () => readItems(name, open()),
  };
}

/** Its header restates when the session began: that time was watched, but what was seen then is not here. */
function laterPart(whole: Recording, number: number): Recording {
  const message = `${whole.name}: begins with segment ${number} of its session; the time before its first reading is left out`;
  return {
    ...whole,
    startedAt: null,
    async *items() {
      yield { kind: 'warning', code: 'session-partial', message };
      yield* whole.items();
    },
  };
}

async function* readItems(
  name: string,
  source: AsyncIterable<SegmentText>,
): AsyncGenerator<RecordingItem> {
  const reader = newItemReader(name);
  for await (const part of source) {
    const lines = newLineSplitter();
    try {
      for await (const chunk of part.chunks) {
        lines.push(chunk, (line) => reader.line(line));
        yield* reader.take();
      }
    } catch (error) {
      if (!isDamage(error)) throw unreadable(part.name, error);
      reader.warn(
        'session-damaged',
        `${part.name}: damaged (${error.message}); what follows is lost`,
      );
    }
    reader.rest(lines.rest());
    yield* reader.take();
  }
  yield* reader.finish();
}

async function filesOf(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const segments = await listSegments(path);
    if (segments.length > 0) return segments.map((segment) => segment.path);
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new UsageError(`${path}: no session in this folder`, {
    hint: 'A session folder holds 000001.jsonl or 000001.jsonl.gz; `gpucost sessions list` shows what is stored.',
  });
}

async function headerOf(part: SegmentText, name: string): Promise<ReadHeader> {
  const lines = newLineSplitter();
  let first: Buffer | null = null;
  try {
    for await (const chunk of part.chunks) {
      lines.push(chunk, (line) => {
        first ??= Buffer.from(line);
      });
      if (first) break;
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw unreadable(part.name, error);
  }
  const line = parseLine(first ?? lines.rest());
  if (isFields(line) && line['kind'] === 'header') return readHeader(line, name);
  throw new UsageError(`${name}: not a gpucost session: its first line is no header`, {
    hint: 'A session begins with {"kind":"header","schema":"gpucost.session/1",…',
  });
}

async function headerOfFile(path: string, name: string): Promise<ReadHeader> {
  for await (const part of readSegments([path])) return headerOf(part, name);
  throw unreadable(path, new Error('no such file'));
}

/** Of the last file that has one: a recorder that was cut off may have left an empty one. */
async function lastHeader(files: readonly string[], name: string): Promise<ReadHeader | null> {
  for (const file of files.toReversed()) {
    try {
      return await headerOfFile(file, name);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return null;
}

async function* one(part: SegmentText): AsyncGenerator<SegmentText> {
  yield part;
}

async function* remember(source: AsyncIterator<Buffer>, head: Buffer[]): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = await nextBytes(source);
    if (!chunk) return;
    head.push(chunk);
    yield chunk;
  }
}

async function* replay(
  head: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  yield* head;
  for (;;) {
    const chunk = await nextBytes(rest);
    if (!chunk) return;
    yield chunk;
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  const hints: Readonly<Record<string, string>> = {
    ENOENT: 'Check the path; `gpucost sessions list` shows what is stored.',
    EACCES: 'Ask the one who recorded it, or run as that user: sessions are private.',
  };
  const hint = hints[error.code ?? ''];
  const message = `${path}: cannot be read: ${error.message}`;
  return new UsageError(message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
