import { gunzipSync } from 'node:zlib';
import { UsageError } from '../errors.ts';
import { headerName } from './fields.ts';
import { parseTimestamp } from './timestamp.ts';

/** The rows of one query, at the time that nvidia-smi stamped on the first of them. */
export interface RecordedTick {
  readonly stampMs: number;
  readonly rows: readonly (readonly string[])[];
}

/** Recorded nvidia-smi output: what each command printed, in its own format. */
export interface RecordedOutput {
  /** Header cells of `--query-gpu`, with units. */
  readonly titles: readonly string[];
  /** The same without units: field names. */
  readonly names: readonly string[];
  readonly ticks: readonly RecordedTick[];
  /** Rows of `--query-compute-apps` (timestamp, GPU, pid, name, memory), by the tick from which they hold. */
  readonly processes: readonly { readonly fromTick: number; readonly rows: readonly string[] }[];
  /** dmon's two header lines and its rows, one a GPU and tick; empty where none was recorded. */
  readonly dmon: readonly string[];
}

const magic = '# gpucost recording 1';

/**
 * Reads a recording of nvidia-smi's output, gzipped or not: a header, then sections `=== command` with raw output.
 * Throws UsageError, which names the file, if it is something else.
 */
export function readRecordedOutput(bytes: Buffer, name: string): RecordedOutput {
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString(
    'utf8',
  );
  if (!text.startsWith(magic)) {
    throw new UsageError(`${name}: expected "${magic}" in the first line`);
  }
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('=== ')) {
      lines = [];
      sections.set(line.slice(4), lines);
    } else if (line !== '') lines.push(line);
  }
  const section = (word: string): readonly string[] =>
    [...sections].find(([command]) => command.includes(word))?.[1] ?? [];

  const [header = '', ...rows] = section('--query-gpu');
  const titles = header.split(', ');
  const names = titles.map(headerName);
  const ticks = ticksOf(rows, names);
  if (ticks.length === 0)
    throw new UsageError(`${name}: no rows of --query-gpu with timestamp and index`);
  return {
    titles,
    names,
    ticks,
    processes: processBlocks(section('--query-compute-apps')),
    dmon: section('dmon'),
  };
}

function ticksOf(rows: readonly string[], names: readonly string[]): readonly RecordedTick[] {
  const stampAt = names.indexOf('timestamp');
  const indexAt = names.indexOf('index');
  const ticks: { stampMs: number; rows: string[][] }[] = [];
  let lastIndex = Number.POSITIVE_INFINITY;
  for (const line of rows) {
    const cells = line.split(', ');
    const index = Number(cells[indexAt]);
    const stampMs = parseTimestamp(cells[stampAt] ?? '');
    if (Number.isNaN(index) || stampMs === null) continue;
    const current = ticks.at(-1);
    if (current === undefined || index <= lastIndex) ticks.push({ stampMs, rows: [cells] });
    else current.rows.push(cells);
    lastIndex = index;
  }
  return ticks;
}

function processBlocks(lines: readonly string[]): RecordedOutput['processes'] {
  const blocks: { fromTick: number; rows: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('@')) blocks.push({ fromTick: Number(line.slice(1)), rows: [] });
    else blocks.at(-1)?.rows.push(line);
  }
  return blocks;
}
