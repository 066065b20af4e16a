import { hostColumns, jobColumns } from '../host/columns.ts';
import { gpuColumns } from '../sample/columns.ts';
import { type ColumnCode, decodeColumn, encodeColumn } from './column-code.ts';
import type { Columns } from './series.ts';

/** What a block's readings are of; positions are those of the latest `gpus`. */
export type SeriesKey =
  | { readonly series: 'gpu'; readonly gpu: number }
  | { readonly series: 'host' }
  | {
      readonly series: 'job';
      readonly pid: number;
      readonly name: string;
      readonly gpus: readonly number[];
    };

/** The readings of one series over a finished segment, in place of its tick, host or job lines. */
export type BlockLine = { readonly kind: 'block' } & SeriesKey & {
    /** Number of readings. */
    readonly n: number;
    /** Epoch milliseconds, coded as a column. */
    readonly t: ColumnCode;
    /** Columns without any reading are left out. */
    readonly columns: Readonly<Record<string, ColumnCode>>;
  };

/** Codes columns as a block line. */
export function encodeBlock(key: SeriesKey, taken: Columns): BlockLine {
  const columns: Record<string, ColumnCode> = {};
  for (const [name, values] of Object.entries(taken.columns)) {
    columns[name] = encodeColumn(values, taken.length);
  }
  return {
    kind: 'block',
    ...key,
    n: taken.length,
    t: encodeColumn(taken.timeMs, taken.length),
    columns,
  };
}

const known: { readonly [K in SeriesKey['series']]: ReadonlySet<string> } = {
  gpu: new Set(gpuColumns),
  host: new Set(hostColumns),
  job: new Set(jobColumns),
};

/** More than a segment can hold; a damaged number must not ask for the machine's memory. */
const mostReadings = 1 << 22;

/**
 * Reads a block's columns: the arrays are the caller's own, but for constant columns,
 * which blocks share and which may be longer than `length`. Null: it is not a block of this format.
 */
export function decodeBlock(series: SeriesKey['series'], line: object): Columns | null {
  const { n, t, columns: coded } = fields(line);
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > mostReadings) return null;
  if (typeof coded !== 'object' || coded === null) return null;

  const entries = Object.entries(coded).filter(([name]) => known[series].has(name));
  // One buffer for all columns takes a quarter of the time of one for each. It begins with what memory held:
  // each column below is either written in full or not handed out.
  const varying = entries.filter(([, code]) => typeof code === 'object' && code !== null).length;
  const { buffer } = Buffer.allocUnsafeSlow((varying + 1) * n * 8);
  const timeMs = new Float64Array(buffer, 0, n);
  if (typeof t === 'number') timeMs.fill(t);
  else if (!decodeColumn(t, n, timeMs)) return null;

  const columns: Record<string, Float64Array> = {};
  let at = n * 8;
  for (const [name, code] of entries) {
    if (code === null) continue;
    if (typeof code === 'number') {
      columns[name] = constantColumn(code, n);
      continue;
    }
    const values = new Float64Array(buffer, at, n);
    if (!decodeColumn(code, n, values)) return null;
    columns[name] = values;
    at += n * 8;
  }
  return { length: n, timeMs, columns };
}

function fields(line: object): { n?: unknown; t?: unknown; columns?: unknown } {
  return line;
}

/** Half of all columns are constant, and few values recur: memory size, power limit, link width. */
const constants = new Map<number, Float64Array>();
const mostConstants = 64;

function constantColumn(value: number, length: number): Float64Array {
  const shared = constants.get(value);
  if (shared && shared.length >= length) return shared;
  const column = new Float64Array(length).fill(value);
  if (constants.size >= mostConstants) constants.clear();
  constants.set(value, column);
  return column;
}
