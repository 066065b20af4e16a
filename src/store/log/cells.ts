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
  private readonly plan: Plan;
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
    this.slots = Int32Array.from(plan.slots);
    this.row = new Float64Array(plan.slotCount).fill(Number.NaN);
    this.lastWords = plan.ops.map(() => new Uint8Array(0));
    this.lastValues = new Float64Array(plan.ops.length).fill(Number.NaN);
  }

  /** Reads the line at `at`; the bytes have to hold its line end. */
  read(bytes: Uint8Array, at: number): boolean {
    const { ops, slots, row } = this;
    const last = ops.length - 1;
    let p = at;
    for (let cell = 0; cell <= last; cell++) {
      while (bytes[p] === space) p++;
      switch (ops[cell] ?? op.skip) {
        case op.quantity: {
          const value = this.quantity(bytes, p, cell);
          if (this.cursor < 0) return false;
          p = this.cursor;
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
          p = cellEnd(bytes, p);
          let end = p;
          while (end > this.idStart && isBlank(bytes[end - 1])) end--;
          this.idEnd = end;
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

  /** A number with or without its unit; leaves the cursor behind it, or at -1 where it is something else. */
  private quantity(bytes: Uint8Array, at: number, cell: number): number {
    let p = at;
    const isNegative = bytes[p] === 45;
    if (isNegative) p++;
    const start = p;
    let mantissa = 0;
    let digit = (bytes[p] ?? 0) - 48;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      p++;
      digit = (bytes[p] ?? 0) - 48;
    }
    if (p === start) return this.wordsAt(bytes, at, cell);
    let digits = p - start;
    if (bytes[p] === 46) {
      p++;
      const fraction = p;
      digit = (bytes[p] ?? 0) - 48;
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        p++;
        digit = (bytes[p] ?? 0) - 48;
      }
      digits += p - fraction;
      mantissa /= tens[Math.min(p - fraction, mostDigits)] ?? 1;
    }
    if (digits > mostDigits) return this.wordsAt(bytes, at, cell);
    while (bytes[p] === space) p++;
    const unit = this.plan.units[cell] ?? null;
    if (unit !== null && bytes[p] === unit[0]) {
      for (let i = 0; i < unit.length; i++, p++) {
        if (bytes[p] !== unit[i]) return this.wordsAt(bytes, at, cell);
      }
    }
    const after = bytes[p];
    if (after !== comma && after !== newline && !isBlank(after)) {
      return this.wordsAt(bytes, at, cell);
    }
    this.cursor = p;
    return isNegative ? -mantissa : mantissa;
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

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === carriageReturn;
}
