import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { invoiceReader } from '../bill/invoice-row.ts';
import {
  type InvoiceSelection,
  invoiceTally,
  type ResourceCharges,
} from '../bill/invoice-tally.ts';
import { UsageError } from '../errors.ts';
import { csvRows } from '../rates/import/csv-rows.ts';

/**
 * What an invoice (FOCUS or AWS CUR 2.0, CSV or CSV.gz) charges one machine; read in one pass, in bounded memory.
 * Throws a UsageError with the file's name for a file that can't be read, is no such invoice, or has no such machine.
 */
export async function readInvoice(
  path: string,
  selection: InvoiceSelection,
): Promise<ResourceCharges> {
  const tally = invoiceTally(selection);
  let reader: ReturnType<typeof invoiceReader> | null = null;
  let columns: ReadonlyMap<string, number> = new Map();
  try {
    for await (const cells of csvRows(textOf(path))) {
      if (reader === null) {
        const names = cells.map((name) => name.replace(/^\uFEFF/, ''));
        reader = invoiceReader(names);
        columns = new Map(names.map((name, index) => [name, index]));
        continue;
      }
      const row = (name: string): string => cells[columns.get(name) ?? -1] ?? '';
      if (!tally.wants(reader.resource(row))) continue;
      const charge = reader.read(row);
      if (charge !== null) tally.add(charge);
    }
    return tally.finish();
  } catch (cause) {
    if (cause instanceof UsageError) {
      throw new UsageError(`${path}: ${cause.message}`, {
        cause,
        ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      });
    }
    // Node's errors on files and gzip have codes; a row that never ends is a RangeError. The rest is ours.
    const isFile = cause instanceof RangeError || (cause instanceof Error && 'code' in cause);
    if (!isFile) throw cause;
    throw new UsageError(`${path}: can't be read: ${cause.message}`, { cause });
  }
}

async function* textOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  // An error of the file reaches the reader through the last stream.
  const bytes: Readable = path.toLowerCase().endsWith('.gz')
    ? pipeline(file, createGunzip(), () => undefined)
    : file;
  const decoder = new TextDecoder();
  for await (const piece of bytes) {
    if (piece instanceof Uint8Array) yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}
