/** A rhythm in a series of events: how long from one to the next, and which events keep it. */
export interface Rhythm {
  readonly periodMs: number;
  /** Numbers of the events with a neighbour one period away. */
  readonly regular: readonly number[];
  /** The chance that events at random times would look as regular, all periods that were tried together. */
  readonly chance: number;
}

/** Fewer events have fewer than four intervals, which chance makes equal too easily. */
const fewest = 5;

/** Events keep a rhythm if they are this close to it; steps of data sets and file systems vary by a few per cent. */
const tolerance = 0.1;

/** The part of the events that must have a neighbour one period away. */
const regularShare = 0.6;

/** Half and one and a half periods away there must be fewer pairs than this part: bursts have them everywhere. */
const contrast = 1 / 3;

/** The part of the time from the first event to the last that the rhythm must go through: in bursts it does not. */
const coveredShare = 0.5;

/** Lags are tried up to this many mean intervals: with more events between two of one rhythm, it is not what they follow. */
const longestLag = 2.5;

/** Two tests are made at half of this each. */
const significance = 0.001;

/**
 * Finds the period of events (epoch or relative milliseconds, ascending, on a grid of `gridMs`), if they have one.
 * For `deadMs` after an event there can be no other: even random events then keep some distance.
 *
 * The period is the highest peak of their autocorrelation: the number of pairs of events at each lag, against the
 * Poisson count that events at random times would give (auto-correlogram; D. R. Cox and P. A. W. Lewis, The
 * Statistical Analysis of Series of Events, 1966, chapter 5), corrected for the number of lags tried (Bonferroni).
 * Few events with nearly equal intervals pass too: the share of intervals near the median one against exponential ones,
 * binomially. Periods under four steps of the grid are beyond what it can tell (Nyquist's two, and two more so that a gap
 * between two stalls can be seen).
 */
export function rhythmOf(
  timesMs: readonly number[],
  gridMs: number,
  deadMs: number,
): Rhythm | null {
  const count = timesMs.length;
  const lengthMs = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0);
  if (count < fewest || lengthMs <= 0) return null;
  const meanMs = lengthMs / (count - 1);
  const freeMs = meanMs - deadMs;
  if (freeMs <= 0) return null;
  const lags = Math.min(
    Math.ceil((longestLag * meanMs) / gridMs),
    Math.floor(lengthMs / gridMs / 2),
  );
  const shortest = 4;
  if (lags < shortest) return null;
  const pairs = pairsByLag(timesMs, gridMs, lags);
  let best = { lag: 0, chance: 1 };
  for (let lag = shortest; lag <= lags; lag++) {
    const found = pairsNear(pairs, lag);
    if (found < regularShare * (count - 1)) continue;
    const width = 2 * reach(lag) + 1;
    const room = Math.max(0, 1 - (lag * gridMs) / lengthMs);
    // Right after the dead time random events are denser than on the whole.
    const expected = (count * width * gridMs * room) / freeMs;
    const chance = Math.min(1, (lags - shortest + 1) * poissonTail(found, expected));
    if (chance < best.chance) best = { lag, chance };
  }
  const intervals = timesMs.slice(1).map((time, i) => time - (timesMs[i] ?? 0));
  const even = evenIntervals(intervals, deadMs, freeMs, gridMs);
  const byPairs = best.chance <= even.chance;
  const periodMs = byPairs ? centre(timesMs, best.lag * gridMs, gridMs) : even.periodMs;
  const chance = Math.min(1, 2 * Math.min(best.chance, even.chance));
  const lag = Math.round(periodMs / gridMs);
  if (chance > significance || lag < shortest) return null;
  if (pairsNear(pairs, Math.round(lag / 2)) > contrast * pairsNear(pairs, lag)) return null;
  if (pairsNear(pairs, Math.round(1.5 * lag)) > contrast * pairsNear(pairs, lag)) return null;
  const regular = regularEvents(timesMs, periodMs, gridMs);
  const covers = regular.length * periodMs >= coveredShare * lengthMs;
  return covers && regular.length >= regularShare * count ? { periodMs, regular, chance } : null;
}

function reach(lag: number): number {
  return Math.max(1, Math.round(tolerance * lag));
}

function reachMs(periodMs: number, gridMs: number): number {
  return Math.max(gridMs, tolerance * periodMs);
}

/** How many pairs of events lie each number of grid steps apart. */
function pairsByLag(timesMs: readonly number[], gridMs: number, lags: number): Uint32Array {
  const most = lags + reach(lags);
  const pairs = new Uint32Array(Math.ceil(1.5 * most) + 2);
  for (let a = 0; a < timesMs.length; a++) {
    for (let b = a + 1; b < timesMs.length; b++) {
      const lag = Math.round(((timesMs[b] ?? 0) - (timesMs[a] ?? 0)) / gridMs);
      if (lag >= pairs.length) break;
      pairs[lag] = (pairs[lag] ?? 0) + 1;
    }
  }
  return pairs;
}

function pairsNear(pairs: Uint32Array, lag: number): number {
  let sum = 0;
  for (let k = Math.max(1, lag - reach(lag)); k <= lag + reach(lag); k++) sum += pairs[k] ?? 0;
  return sum;
}

/** The mean distance of the pairs near a lag. */
function centre(timesMs: readonly number[], lagMs: number, gridMs: number): number {
  let sum = 0;
  let count = 0;
  for (let a = 0; a < timesMs.length; a++) {
    for (let b = a + 1; b < timesMs.length; b++) {
      const distance = (timesMs[b] ?? 0) - (timesMs[a] ?? 0);
      if (distance > lagMs + reachMs(lagMs, gridMs)) break;
      if (distance < lagMs - reachMs(lagMs, gridMs)) continue;
      sum += distance;
      count++;
    }
  }
  return count > 0 ? sum / count : lagMs;
}

function evenIntervals(
  intervals: readonly number[],
  deadMs: number,
  freeMs: number,
  gridMs: number,
): { periodMs: number; chance: number } {
  const sorted = [...intervals].sort((a, b) => a - b);
  const periodMs = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const near = reachMs(periodMs, gridMs);
  const hits = intervals.filter((interval) => Math.abs(interval - periodMs) <= near).length;
  const beyond = (ms: number) => Math.exp(-Math.max(0, ms - deadMs) / freeMs);
  const share = beyond(periodMs - near) - beyond(periodMs + near);
  // The median is near itself: it is no evidence.
  const chance = binomialTail(hits - 1, intervals.length - 1, share);
  return hits < regularShare * intervals.length ? { periodMs, chance: 1 } : { periodMs, chance };
}

/** Events with another one a period before or after them. */
function regularEvents(timesMs: readonly number[], periodMs: number, gridMs: number): number[] {
  const near = reachMs(periodMs, gridMs);
  const regular = new Set<number>();
  for (let a = 0; a < timesMs.length; a++) {
    for (let b = a + 1; b < timesMs.length; b++) {
      const distance = (timesMs[b] ?? 0) - (timesMs[a] ?? 0);
      if (distance > periodMs + near) break;
      if (distance >= periodMs - near) regular.add(a).add(b);
    }
  }
  return [...regular].sort((a, b) => a - b);
}

/** P(X ≥ found) of a Poisson variable. */
function poissonTail(found: number, expected: number): number {
  if (found <= expected) return 1;
  let term = Math.exp(found * Math.log(expected) - expected - logFactorial(found));
  let sum = 0;
  for (let k = found; term > sum * 1e-12; k++) {
    sum += term;
    term *= expected / (k + 1);
  }
  return Math.min(1, sum);
}

/** P(X ≥ found) of a binomial variable. */
function binomialTail(found: number, tries: number, share: number): number {
  if (share >= 1 || found <= 0) return 1;
  let sum = 0;
  for (let k = found; k <= tries; k++) {
    const choose = logFactorial(tries) - logFactorial(k) - logFactorial(tries - k);
    sum += Math.exp(choose + k * Math.log(share) + (tries - k) * Math.log(1 - share));
  }
  return Math.min(1, sum);
}

const logFactorials: number[] = [0];

function logFactorial(n: number): number {
  for (let k = logFactorials.length; k <= n; k++) {
    logFactorials.push((logFactorials[k - 1] ?? 0) + Math.log(k));
  }
  return logFactorials[n] ?? 0;
}
