/** The unit in which a report shows GPU time; chosen once per report, so that numbers compare. */
export interface GpuTimeUnit {
  readonly name: 'GPU-h' | 'GPU-min' | 'GPU-s';
  readonly perHour: number;
  readonly decimals: number;
}

/** Picks the unit by the billed total: thousandths of an hour can't be read at a glance. */
export function gpuTimeUnit(billedHours: number): GpuTimeUnit {
  if (billedHours >= 1000) return { name: 'GPU-h', perHour: 1, decimals: 1 };
  if (billedHours >= 0.5) return { name: 'GPU-h', perHour: 1, decimals: 2 };
  if (billedHours >= 1 / 60) return { name: 'GPU-min', perHour: 60, decimals: 2 };
  return { name: 'GPU-s', perHour: 3600, decimals: 1 };
}

/** `25.60`, in the unit's scale and decimals, without its name. */
export function gpuTime(hours: number, unit: GpuTimeUnit): string {
  return fixed(hours * unit.perHour, unit.decimals);
}

/** Formats amounts of one currency with the decimals that the total asks for. */
export interface MoneyFormat {
  readonly decimals: number;
  text(amount: number): string;
}

/** Two decimals from 1 upwards, more for smaller totals, six at most: a short run costs fractions of a cent. */
export function moneyFormat(currency: string, total: number): MoneyFormat {
  const size = Math.abs(total);
  const decimals = size === 0 || size >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return { decimals, text: (amount) => format.format(amount) };
}

/** A price: two decimals at least, as many as the card gives at most. */
export function price(currency: string, amount: number): string {
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  }).format(amount);
}

/**
 * Rounds parts so that what is shown adds up to the rounded total: largest remainder, ties to the
 * earlier part. Each part is off by less than one unit of its last decimal.
 */
export function apportion(parts: readonly number[], total: number, decimals: number): number[] {
  const scale = 10 ** decimals;
  const scaled = parts.map((part) => part * scale);
  const floors = scaled.map((part) => Math.floor(part + 1e-7));
  const missing = Math.round(total * scale) - floors.reduce((sum, part) => sum + part, 0);
  const byRemainder = scaled
    .map((part, index) => ({ index, remainder: part - (floors[index] ?? 0) }))
    .filter(({ index }) => (parts[index] ?? 0) > 0)
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const raised = new Set(byRemainder.slice(0, Math.max(0, missing)).map(({ index }) => index));
  return floors.map((part, index) => (part + (raised.has(index) ? 1 : 0)) / scale);
}

/** `40.0 %` from 0.4. */
/** A share that is said to be the least possible: never more than it is. */
export function percentAtLeast(share: number): string {
  return `${Math.floor(share * 100 + 1e-9)} %`;
}

/** A share that is said to be the most possible: never less than it is. */
export function percentAtMost(share: number): string {
  return `${Math.ceil(share * 100 - 1e-9)} %`;
}

export function percent(share: number, decimals = 0): string {
  return `${fixed(share * 100, decimals)} %`;
}

/** `1 d 2 h`, `8 h 05 min`, `3 min 20 s`, `2.5 s`, `100 ms`: the two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trimmed(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

function pair(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  const head = `${Math.floor(value / base)} ${large}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}

/** `2026-11-22 08:00:15` of an ISO instant, without seconds where they are zero; `0:03:20` into a log without times. */
export function instant(iso: string): string {
  if (isDateless(iso)) return elapsed(iso);
  const text = iso.slice(0, 19).replace('T', ' ');
  return text.endsWith(':00') ? text.slice(0, 16) : text;
}

/** `2026-11-22 08:00 UTC`; `0:03:20 of the log` where that has no times. */
export function instantUtc(iso: string): string {
  return `${instant(iso)} ${isDateless(iso) ? 'of the log' : 'UTC'}`;
}

/** `2026-11-22 08:00 – 16:00 UTC`, the second date only where it differs; `0:00:00 – 0:15:00 of the log` without times. */
export function timeSpan(startIso: string, endIso: string, dash: string): string {
  if (isDateless(startIso)) return `${instant(startIso)} ${dash} ${instantUtc(endIso)}`;
  const end = instant(endIso);
  const sameDay = startIso.slice(0, 10) === endIso.slice(0, 10);
  return `${instant(startIso)} ${dash} ${sameDay ? end.slice(11) : end} UTC`;
}

/** A log without timestamps counts from the epoch: its dates are none, and no GPU was recorded then. */
function isDateless(iso: string): boolean {
  return Date.parse(iso) < 365 * 86_400_000;
}

function elapsed(iso: string): string {
  const seconds = Math.max(0, Math.floor(Date.parse(iso) / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A reading with its unit, as evidence shows it. */
export function reading(value: number, unit: string): string {
  if (unit === 'ms') return duration(value);
  if (unit === 'share') return percent(value, value < 0.1 ? 1 : 0);
  // The signal's name says of what.
  if (unit === 'GPUs') return number(value);
  if (unit === 'bytes/s') return `${number(value / 1e6)} MB/s`;
  return unit === '' ? number(value) : `${number(value)} ${unit}`;
}

/** Three significant digits below a thousand, whole above, thousands separated. */
export function number(value: number): string {
  if (value !== 0 && Math.abs(value) < 1000) return `${Number(value.toPrecision(3))}`;
  return fixed(value, 0);
}

/** Whole days between two ISO instants or dates. */
export function daysBetween(fromIso: string, toIso: string): number {
  return Math.floor((Date.parse(toIso) - Date.parse(fromIso)) / 86_400_000);
}

function fixed(value: number, decimals: number): string {
  const text = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
  return /^-0(?:\.0+)?$/.test(text) ? text.slice(1) : text;
}

function trimmed(value: number, decimals: number): string {
  return `${Number(value.toFixed(decimals))}`;
}
