import { lastingStarts, median, shiftPct } from './lasting-levels.ts';
import type { Windows } from './usage.ts';

/** A level lasts at least this long: shorter changes are checkpoints, validation (a minute and a half in t4-cifar-lightning), start and end. */
const shortestMs = 180_000;

/**
 * Divides [from, to) of a timeline into stretches of steady utilization, and each of them into stretches of steady load
 * (0–1): a GPU that spins in a hung collective reads as busy as one that works. Returns the starts of the stretches, the
 * first of them `from`.
 */
export function workLevelStarts(
  { utilizationPct, load, windowMs }: Pick<Windows, 'utilizationPct' | 'load' | 'windowMs'>,
  from: number,
  to: number,
): number[] {
  const starts = levelStarts(utilizationPct, windowMs, from, to);
  const loadPct = inPoints(load, from, to);
  if (loadPct === null) return starts;
  return starts.flatMap((start, i) => {
    const end = starts[i + 1] ?? to;
    return levelStarts(loadPct, windowMs, start - from, end - from).map((at) => at + from);
  });
}

/** Load from `from` on in percent; a window without a reading goes with the one before. Null where there is no reading. */
function inPoints(load: Float32Array, from: number, to: number): Float32Array | null {
  let last = load.subarray(from, to).find((share) => !Number.isNaN(share));
  if (last === undefined) return null;
  const points = new Float32Array(to - from);
  for (let i = from; i < to; i++) {
    const share = load[i] ?? Number.NaN;
    if (!Number.isNaN(share)) last = share;
    points[i - from] = 100 * last;
  }
  return points;
}

/**
 * Divides [from, to) of readings in percent: where a level that lasts follows another one (see lasting-levels.ts), and
 * what is between by binary segmentation: each stretch is cut where the cut explains most of its variance, as long as
 * both sides last and their means are apart, and so are the medians next to the cut: a mean alone is moved by a minute of
 * validation.
 */
export function levelStarts(
  percent: Float32Array,
  windowMs: number,
  from: number,
  to: number,
): number[] {
  const shortest = Math.max(2, Math.ceil(shortestMs / windowMs));
  const sums = new Float64Array(to - from + 1);
  for (let i = from; i < to; i++) {
    sums[i - from + 1] = (sums[i - from] ?? 0) + (percent[i] ?? 0);
  }
  const lasting = lastingStarts(percent.subarray(from, to), sums, windowMs);
  const starts: number[] = [];
  const open = lasting.map((start, i): [number, number] => [start, lasting[i + 1] ?? to - from]);
  open.reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const [start, end] = next;
    const cut = bestCut(sums, start, end, shortest);
    if (cut === null || !isShift(percent, cut + from, shortest)) starts.push(start + from);
    else open.push([cut, end], [start, cut]);
  }
  return starts;
}

/** The cut of largest between-group variance whose sides are long and far enough apart; null if there is none. */
function bestCut(sums: Float64Array, start: number, end: number, shortest: number): number | null {
  const base = sums[start] ?? 0;
  const total = (sums[end] ?? 0) - base;
  const count = end - start;
  let best: number | null = null;
  let bestGain = 0;
  for (let cut = start + shortest; cut <= end - shortest; cut++) {
    const left = (sums[cut] ?? 0) - base;
    const n = cut - start;
    const difference = left / n - (total - left) / (count - n);
    if (Math.abs(difference) < shiftPct) continue;
    const gain = ((n * (count - n)) / count) * difference * difference;
    if (gain > bestGain) {
      bestGain = gain;
      best = cut;
    }
  }
  return best;
}

/** True if the level just before an instant and the one just after it are apart. */
function isShift(percent: Float32Array, at: number, shortest: number): boolean {
  const before = median(percent.slice(at - shortest, at));
  return Math.abs(before - median(percent.slice(at, at + shortest))) >= shiftPct;
}
