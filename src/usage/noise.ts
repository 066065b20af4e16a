/**
 * How far a ratio of sums (a share, a rate) would differ in another run of the same kind, as far as the run's own course
 * tells: batch means (Law & Kelton, Simulation Modeling and Analysis, 9.5.3; Conway 1963). Neighbouring readings
 * resemble each other, so that the time is cut into few long batches, which hardly do.
 */

/** Bins that batches of 8, 16 and 32 are made of. */
export const noiseBins = 96;

/** The largest standard error of these counts: where stalls come in bursts, longer batches see more of it. */
const batchCounts = [8, 16, 32] as const;

/** Student's t for 95 % and 7 degrees of freedom: of 8 batches, the fewest. */
export const studentT95 = 2.365;

/**
 * Standard error of Σ parts / Σ wholes over bins of equal time; null where fewer than 8 batches of `leastBins` bins
 * can be made, or nothing is there.
 */
export function ratioError(
  parts: readonly number[],
  wholes: readonly number[],
  leastBins: number,
): number | null {
  let worst: number | null = null;
  for (const count of batchCounts) {
    if (noiseBins / count < leastBins) continue;
    const error = errorOf(batchSums(parts, count), batchSums(wholes, count));
    if (error !== null && (worst === null || error > worst)) worst = error;
  }
  return worst;
}

function batchSums(bins: readonly number[], count: number): number[] {
  const sums = Array.from({ length: count }, () => 0);
  bins.forEach((value, bin) => {
    const batch = Math.floor((bin * count) / noiseBins);
    sums[batch] = (sums[batch] ?? 0) + value;
  });
  return sums;
}

/** Linearised variance of a ratio (Cochran, Sampling Techniques, 2.11). Batches in which nothing was observed don't count. */
function errorOf(parts: readonly number[], wholes: readonly number[]): number | null {
  const seen = wholes.flatMap((whole, i) => (whole > 0 ? [{ whole, part: parts[i] ?? 0 }] : []));
  if (seen.length < 8) return null;
  const whole = seen.reduce((sum, batch) => sum + batch.whole, 0);
  const ratio = seen.reduce((sum, batch) => sum + batch.part, 0) / whole;
  const squares = seen.reduce((sum, batch) => sum + (batch.part - ratio * batch.whole) ** 2, 0);
  return Math.sqrt((squares * seen.length) / (seen.length - 1)) / whole;
}
