/**
 * Levels differ by at least this many points of utilization, or of load: what tells the GPUs of one job apart, too
 * (equal ranks lie within 2 points, pipeline stages 9 % of the limit apart; measured).
 */
export const shiftPct = 20;

/** Levels of this length are told by what is next to the change alone; shorter ones belong to the rhythm of the work. */
const lastingMs = 600_000;

/** So much of it must lie on its own side of the middle: a validation of a minute or so may lie within, a pause of 8 may not. */
const ownShare = 0.85;

/**
 * Starts of levels that last, the first of them 0. A mean over all that comes before or after a change, which binary
 * segmentation compares, hides an hour of starving in the middle of a day of work; here ten minutes on each side of a
 * change are compared (a moving window of two samples). `sums` are the running sums of the readings.
 */
export function lastingStarts(
  percent: Float32Array,
  sums: Float64Array,
  windowMs: number,
): number[] {
  const span = Math.ceil(lastingMs / windowMs);
  const starts = [0];
  const rise = (i: number) =>
    ((sums[i + span] ?? 0) - 2 * (sums[i] ?? 0) + (sums[i - span] ?? 0)) / span;
  let best = 0;
  for (let i = span; i <= percent.length - span + 1; i++) {
    const now = i <= percent.length - span ? rise(i) : 0;
    const goesOn = best > 0 && Math.abs(now) >= shiftPct && now > 0 === rise(best) > 0;
    if (best > 0 && !goesOn) {
      const start = changeNear(percent, best, span);
      if (start !== null && start > (starts.at(-1) ?? 0)) starts.push(start);
      best = 0;
    }
    if (Math.abs(now) < shiftPct) continue;
    if (best === 0 || Math.abs(now) > Math.abs(rise(best))) best = i;
  }
  return starts;
}

/** Where one level follows the other within a span of an instant; null where the two sides are not two levels. */
function changeNear(percent: Float32Array, near: number, span: number): number | null {
  const before = median(percent.slice(near - span, near));
  const after = median(percent.slice(near, near + span));
  if (Math.abs(before - after) < shiftPct) return null;
  const middle = (before + after) / 2;
  const isBefore = (i: number) => (percent[i] ?? 0) > middle === before > after;
  let [wrong, least, start] = [0, Infinity, near];
  for (let i = near - span; i < near + span; i++) if (isBefore(i)) wrong++;
  for (let i = near - span; i < near + span; i++) {
    if (wrong < least) [least, start] = [wrong, i];
    wrong += isBefore(i) ? -1 : 1;
  }
  const own = (from: number, to: number, belongs: (i: number) => boolean) => {
    let count = 0;
    for (let i = Math.max(0, from); i < Math.min(percent.length, to); i++) if (belongs(i)) count++;
    return count >= ownShare * span;
  };
  const isLevel =
    own(start - span, start, isBefore) && own(start, start + span, (i) => !isBefore(i));
  return isLevel ? start : null;
}

/** Sorts the values that it is given. */
export function median(values: Float32Array): number {
  values.sort();
  return values[values.length >> 1] ?? 0;
}
