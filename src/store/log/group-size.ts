/** Rows that come in groups: one reading of several GPUs, written one after the other. */
export interface Grouping {
  /** Rows in most groups. */
  readonly size: number;
  /** Half way, in proportion, from the usual step within a group to the usual step between two. */
  readonly splitMs: number;
}

const minimumRows = 6;
/** Shorter steps are the same to us: drivers take turns between 0 and some milliseconds. */
const gridMs = 5;
/** More devices than any one machine that is sold holds. */
const mostGpus = 32;
/** Between groups at least this many times as long as within them. */
const farOverNear = 2.5;
/** Neighbours in order of length, further apart than this, may be of two kinds. */
const jump = 1.7;
/** Rows within a group are milliseconds apart: one query of a GPU takes 3 to 40 ms (A100, V100). */
const nearMs = 100;
const regularShare = 0.5;
/** Slower rows are called a group only where hardly any row breaks the pattern. */
const regularShareOfSlow = 0.95;

/**
 * Finds out from times alone whether rows without an identity are several GPUs: the time between rows is then
 * of two kinds, short within a reading and long between readings, in runs of equal length. Evenly spaced rows,
 * however close, are one GPU sampled fast. Returns null where the rows are no groups.
 * Thresholds: on logs of three and four GPUs at 100 ms the shares of equal runs are 0.99 and more, far over
 * near 20; on single GPUs at 50 ms to 5 s no split has a far over near of 2.5 with runs of equal length.
 */
export function findGrouping(timesMs: Float64Array, length: number): Grouping | null {
  if (length < minimumRows) return sameTime(timesMs, length);
  const deltas = new Float64Array(length - 1);
  for (let i = 0; i < deltas.length; i++) {
    deltas[i] = Math.max(0, (timesMs[i + 1] ?? 0) - (timesMs[i] ?? 0));
  }
  const sorted = deltas.toSorted();
  for (const at of splits(sorted)) {
    const size = groupSize(deltas, sorted, at);
    if (size === null) continue;
    const { near, far } = middles(sorted, at);
    return { size, splitMs: Math.sqrt(Math.max(1, near) * far) };
  }
  return null;
}

function groupSize(deltas: Float64Array, sorted: Float64Array, at: number): number | null {
  const { near, far } = middles(sorted, at);
  if (far < farOverNear * Math.max(gridMs, near)) return null;
  const runs = runLengths(deltas, sorted[at] ?? 0);
  const { size, share } = mode(runs.slice(0, -1));
  // One step alone can be a hiccup: then the rows after it have to be as many as before.
  if (size < 2 || size > mostGpus || (runs.length < 3 && runs.at(-1) !== size)) return null;
  return share >= (near <= nearMs ? regularShare : regularShareOfSlow) ? size : null;
}

function middles(sorted: Float64Array, at: number) {
  return { near: sorted[at >> 1] ?? 0, far: sorted[(at + sorted.length) >> 1] ?? 0 };
}

/** Too few rows for statistics: equal times are all that can be relied on. */
function sameTime(timesMs: Float64Array, length: number): Grouping | null {
  let size = 1;
  while (size < length && timesMs[size] === timesMs[0]) size += 1;
  return size > 1 ? { size, splitMs: 1 } : null;
}

/** Positions in the sorted steps where the longer kind may begin: the best division first, then each jump. */
function splits(sorted: Float64Array): ReadonlySet<number> {
  const found = new Set<number>();
  const best = bestSplit(sorted);
  if (best !== null) found.add(best);
  for (let i = sorted.length - 1; i > 0; i--) {
    if ((sorted[i] ?? 0) >= jump * Math.max(gridMs, sorted[i - 1] ?? 0)) found.add(i);
  }
  return found;
}

/** The division that leaves the least variance of log time on both sides (Otsu's method, two classes). */
function bestSplit(sorted: Float64Array): number | null {
  const logs = sorted.map((d) => Math.log(Math.max(gridMs, d)));
  const total = logs.reduce((sum, v) => sum + v, 0);
  let below = 0;
  let best = 0;
  let split: number | null = null;
  for (let i = 1; i < logs.length; i++) {
    below += logs[i - 1] ?? 0;
    if (sorted[i] === sorted[i - 1]) continue;
    const above = logs.length - i;
    const between = i * above * (below / i - (total - below) / above) ** 2;
    if (between <= best) continue;
    best = between;
    split = i;
  }
  return split;
}

function runLengths(deltas: Float64Array, split: number): number[] {
  const runs: number[] = [];
  let length = 1;
  for (const delta of deltas) {
    if (delta < split) length += 1;
    else {
      runs.push(length);
      length = 1;
    }
  }
  // The last run may be cut off by the end of what is looked at.
  return [...runs, length];
}

function mode(runs: readonly number[]): { readonly size: number; readonly share: number } {
  const counts = new Map<number, number>();
  for (const run of runs) counts.set(run, (counts.get(run) ?? 0) + 1);
  const [size, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0]);
  return { size, share: runs.length === 0 ? 0 : count / runs.length };
}
