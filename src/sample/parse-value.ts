/**
 * Cells of nvidia-smi's CSV. Every parser gives a number, `null` for a reading that is known to be absent,
 * or `undefined` for a cell that it does not understand: the caller warns once per field with the raw text.
 */
export type CellParser = (cell: string) => number | null | undefined;

/**
 * What nvidia-smi prints where it has no reading, without brackets and in lower case: its own words and
 * nvmlErrorString's (seen over drivers 369 to 610).
 */
const absentWords: ReadonlySet<string> = new Set([
  '',
  '-',
  'n/a',
  'n/d',
  'not supported',
  'not available',
  'not found',
  'unknown',
  'unknown error',
  'err!',
  'no data',
  'timeout',
  'uninitialized',
  'invalid argument',
  'insufficient permissions',
  'insufficient size',
  'insufficient memory',
  'insufficient external power',
  'driver not loaded',
  'interrupt request issue',
  'function not found',
  'corrupted inforom',
  'gpu is lost',
  'gpu requires reset',
  'gpu requires drain and reset',
  'in use by another client',
  'driver/library version mismatch',
  'the operation has been blocked by the operating system',
  'gpu access blocked by the operating system',
  'requested functionality has been deprecated',
]);

/** Words in a cell that say that the GPU itself has stopped working, not only this reading. */
const lostWords: ReadonlySet<string> = new Set([
  'gpu is lost',
  'gpu requires reset',
  'gpu requires drain and reset',
]);

/** True for every placeholder that nvidia-smi prints instead of a value. */
export function isAbsent(cell: string): boolean {
  return absentWords.has(bareWords(cell));
}

/** True where a cell says that the GPU is lost or needs a reset: no cell of that row is a reading then. */
export function saysGpuLost(cell: string): boolean {
  return cell.length > 10 && lostWords.has(bareWords(cell));
}

function bareWords(cell: string): string {
  const text = cell.trim();
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return inner.trim().toLowerCase();
}

/** A parser for numbers with or without their unit: `98 %`, `631.95 W`, `0 us`, `1980`. */
export function quantity(unit: string): CellParser {
  return (cell) => {
    const text = cell.trim();
    const digits = text.endsWith(unit) ? text.slice(0, text.length - unit.length) : text;
    return plainNumber(digits, cell);
  };
}

/** A parser for counts and readings that nvidia-smi prints without a unit. */
export const count: CellParser = (cell) => plainNumber(cell, cell);

/** Number() alone would read '' as 0 and accept 'Infinity' and hex. */
function plainNumber(digits: string, cell: string): number | null | undefined {
  const text = digits.trim();
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 45 || first === 46 || first === 43;
  if (isNumeric && text.charCodeAt(1) !== 120) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  return isAbsent(cell) ? null : undefined;
}

/** `0x0000000000000004` → 4: the bit masks of clocks_event_reasons. */
export const hexMask: CellParser = (cell) => {
  const text = cell.trim();
  if (text.startsWith('0x') || text.startsWith('0X')) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  return isAbsent(text) ? null : undefined;
};

/** `P8` → 8: 0 is the fastest state. */
export const pstate: CellParser = (cell) => {
  const text = cell.trim();
  if (text.startsWith('P')) return plainNumber(text.slice(1), text);
  return isAbsent(text) ? null : undefined;
};

/** `Active` / `Not Active`, `Enabled` / `Disabled`, `Yes` / `No` → 1 / 0. */
export const onOff: CellParser = (cell) => {
  switch (cell.trim()) {
    case 'Active':
    case 'Enabled':
    case 'Yes':
    case 'On':
      return 1;
    case 'Not Active':
    case 'Disabled':
    case 'No':
    case 'Off':
      return 0;
    default:
      return isAbsent(cell) ? null : undefined;
  }
};

/** Names and identifiers: the text, or null where nvidia-smi has none. */
export function parseText(cell: string): string | null {
  const text = cell.trim();
  return isAbsent(text) ? null : text;
}
