import type { GpuProcess, ProcessesLine } from './lines.ts';

/** The text of a list around its numbers. */
interface Pattern {
  /** One more than there are numbers. */
  readonly pieces: readonly Buffer[];
  readonly visible: boolean;
  readonly processes: readonly GpuProcess[];
}

/**
 * Reads lists of processes that repeat the one before but for their time and memory, as most do: comparing bytes takes
 * a tenth of the time of parsing them, and the owners stay the same objects.
 */
export interface RepeatedLists {
  /** Null where it is no such list. */
  read(bytes: Buffer): ProcessesLine | null;
  /** A list that was parsed. */
  learn(bytes: Buffer, line: ProcessesLine): void;
}

export function newRepeatedLists(): RepeatedLists {
  let pattern: Pattern | null = null;
  return {
    read: (bytes) => pattern && match(bytes, pattern),
    learn(bytes, line) {
      pattern = patternOf(bytes.toString('utf8'), line);
    },
  };
}

/** Keys with a whole number behind them; in a string the quotes would be escaped. */
const numbers = /(?<=[{,]"(?:t|memoryMib)":)\d+(?=[,}])/g;

/** Null where time and memory are not the only such numbers, or not whole. */
function patternOf(text: string, { t, visible, processes }: ProcessesLine): Pattern | null {
  const pieces: Buffer[] = [];
  const found: number[] = [];
  let at = 0;
  for (const { 0: digits, index } of text.matchAll(numbers)) {
    pieces.push(Buffer.from(text.slice(at, index)));
    found.push(Number(digits));
    at = index + digits.length;
  }
  pieces.push(Buffer.from(text.slice(at)));
  const expected = [t, ...processes.flatMap(({ memoryMib }) => memoryMib ?? [])];
  const isExpected =
    found.length === expected.length && found.every((value, i) => value === expected[i]);
  return isExpected ? { pieces, visible, processes } : null;
}

function match(bytes: Buffer, { pieces, visible, processes }: Pattern): ProcessesLine | null {
  const values: number[] = [];
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if (!startsAt(bytes, at, piece)) return null;
    at += piece.length;
    if (i === pieces.length - 1) break;
    const end = digitsEnd(bytes, at);
    if (end === null) return null;
    let value = 0;
    for (; at < end; at++) value = 10 * value + (bytes[at] ?? 0) - zero;
    values.push(value);
  }
  const [t, ...memory] = values;
  if (at !== bytes.length || t === undefined) return null;
  let next = 0;
  return {
    kind: 'processes',
    t,
    visible,
    processes: processes.map((process) => {
      if (process.memoryMib === null) return process;
      const memoryMib = memory[next++] ?? null;
      return process.memoryMib === memoryMib ? process : { ...process, memoryMib };
    }),
  };
}

const zero = 0x30;
/** More may be no safe integer. */
const mostDigits = 15;

/** Where a whole number ends; null where there is none as JSON writes it. */
function digitsEnd(bytes: Buffer, at: number): number | null {
  let end = at;
  while (isDigit(bytes[end])) end++;
  const length = end - at;
  if (length === 0 || length > mostDigits) return null;
  return length > 1 && bytes[at] === zero ? null : end;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9;
}

function startsAt(bytes: Buffer, at: number, piece: Buffer): boolean {
  const end = at + piece.length;
  return end <= bytes.length && bytes.compare(piece, 0, piece.length, at, end) === 0;
}
