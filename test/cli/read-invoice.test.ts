import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readInvoice } from '../../src/cli/read-invoice.ts';
import { UsageError } from '../../src/errors.ts';
import { at } from '../bill/billable.ts';
import { csvOf, curHeader, curHour, focusHeader, focusHour } from '../bill/invoices.ts';
import { folderOf } from '../machine/places.ts';

const selection = {
  resource: null,
  type: 'p5.48xlarge',
  region: null,
  startMs: at('00:00:00'),
  endMs: at('23:00:00'),
};

const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folderOf({}), name);
  writeFileSync(path, content);
  return path;
};

const focus = csvOf(focusHeader, [focusHour(10), focusHour(11)]);

describe('readInvoice', () => {
  it.each([
    ['FOCUS', fileOfLater('focus.csv', focus)],
    [
      'FOCUS with a byte order mark and CRLF',
      fileOfLater('f.csv', `\uFEFF${focus.replaceAll('\n', '\r\n')}`),
    ],
    ['gzip', fileOfLater('focus.csv.gz', gzipSync(focus))],
    ['gzip without its ending', fileOfLater('focus.csv', gzipSync(focus))],
    ['CUR 2.0', fileOfLater('cur.csv', csvOf(curHeader, [curHour(10), curHour(11)]))],
  ])('reads %s', async (_name, file) => {
    const { charges } = await readInvoice(file(), selection);
    // 2 × 55.04 = 110.08.
    expect(charges.amounts.time).toBe(110_080_000_000_000n);
    expect(charges.timeMs).toBe(2 * 3_600_000);
  });

  it('does not stumble over rows of other resources', async () => {
    const odd = focusHour(10, { ResourceId: 'bucket', EffectiveCost: 'free' });
    const file = fileOf('focus.csv', csvOf(focusHeader, [odd, focusHour(10)]));
    const named = { ...selection, resource: 'i-0123456789abcdef0' };
    expect((await readInvoice(file, named)).charges.rows).toBe(1);
    await expect(readInvoice(file, selection)).rejects.toThrow(
      'EffectiveCost is no amount: "free"',
    );
  });

  it('counts the rows that name no resource', async () => {
    const tax = focusHour(10, { ChargeCategory: 'Tax', ResourceId: '' });
    const file = fileOf('focus.csv', csvOf(focusHeader, [tax, focusHour(10), tax]));
    expect((await readInvoice(file, selection)).rowsWithoutResource).toBe(2);
  });

  it('takes NULL for nothing', async () => {
    const row = focusHour(10, { CommitmentDiscountStatus: 'NULL', ListCost: 'NULL' });
    const tax = focusHour(10, { ChargeCategory: 'Tax', ResourceId: 'NULL' });
    const file = fileOf('focus.csv', csvOf(focusHeader, [row, tax]));
    const { charges, rowsWithoutResource } = await readInvoice(file, selection);
    expect(charges.listPicos).toBeNull();
    expect(rowsWithoutResource).toBe(1);
  });

  it('names the row, and quotes no more of a cell than can be read', async () => {
    const wrong = focusHour(11, { EffectiveCost: `1,50${'0'.repeat(100_000)}` });
    const file = fileOf('focus.csv', csvOf(focusHeader, [focusHour(10), wrong]));
    const error: unknown = await readInvoice(file, selection).catch((cause: unknown) => cause);
    expect(String(error)).toContain(`${file}: row 3: the invoice's EffectiveCost is no amount`);
    expect(String(error).length).toBeLessThan(300);
  });

  it.each([
    ['Parquet', 'PAR1', 'expected CSV, got Parquet'],
    ['a PDF', '%PDF-1.7', 'got a PDF'],
    ['nothing', '', 'the file is empty'],
    ['a header', csvOf(focusHeader, []), 'no rows below the header'],
    ['a torn row', focus.slice(0, -60), 'row 3: 8 cells, the header has 12'],
  ])('says what it got: %s', async (_name, content, message) => {
    await expect(readInvoice(fileOf('x.csv', content), selection)).rejects.toThrow(message);
  });

  it.each([
    ['a folder', () => folderOf({})],
    ['no file', () => '/nonexistent/invoice.csv'],
    ['broken gzip', fileOfLater('x.csv.gz', gzipSync(focus).subarray(0, 60))],
    ['Parquet', fileOfLater('x.parquet', 'PAR1 and so on')],
    ['UTF-16', fileOfLater('x.csv', Buffer.from(`\uFEFF${focus}`, 'utf16le'))],
    ['a quote left open', fileOfLater('x.csv', `${focusHeader.join(',')}\n"${'x'.repeat(2e6)}`)],
    ['a torn last row', fileOfLater('x.csv', focus.slice(0, -60))],
    ['another CSV', fileOfLater('x.csv', 'a,b\n1,2\n')],
    ['an empty file', fileOfLater('x.csv', '')],
    ['a header alone', fileOfLater('x.csv', csvOf(focusHeader, []))],
  ])('refuses %s with its name', async (_name, file) => {
    const path = file();
    const error: unknown = await readInvoice(path, selection).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(path);
  });
});

/** Files must be made while their test runs. */
function fileOfLater(name: string, content: string | Uint8Array): () => string {
  return () => fileOf(name, content);
}
