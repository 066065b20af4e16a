import { UsageError } from '../errors.ts';
import { type HostColumn, hostColumns, type JobColumn, jobColumns } from '../host/columns.ts';
import { type GpuColumn, gpuColumns } from '../sample/columns.ts';
import { type Fields, numberOrNull, textOrNull } from './fields-check.ts';
import { isTexts, toGpus, toHost, toMachine } from './line-check.ts';
import type { HeaderLine } from './lines.ts';

export const sessionSchema = 'gpucost.session/1';

/** A header as it was read: a column that this version does not know is null, and is skipped. */
export interface ReadHeader extends Omit<HeaderLine, 'columns' | 'hostColumns' | 'jobColumns'> {
  readonly columns: readonly (GpuColumn | null)[];
  readonly hostColumns: readonly (HostColumn | null)[];
  readonly jobColumns: readonly (JobColumn | null)[];
}

/**
 * Checks a header line and brings older schemas to this one.
 * @throws UsageError for a schema that this version does not read, and for a header that lacks what it must have.
 */
export function readHeader(line: Fields, name: string): ReadHeader {
  const schema = line['schema'];
  switch (schema) {
    case sessionSchema:
      return readHeader1(line, name);
    // A later schema gets a case here that turns its predecessor's header into its own.
    default:
      throw unknownSchema(schema, name);
  }
}

function unknownSchema(schema: unknown, name: string): UsageError {
  const version = typeof schema === 'string' ? /^gpucost\.session\/(\d+)$/.exec(schema)?.[1] : null;
  if (!version) {
    return new UsageError(`${name}: not a gpucost session: no schema in its header`, {
      hint: 'Pass a session (`gpucost sessions list`) or a CSV log of nvidia-smi.',
    });
  }
  return new UsageError(`${name}: found schema ${String(schema)}, expected ${sessionSchema}`, {
    hint: 'A later gpucost wrote this session: update gpucost to read it.',
  });
}

function readHeader1(line: Fields, name: string): ReadHeader {
  const { id, startedAt, intervalMs, columns } = line;
  const gpus = toGpus(line['gpus']);
  const host = toHost(line['host']);
  const wrong = (key: string, expected: string): never => {
    throw new UsageError(`${name}: header: ${key} must be ${expected}`, {
      hint: 'The file was changed after it was recorded; read the segments that are whole.',
    });
  };
  if (typeof id !== 'string') return wrong('id', 'text');
  if (typeof startedAt !== 'number') return wrong('startedAt', 'epoch milliseconds');
  if (typeof intervalMs !== 'number' || !(intervalMs > 0)) return wrong('intervalMs', 'positive');
  if (!isTexts(columns)) return wrong('columns', 'a list of names');
  if (gpus === null) return wrong('gpus', 'a list of GPUs with ids');
  if (host === null) return wrong('host', 'an object with name, key, cpus and memoryMib');
  return {
    kind: 'header',
    schema: sessionSchema,
    id,
    tool: textOrNull(line['tool']) ?? 'unknown',
    startedAt,
    intervalMs,
    hostIntervalMs: numberOrNull(line['hostIntervalMs']) ?? intervalMs,
    host,
    driver: textOrNull(line['driver']),
    gpus,
    columns: knownOnly(columns, gpuColumns),
    hostColumns: knownOnly(textsOrNone(line['hostColumns']), hostColumns),
    jobColumns: knownOnly(textsOrNone(line['jobColumns']), jobColumns),
    command: textOrNull(line['command']),
    machine: toMachine(line['machine']),
  };
}

function textsOrNone(value: unknown): readonly string[] {
  return isTexts(value) ? value : [];
}

function knownOnly<C extends string>(
  names: readonly string[],
  known: readonly C[],
): readonly (C | null)[] {
  return names.map((name) => known.find((column) => column === name) ?? null);
}
