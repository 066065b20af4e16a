const unitMs: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  // 365.25 days: 8,766 hours.
  ['y', 31_557_600_000],
]);

/** Milliseconds of a duration such as `1s`, `90d` or `4y`; null for anything else. A year has 8,766 hours. */
export function durationMs(text: string): number | null {
  const match = /^(\d{1,6})([smhdy])$/.exec(text);
  const unit = unitMs.get(match?.[2] ?? '');
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
