import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvRows } from '../../../src/rates/import/csv-rows.ts';

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
}

async function read(text: string, size = 7): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const row of csvRows(pieces(text, size))) rows.push(row);
  return rows;
}

it('reads quotes, doubled quotes, commas and line ends within quotes, CRLF and a last line without an end', async () => {
  expect(await read('a,"b, c","d ""e"""\r\n,"f\ng", h \n\nlast,"",')).toEqual([
    ['a', 'b, c', 'd "e"'],
    ['', 'f\ng', 'h'],
    ['last', '', ''],
  ]);
});

it('reads what was written, wherever it is cut', async () => {
  const cell = fc.string({ maxLength: 8 }).map((text) => text.trim());
  const row = fc.array(cell, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      async (rows, size) => {
        const text = rows
          .map((cells) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(','))
          .join('\n');
        expect(await read(text, size)).toEqual(rows);
      },
    ),
  );
});

it('refuses a row without an end', async () => {
  await expect(read(`"${'x'.repeat(1_200_000)}`, 100_000)).rejects.toThrow('longer than 1 MB');
});
