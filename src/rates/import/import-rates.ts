import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { parseCard } from '../read-card.ts';
import { largestCard } from '../read-file.ts';
import { date } from '../schema-terms.ts';
import { readAwsPriceList } from './aws-pricelist.ts';
import { readAzureRetail } from './azure-retail.ts';
import { csvRows, namedRows } from './csv-rows.ts';
import { openPages, openText } from './open-source.ts';
import type { ImportOptions } from './options.ts';
import { readPlainCsv } from './plain-csv.ts';
import type { Imported } from './price-row.ts';
import { readSkypilot } from './skypilot.ts';
import { Tally } from './tally.ts';
import { toCardYaml } from './to-card.ts';

/** What an import made: a card that passes `rates check`, and what was taken, dropped and doubted. */
export interface ImportResult {
  readonly card: string;
  readonly tally: Tally;
}

/**
 * Turns a price list into a rate card. `today` is the date of reading (YYYY-MM-DD).
 * Throws UsageError for what can't be read, is of another format, or holds no price of an NVIDIA machine.
 */
export async function importRates(options: ImportOptions, today: string): Promise<ImportResult> {
  if (options.asOf !== undefined && !date.safeParse(options.asOf).success) {
    throw new UsageError(`--as-of: expected a date such as 2026-07-20, got "${options.asOf}"`);
  }
  const tally = new Tally();
  const imported = await read(options, tally);
  if (imported.rows.length === 0 && imported.accelerators.length === 0) {
    throw new UsageError(`${options.source}: no price of a machine with NVIDIA GPUs was found`, {
      hint: tally.summary().trimEnd(),
    });
  }
  const card = toCardYaml(imported, options, today, tally);
  parseCard(card, 'the imported card');
  if (card.length > largestCard) {
    tally.flag(
      `the card has ${card.length} bytes, and more than ${largestCard} are not read: split it`,
    );
  }
  return { card, tally };
}

async function read(options: ImportOptions, tally: Tally): Promise<Imported> {
  try {
    return await readFormat(options, tally);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    // Thrown by the readers of CSV and JSON: another format, a torn file.
    if (cause instanceof RangeError || cause instanceof z.ZodError) {
      throw new UsageError(
        `${options.source}: is not in the format ${options.format}: ${messageOf(cause)}`,
        {
          cause,
          hint: 'Formats: skypilot, azure-retail, aws-pricelist, csv.',
        },
      );
    }
    throw cause;
  }
}

function readFormat(options: ImportOptions, tally: Tally): Promise<Imported> {
  const rows = () => csvRows(openText(options));
  switch (options.format) {
    case 'skypilot':
      return readSkypilot(
        namedRows(
          rows(),
          (row) => row.includes('AcceleratorName') && row.some((name) => name.startsWith('Price')),
        ),
        options,
        tally,
      );
    case 'azure-retail':
      return readAzureRetail(openPages(options), options, tally);
    case 'aws-pricelist': {
      let published: string | null = null;
      const lines = namedRows(rows(), (row) => {
        if (row[0] === 'Publication Date')
          published = /^\d{4}-\d{2}-\d{2}/.exec(row[1] ?? '')?.[0] ?? null;
        return row.includes('Instance Type') && row.includes('PricePerUnit');
      });
      return readAwsPriceList(lines, () => published, options, tally);
    }
    case 'csv':
      return readPlainCsv(
        namedRows(rows(), () => true),
        options,
        tally,
      );
  }
}

function messageOf(error: RangeError | z.ZodError): string {
  return error instanceof z.ZodError ? 'its pages have no Items of prices' : error.message;
}
