import { saysGpuLost } from '../../sample/parse-value.ts';
import { op, type Plan } from './plan.ts';
import type { TimeReader } from './timestamps.ts';

const comma = 44;
const newline = 10;
const carriageReturn = 13;
const space = 32;

/** Powers of ten that divide exactly: a mantissa below 2^53 over one of them rounds as Number() does. */
const tens = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);
const mostDigits = 15;
const noUnit = new Uint8Array(0);

/**
 * Reads rows straight from bytes, without a string per cell. Whatever it does not expect it leaves to the
 * reader of lines: `read` then answers false and nothing of the row has been used.
 */
export class CellReader {
  /** The readings of the row by slot; NaN is missing. */
  readonly row: Float64Array;
  timeMs = Number.NaN;
  /** The identity cell, trimmed. */
  idStart = 0;
  idEnd = 0;
  /** Behind the row's line end. */
  next = 0;
  /** The identity that is likely to come next; `isExpected` tells whether it did. */
  expected: Uint8Array = new Uint8Array(0);
  isExpected = false;
  private readonly plan: Plan;
  private readonly units: readonly Uint8Array[];
  private readonly ops: Uint8Array;
  private readonly slots: Int32Array;
  private readonly time: TimeReader;
  private readonly lastWords: Uint8Array[];
  private readonly lastValues: Float64Array;
  private cursor = 0;

  constructor(plan: Plan, identityCell: number, time: TimeReader) {
    this.plan = plan;
    this.time = time;
    this.ops = Uint8Array.from(plan.ops);
    if (identityCell >= 0) this.ops[identityCell] = op.identity;
    this.units = plan.units.map((unit) => unit ?? noUnit);
    this.slots = Int32Array.from(plan.slots);
    this.row = new Float64Array(plan.slotCount).fill(Number.NaN);
    this.lastWords = plan.ops.map(() => new Uint8Array(0));
    this.lastValues = new Float64Array(plan.ops.length).fill(Number.NaN);
  }

  /** Reads the line at `at`; the bytes have to hold its line end. */
  read(bytes: Uint8Array, at: number): boolean {
    const { ops, row, slots, units } = this;
    const last = ops.length - 1;
    let p = at;
    for (let cell = 0; cell <= last; cell++) {
      while (bytes[p] === space) p++;
      switch (ops[cell] ?? op.skip) {
        case op.quantity: {
          const start = p;
          let mantissa = 0;
          let digit = (bytes[p] ?? 0) - 48;
          while (digit >= 0 && digit <= 9) {
            mantissa = mantissa * 10 + digit;
            digit = (bytes[++p] ?? 0) - 48;
          }
          let value = mantissa;
          // '.' less '0'
          if (digit === -2 && p > start) {
            const point = p;
            digit = (bytes[++p] ?? 0) - 48;
            while (digit >= 0 && digit <= 9) {
              mantissa = mantissa * 10 + digit;
              digit = (bytes[++p] ?? 0) - 48;
            }
            value = mantissa / (tens[p - point - 1] ?? Number.NaN);
          }
          const isNumber = p > start && p - start <= mostDigits;
          if (isNumber && bytes[p] === space) p = behindUnit(bytes, p + 1, units[cell] ?? noUnit);
          if (!isNumber || p < 0 || !endsCell(bytes[p])) {
            value = this.wordsAt(bytes, start, cell);
            if (this.cursor < 0) return false;
            p = this.cursor;
          }
          row[slots[cell] ?? 0] = value;
          break;
        }
        case op.time:
          this.timeMs = this.time.readBytes(bytes, p);
          if (Number.isNaN(this.timeMs)) return false;
          p = this.time.end;
          break;
        case op.identity: {
          this.idStart = p;
          p = this.behindExpected(bytes, p);
          this.idEnd = p;
          while (this.idEnd > this.idStart && isBlank(bytes[this.idEnd - 1])) this.idEnd--;
          break;
        }
        case op.words: {
          const value = this.words(bytes, p, cell);
          if (this.cursor < 0) return false;
          p = this.cursor;
          row[slots[cell] ?? 0] = value;
          break;
        }
        default:
          p = cellEnd(bytes, p);
      }
      while (isBlank(bytes[p])) p++;
      if (bytes[p] !== (cell === last ? newline : comma)) return false;
      p++;
    }
    this.next = p;
    return true;
  }

  /** The end of an identity cell; where it is the expected one, without looking for the comma. */
  private behindExpected(bytes: Uint8Array, at: number): number {
    const { expected } = this;
    let i = expected.length - 1;
    while (i >= 0 && bytes[at + i] === expected[i]) i--;
    this.isExpected = i < 0 && expected.length > 0 && endsCell(bytes[at + expected.length]);
    return this.isExpected ? at + expected.length : cellEnd(bytes, at);
  }

  /** States and masks repeat from row to row: the bytes of the row before are compared first. */
  private words(bytes: Uint8Array, at: number, cell: number): number {
    const known = this.lastWords[cell];
    if (known !== undefined && known.length > 0) {
      let i = 0;
      while (i < known.length && bytes[at + i] === known[i]) i++;
      const after = bytes[at + i];
      if (
        i === known.length &&
        (after === comma || after === newline || after === carriageReturn)
      ) {
        this.cursor = at + i;
        return this.lastValues[cell] ?? Number.NaN;
      }
    }
    const value = this.wordsAt(bytes, at, cell);
    if (this.cursor >= 0) {
      this.lastWords[cell] = bytes.slice(at, this.cursor);
      this.lastValues[cell] = value;
    }
    return value;
  }

  private wordsAt(bytes: Uint8Array, at: number, cell: number): number {
    const end = cellEnd(bytes, at);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
    const value = saysGpuLost(text) ? undefined : this.plan.parsers[cell]?.(text);
    this.cursor = value === undefined ? -1 : end;
    return value ?? Number.NaN;
  }
}

function cellEnd(bytes: Uint8Array, at: number): number {
  let p = at;
  for (;;) {
    const byte = bytes[p];
    if (byte === comma || byte === newline || byte === undefined) return p;
    p++;
  }
}

/** Where a cell goes on behind its unit, or -1 where something else is there. */
function behindUnit(bytes: Uint8Array, at: number, unit: Uint8Array): number {
  for (let i = 0; i < unit.length; i++) if (bytes[at + i] !== unit[i]) return -1;
  return at + unit.length;
}

function endsCell(byte: number | undefined): boolean {
  return byte === comma || byte === newline || byte === carriageReturn;
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === carriageReturn;
}
