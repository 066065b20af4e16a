import { parseNanos } from '../decimal.ts';
import type { PriceRow } from './price-row.ts';

/** Why a spot price next to its on-demand price can't be one; null if it can. */
export function spotFault(spot: string, onDemand: string | null): string | null {
  if (onDemand === null) return null;
  const s = parseNanos(spot);
  const d = parseNanos(onDemand);
  if (d === 0n) return null;
  // Catalogues round spot prices to four places, so that fillers differ in the last one.
  if (near(s, d)) return 'spot equal to on-demand: a filler';
  if (s > d) return 'spot above on-demand: one of the two is wrong';
  if (near(s * 10n, d)) return 'spot exactly a tenth of on-demand: a filler';
  return null;
}

/** Within 0.05 %. */
function near(a: bigint, b: bigint): boolean {
  const difference = a > b ? a - b : b - a;
  return difference * 2_000n <= b;
}

/** A price below this share of its fellows in other regions is another product (a flexible start, a promotion) or an error. */
export const implausibleRatio = 0.6;

/** Marks on-demand prices far below the median of the same machine's regions as doubtful. */
export function doubtOutliers(rows: readonly PriceRow[]): readonly PriceRow[] {
  const medians = new Map<string, bigint>();
  for (const [key, group] of groupBy(rows.filter(isOnDemand), (row) => row.type)) {
    if (group.length >= 3) medians.set(key, median(group.map((row) => parseNanos(row.price))));
  }
  return rows.map((row) => {
    const middle = medians.get(row.type);
    if (middle === undefined || !isOnDemand(row)) return row;
    const ratio = Number(parseNanos(row.price)) / Number(middle);
    return ratio < implausibleRatio
      ? { ...row, doubt: `${ratio.toFixed(2)} of the median of all regions` }
      : row;
  });
}

function isOnDemand({ purchase }: PriceRow): boolean {
  return purchase === 'on-demand';
}

/** The middle one, the lower of two. */
export function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
}

export function groupBy<T>(
  items: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
