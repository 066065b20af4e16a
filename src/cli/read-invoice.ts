import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { invoiceReader } from '../bill/invoice-row.ts';
import {
  type InvoiceSelection,
  invoiceTally,
  type ResourceCharges,
} from '../bill/invoice-tally.ts';
import { UsageError } from '../errors.ts';
import { csvRows } from '../rates/import/csv-rows.ts';

/** What an invoice says of one machine, and how many of its rows name no resource. */
export interface MachineInvoice {
  readonly charges: ResourceCharges;
  readonly rowsWithoutResource: number;
}

/**
 * What an invoice (FOCUS or AWS CUR 2.0, CSV or gzip of it) charges one machine; read in one pass, in bounded memory.
 * Throws a UsageError with the file's name (and the row, where one is wrong) for a file that can't be read, is no such
 * invoice, or has no such machine.
 */
export async function readInvoice(
  path: string,
  selection: InvoiceSelection,
): Promise<MachineInvoice> {
  const tally = invoiceTally(selection);
  let reader: ReturnType<typeof invoiceReader> | null = null;
  let columns: ReadonlyMap<string, number> = new Map();
  let rowNumber = 0;
  let rowsWithoutResource = 0;
  let place = path;
  try {
    for await (const cells of csvRows(textOf(path))) {
      rowNumber += 1;
      if (reader === null) {
        const names = cells.map((name) => name.replace(/^\uFEFF/, ''));
        reader = invoiceReader(names);
        columns = new Map(names.map((name, index) => [name, index]));
        continue;
      }
      place = `${path}: row ${rowNumber}`;
      if (cells.length !== columns.size) {
        throw new UsageError(`${cells.length} cells, the header has ${columns.size}`, {
          hint: 'The file is cut off or damaged: export or download it again.',
        });
      }
      const row = (name: string): string => {
        const cell = cells[columns.get(name) ?? -1] ?? '';
        // Databases write null so, and so does the FinOps Foundation's sample.
        return cell === 'NULL' || cell === 'null' ? '' : cell;
      };
      const resource = reader.resource(row);
      if (resource === null) rowsWithoutResource += 1;
      if (!tally.wants(resource)) continue;
      const charge = reader.read(row);
      if (charge !== null) tally.add(charge);
    }
    place = path;
    if (rowNumber < 2) {
      throw new UsageError(rowNumber === 0 ? 'the file is empty' : 'no rows below the header', {
        hint: 'Export it again as FOCUS or AWS CUR 2.0, as CSV with resource ids.',
      });
    }
    return { charges: tally.finish(), rowsWithoutResource };
  } catch (cause) {
    if (cause instanceof UsageError) {
      throw new UsageError(`${place}: ${cause.message}`, {
        cause,
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      });
    }
    // Node's errors on files and gzip have codes; a row that never ends is a RangeError. The rest is ours.
    const isFile = cause instanceof RangeError || (cause instanceof Error && 'code' in cause);
    if (!isFile) throw cause;
    throw new UsageError(`${path}: ${reasonOf(cause)}`, {
      cause,
      hint: '--invoice takes a FOCUS or AWS CUR 2.0 export: CSV, or gzip of it.',
    });
  }
}

function reasonOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_')
    ? 'damaged gzip: download it again'
    : (reasons[code] ?? `can't be read: ${error.message}`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder, expected a file',
};

async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of unpacked(createReadStream(path))) {
    if (piece instanceof Uint8Array) yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

/** The file's text as bytes. Exports come packed with or without the ending .gz; AWS's default is Parquet. */
async function* unpacked(file: Readable): AsyncGenerator<unknown> {
  const pieces: AsyncIterator<unknown> = file[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return;
  const head = first.value instanceof Uint8Array ? first.value.subarray(0, 4) : new Uint8Array();
  const whole = joined(first.value, pieces);
  if (startsWith(head, 0x1f, 0x8b)) {
    // The reader of the end sees an error of either.
    yield* pipeline(Readable.from(whole), createGunzip(), () => undefined);
    return;
  }
  const [, name] = foreign.find(([bytes]) => startsWith(head, ...bytes)) ?? [];
  if (name !== undefined) {
    throw new UsageError(`expected CSV, got ${name}`, {
      hint: 'Export the invoice as CSV (gzip is fine), FOCUS or AWS CUR 2.0.',
    });
  }
  yield* whole;
}

async function* joined(first: unknown, rest: AsyncIterator<unknown>): AsyncGenerator<unknown> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function startsWith(head: Uint8Array, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}

const foreign: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x41, 0x52, 0x31], 'Parquet'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or a spreadsheet'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];
