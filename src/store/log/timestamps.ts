import type { Zone } from './zone.ts';

/** How a date is written whose first two numbers could be either. */
export type DateOrder = 'day-first' | 'month-first' | 'unknown';

const prefixBytes = 13;
const hourMs = 3_600_000;
/** Rows of several GPUs are written within seconds; a repeated hour goes back by far more. */
const repeatedHourMs = 60_000;

/**
 * Reads timestamps: nvidia-smi's `2026/01/31 23:59:59.123` from bytes, with date and hour remembered from the
 * row before, and as text also ISO 8601 and Unix time. Times without a zone are in the zone given.
 */
export class TimeReader {
  /** Where the byte reader stopped. */
  end = 0;
  dateOrder: DateOrder = 'unknown';
  private readonly zone: Zone;
  private readonly prefix = new Uint8Array(prefixBytes);
  private hourStart = 0;
  private repeatedHourStart: number | null = null;
  /** The repeated hour whose first pass is over. */
  private secondPass = Number.NaN;
  private last = Number.NEGATIVE_INFINITY;

  constructor(zone: Zone) {
    this.zone = zone;
  }

  /** Epoch milliseconds of nvidia-smi's form at `at`, which must be followed by a line end; else NaN. */
  readBytes(bytes: Uint8Array, at: number): number {
    const { prefix } = this;
    for (let i = prefixBytes - 1; i >= 0; i--) {
      if (bytes[at + i] !== prefix[i]) {
        if (!this.rememberHour(bytes, at)) return Number.NaN;
        break;
      }
    }
    const m1 = (bytes[at + 14] ?? 0) - 48;
    const m0 = (bytes[at + 15] ?? 0) - 48;
    const s1 = (bytes[at + 17] ?? 0) - 48;
    const s0 = (bytes[at + 18] ?? 0) - 48;
    const f2 = (bytes[at + 20] ?? 0) - 48;
    const f1 = (bytes[at + 21] ?? 0) - 48;
    const f0 = (bytes[at + 22] ?? 0) - 48;
    const isTime =
      bytes[at + 13] === 58 &&
      bytes[at + 16] === 58 &&
      bytes[at + 19] === 46 &&
      m1 >>> 0 < 6 &&
      m0 >>> 0 < 10 &&
      s1 >>> 0 < 6 &&
      s0 >>> 0 < 10 &&
      f2 >>> 0 < 10 &&
      f1 >>> 0 < 10 &&
      f0 >>> 0 < 10;
    if (!isTime) return Number.NaN;
    this.end = at + 23;
    const withinHour = (m1 * 10 + m0) * 60_000 + (s1 * 10 + s0) * 1000 + f2 * 100 + f1 * 10 + f0;
    if (this.repeatedHourStart === null) {
      this.last = this.hourStart + withinHour;
      return this.last;
    }
    return this.inRepeatedHour(this.hourStart + withinHour, this.repeatedHourStart + withinHour);
  }

  /** Epoch milliseconds of any form that is understood, or null. */
  readText(text: string): number | null {
    const cell = text.trim();
    const ymd =
      /^(\d{4})([-/])(\d{2})\2(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/.exec(
        cell,
      );
    if (ymd !== null) {
      const [, year, , month, day, hour, minute, second, fraction, zone] = ymd;
      return this.fromWall(
        wall(year, month, day, hour, minute, second, fraction),
        zone === undefined ? null : offsetOf(zone),
      );
    }
    const either = /^(\d{2})([-/.])(\d{2})\2(\d{4})[T ](\d{2}):(\d{2}):(\d{2})(\.\d+)?$/.exec(cell);
    if (either !== null && this.dateOrder !== 'unknown') {
      const [, a, , b, year, hour, minute, second, fraction] = either;
      const [day, month] = this.dateOrder === 'day-first' ? [a, b] : [b, a];
      return this.fromWall(wall(year, month, day, hour, minute, second, fraction), null);
    }
    return unixTime(cell);
  }

  private fromWall(wallMs: number | null, offsetMs: number | null): number | null {
    if (wallMs === null) return null;
    if (offsetMs !== null) return wallMs - offsetMs;
    const { first, second } = this.zone(wallMs);
    if (second !== null) return this.inRepeatedHour(first, second);
    this.last = first;
    return first;
  }

  /** In the hour that is repeated, the second time is meant from where the first would go back. */
  private inRepeatedHour(first: number, second: number): number {
    const hour = Math.floor(first / hourMs);
    if (first < this.last - repeatedHourMs) this.secondPass = hour;
    this.last = this.secondPass === hour ? second : first;
    return this.last;
  }

  private rememberHour(bytes: Uint8Array, at: number): boolean {
    const text = String.fromCharCode(...bytes.subarray(at, at + prefixBytes));
    const match = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2})$/.exec(text);
    if (match === null) return false;
    const [, year, month, day, hour] = match;
    const wallMs = wall(year, month, day, hour, '00', '00', undefined);
    if (wallMs === null) return false;
    // Zones change on the hour, so one look serves all rows of it.
    const { first, second } = this.zone(wallMs);
    this.hourStart = first;
    this.repeatedHourStart = second;
    this.prefix.set(bytes.subarray(at, at + prefixBytes));
    return true;
  }
}

/** Whether the dates of a text that are written 03-11-2026 show which number is the day. */
export function dateOrderOf(text: string): DateOrder {
  let order: DateOrder = 'unknown';
  for (const [, first = '', second = ''] of text.matchAll(
    /(?:^|,)\s*(\d{2})[-/.](\d{2})[-/.]\d{4}[T ]/gm,
  )) {
    const seen = Number(first) > 12 ? 'day-first' : Number(second) > 12 ? 'month-first' : 'unknown';
    if (seen === 'unknown') continue;
    if (order !== 'unknown' && order !== seen) return 'unknown';
    order = seen;
  }
  return order;
}

/** True for a date whose day and month can't be told apart by its form. */
export function isAmbiguousDate(cell: string): boolean {
  return /^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}[T ]/.test(cell);
}

function wall(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  fraction: string | undefined,
): number | null {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second ?? '0'].map(Number);
  if (y === undefined || mo === undefined || d === undefined) return null;
  if (h === undefined || mi === undefined || s === undefined) return null;
  const dayMs = Date.UTC(y, mo - 1, d);
  // Date.UTC carries over: 31 February would silently be in March.
  if (new Date(dayMs).getUTCMonth() !== mo - 1 || h > 23 || mi > 59 || s > 59) return null;
  const ms = fraction === undefined ? 0 : Math.round(Number(`0${fraction}`) * 1000);
  return dayMs + h * hourMs + mi * 60_000 + s * 1000 + ms;
}

function offsetOf(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.replace(/[^\d]/g, '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

/** Seconds, milliseconds, microseconds and nanoseconds have 10, 13, 16 and 19 digits from 2001 to 2286. */
function unixTime(cell: string): number | null {
  const match = /^(\d{10}|\d{13}|\d{16}|\d{19})(\.\d+)?$/.exec(cell);
  const [, digits = '', fraction = ''] = match ?? [];
  switch (digits.length) {
    case 10:
      return Math.round(Number(digits + fraction) * 1000);
    case 13:
    case 16:
    case 19:
      return Math.round(Number(`${digits.slice(0, 13)}.${digits.slice(13)}`));
    default:
      return null;
  }
}
