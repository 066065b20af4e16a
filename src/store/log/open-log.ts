import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { UsageError } from '../../errors.ts';
import type { Recording, RecordingItem } from '../recording.ts';
import { fileChunks, streamChunks, textChunks } from './chunks.ts';
import { LogParser } from './log-parser.ts';
import { checkOptions, type LogOptions } from './options.ts';
import { refusal } from './refusal.ts';

/** Longer than the header of all fields (8 KB) and short enough to stop early on a file without lines. */
const longestLine = 1024 * 1024;
const firstBytes = 256 * 1024;

/**
 * Opens any `nvidia-smi --query-gpu … --format=csv` output from a stream, packed or not; `source.name` is for
 * people. Reads the beginning; the rest is read by `items()`, in bounded memory.
 * @throws UsageError (here or from `items()`) for what is no such log or can't be read without guessing
 */
export async function openLog(
  source: { readonly name: string; readonly stream: Readable },
  options: LogOptions = {},
): Promise<Recording> {
  return open(source.name, streamChunks(source.stream), options);
}

/**
 * Opens a log file; see `openLog`.
 * @throws UsageError also for a file that does not exist or can't be read
 */
export async function openLogFile(path: string, options: LogOptions = {}): Promise<Recording> {
  try {
    return await open(basename(path), fileChunks(path), options);
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error ? unreadable.get(error.code) : undefined;
    if (reason === undefined) throw error;
    throw new UsageError(`${path}: ${reason}`, {
      hint: 'Check the path and its permissions.',
      cause: error,
    });
  }
}

const unreadable: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'is a folder, not a log'],
  ['EACCES', 'must not be read by this user'],
]);

async function open(
  name: string,
  raw: AsyncGenerator<Uint8Array>,
  options: LogOptions,
): Promise<Recording> {
  checkOptions(options);
  const parser = new LogParser(name, options);
  const items = read(name, raw, parser);
  // The first item is a marker: what can be refused at once has been refused before it.
  await items.next();
  let isRead = false;
  return {
    kind: 'nvidia-smi-csv',
    name,
    host: null,
    machine: null,
    startedAt: null,
    intervalMs: parser.hasTimes ? null : (options.intervalMs ?? null),
    wrapsCommand: false,
    items() {
      if (isRead) throw new Error('the items of a recording can be read once');
      isRead = true;
      return items;
    },
  };
}

async function* read(
  name: string,
  raw: AsyncGenerator<Uint8Array>,
  parser: LogParser,
): AsyncGenerator<RecordingItem> {
  const chunks = textChunks(name, raw, () =>
    parser.warnings.note('torn-line', 'gzip', 0, () => `${name}: the gzip stream is cut off`),
  );
  let buffer = Buffer.allocUnsafeSlow(2 * firstBytes);
  let held = 0;
  let seen = 0;
  let isOpen = false;
  for await (const chunk of chunks) {
    if (held + chunk.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (held + chunk.length));
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
    }
    buffer.set(chunk, held);
    held += chunk.length;
    seen += chunk.length;
    // A stream comes in small pieces; the beginning is judged as a whole.
    if (!isOpen && seen < firstBytes) continue;
    held = parseLines(name, parser, buffer, held);
    if (!isOpen) {
      parser.judgeOrder();
      isOpen = true;
      yield marker;
    }
    yield* parser.take();
  }
  held = parseLines(name, parser, buffer, held);
  parser.parseTail(buffer.subarray(0, held));
  if (!isOpen) parser.judgeOrder();
  parser.finish();
  if (!isOpen) yield marker;
  yield* parser.take();
}

const marker: RecordingItem = { kind: 'gpus', gpus: [] };

/** Parses the whole lines of buffer[0, held), moves the rest to the front and returns its length. */
function parseLines(name: string, parser: LogParser, buffer: Buffer, held: number): number {
  const end = held === 0 ? 0 : buffer.lastIndexOf(10, held - 1) + 1;
  parser.parse(buffer, 0, end);
  const rest = held - end;
  if (rest > longestLine) {
    throw refusal(
      name,
      null,
      `a line of more than ${longestLine} bytes`,
      'rows of a CSV log',
      'Check that this is the output of `nvidia-smi --query-gpu=… --format=csv`.',
    );
  }
  buffer.copyWithin(0, end, held);
  return rest;
}
