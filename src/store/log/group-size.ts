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
  let best: (Grouping & { readonly score: number }) | null = null;
  for (const { at, variance } of splits(sorted)) {
    const { near, far } = middles(sorted, at);
    if (far < farOverNear * Math.max(gridMs, near)) continue;
    const { size, share } = usualRun(runLengths(deltas, sorted[at] ?? 0));
    if (size < 2 || size > mostGpus) continue;
    if (share < (near <= nearMs ? regularShare : regularShareOfSlow)) continue;
    // Steps within a group, and pauses between groups, may be of two kinds, too.
    const score = share * variance;
    if (best !== null && best.score >= score) continue;
    best = { size, score, splitMs: Math.sqrt(Math.max(1, near) * far) };
  }
  return best === null ? null : { size: best.size, splitMs: best.splitMs };
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

interface Split {
  readonly at: number;
  /** Between the classes, of log time: what Otsu's method makes largest. */
  readonly variance: number;
}

/** Positions in the sorted steps where the longer kind may begin: the best division in two, and each jump. */
function splits(sorted: Float64Array): readonly Split[] {
  const logs = sorted.map((d) => Math.log(Math.max(gridMs, d)));
  const total = logs.reduce((sum, v) => sum + v, 0);
  const found: Split[] = [];
  let best: Split | null = null;
  let below = 0;
  for (let at = 1; at < logs.length; at++) {
    below += logs[at - 1] ?? 0;
    const [before = 0, after = 0] = sorted.subarray(at - 1, at + 1);
    if (before === after) continue;
    const above = logs.length - at;
    const variance = at * above * (below / at - (total - below) / above) ** 2;
    const split = { at, variance };
    if (best === null || best.variance < variance) best = split;
    if (after >= jump * Math.max(gridMs, before)) found.push(split);
  }
  return best === null ? found : [best, ...found];
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

/** The most frequent run and its share; a size of 0 where there are too few to say. */
function usualRun(runs: readonly number[]): { readonly size: number; readonly share: number } {
  const whole = runs.slice(0, -1);
  // One long step alone can be a hiccup: then the rows after it have to be as many as before.
  if (whole.length < 2 && runs.at(-1) !== whole[0]) return { size: 0, share: 0 };
  const counts = new Map<number, number>();
  for (const run of whole) counts.set(run, (counts.get(run) ?? 0) + 1);
  const [size, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0]);
  return { size, share: count / whole.length };
}
