/** Rows of CSV text that comes in pieces: quoted cells, doubled quotes and line ends within quotes (RFC 4180). */
export async function* csvRows(pieces: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece;
    // Only whole lines outside quotes can be cut: an even number of quotes lies before them.
    let start = 0;
    let inQuotes = false;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code === quote) inQuotes = !inQuotes;
      else if (code === lineFeed && !inQuotes) {
        if (i > start) yield splitRow(text.slice(start, i));
        start = i + 1;
      }
    }
    rest = text.slice(start);
    if (rest.length > longestRow)
      throw new RangeError('a CSV row is longer than 1 MB: is a quote left open?');
  }
  if (rest.trim() !== '') yield splitRow(rest);
}

const quote = 34;
const lineFeed = 10;
const longestRow = 1_000_000;

/** Cells of one row without the blanks around them. */
function splitRow(line: string): readonly string[] {
  const row = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (!row.includes('"')) return row.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  let at = 0;
  while (at <= row.length) {
    const isQuoted = row.charCodeAt(at) === quote;
    const end = isQuoted ? closingQuote(row, at + 1) : at;
    const comma = row.indexOf(',', end);
    const stop = comma === -1 ? row.length : comma;
    const text = isQuoted ? row.slice(at + 1, end).replaceAll('""', '"') : row.slice(at, stop);
    cells.push(text.trim());
    at = stop + 1;
  }
  return cells;
}

/** Where a quoted cell ends; a doubled quote belongs to it. */
function closingQuote(row: string, from: number): number {
  let end = row.indexOf('"', from);
  while (end !== -1 && row.charCodeAt(end + 1) === quote) end = row.indexOf('"', end + 2);
  return end === -1 ? row.length : end;
}

/** One row by column name; a column that the file lacks is ''. */
export type Cells = (name: string) => string;

/** Gives each row after the header by the header's names; a RangeError if there is no such header. */
export async function* namedRows(
  rows: AsyncIterable<readonly string[]>,
  isHeader: (row: readonly string[]) => boolean,
): AsyncGenerator<Cells> {
  let header: ReadonlyMap<string, number> | null = null;
  for await (const row of rows) {
    if (header === null) {
      const names = row.map((name) => name.replace(/^\uFEFF/, ''));
      if (isHeader(names)) header = new Map(names.map((name, i) => [name, i]));
      continue;
    }
    const columns = header;
    yield (name) => row[columns.get(name) ?? -1] ?? '';
  }
  if (header === null) throw new RangeError('the header row is missing');
}
