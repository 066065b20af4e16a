import { readFileSync } from 'node:fs';

/** Rows of a CSV file as objects by header name; cells may be quoted. */
export function readCsv(path) {
  const [header = [], ...rows] = parse(readFileSync(path, 'utf8'));
  return rows.map((row) =>
    Object.fromEntries(header.map((name, i) => [name, (row[i] ?? '').trim()])),
  );
}

function parse(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
