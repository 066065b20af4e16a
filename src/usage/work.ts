import type { Span } from './accounts.ts';
import { mainTracks } from './main-track.ts';
import { noiseBins, ratioError, studentT95 } from './noise.ts';
import type { WorkTrack, WorkUnit } from './work-track.ts';

/** One counter's work over all recordings, between its first and last reading in each. */
export interface CountedWork {
  readonly unit: WorkUnit;
  readonly label: string;
  readonly count: number;
  /** Between readings, one a recording. */
  readonly spans: readonly Span[];
  /** Milliseconds for one, with a 95 % band by batch means; null where there are too few readings to know. */
  readonly msPer: {
    readonly estimate: number;
    readonly low: number | null;
    readonly high: number | null;
  };
}

export interface Work {
  /** The counter that money is told per: steps if there are any, the one that counted most. */
  readonly main: CountedWork;
  readonly others: readonly CountedWork[];
  /** What is left of the latest run by the counter that runs through to an end; null where none says. */
  readonly rest: Rest | null;
}

export interface Rest {
  readonly unit: WorkUnit;
  readonly count: number;
  readonly total: number;
  /** The command has ended before it came there. */
  readonly hasEnded: boolean;
  readonly ms: {
    readonly estimate: number;
    readonly low: number | null;
    readonly high: number | null;
  };
}

const rank: Readonly<Record<WorkUnit, number>> = { step: 0, token: 1, epoch: 2 };

/** Loops of ever new lengths would be a counter each. */
const maxOthers = 15;

/** Null where nothing was counted. Only differences count: what a counter began with was done before. */
export function workOf(tracks: readonly WorkTrack[]): Work | null {
  const mains = mainTracks(tracks);
  const groups = new Map<string, WorkTrack[]>();
  for (const track of tracks) {
    const name = `${track.unit} ${track.label}`;
    const key = mains.has(track) ? name : `${name} ${track.lastTotal}`;
    groups.set(key, [...(groups.get(key) ?? []), track]);
  }
  const [main, ...others] = [...groups.values()]
    .flatMap((group) => {
      const work = countedWork(group);
      return work === null ? [] : [{ work, isMain: group.some((track) => mains.has(track)) }];
    })
    .sort(
      (a, b) =>
        rank[a.work.unit] - rank[b.work.unit] ||
        Number(b.isMain) - Number(a.isMain) ||
        b.work.count - a.work.count,
    )
    .map(({ work }) => work);
  return main === undefined
    ? null
    : { main, others: others.slice(0, maxOthers), rest: restOf(tracks) };
}

function countedWork(tracks: readonly WorkTrack[]): CountedWork | null {
  const [first] = tracks;
  const moving = tracks.map(withoutStart).filter(({ timeMs }) => timeMs.length > 1);
  const spans = moving.map(({ timeMs }) => ({
    startMs: timeMs[0] ?? 0,
    endMs: timeMs.at(-1) ?? 0,
  }));
  const ms = spans.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
  const moved = countOf(moving);
  if (first === undefined || moved <= 0 || ms <= 0) return null;
  const estimate = ms / moved;
  const error = rateError(moving);
  return {
    unit: first.unit,
    label: first.label,
    count: countOf(tracks),
    spans,
    msPer: {
      estimate,
      low: error === null ? null : estimate / (1 + studentT95 * error),
      high: error === null || studentT95 * error >= 1 ? null : estimate / (1 - studentT95 * error),
    },
  };
}

function countOf(tracks: readonly WorkTrack[]): number {
  return tracks.reduce((sum, { done }) => sum + (done.at(-1) ?? 0) - (done[0] ?? 0), 0);
}

/** A bar stands at its first value while the run loads and compiles; where enough follows, the pace begins behind that. */
function withoutStart(track: WorkTrack): WorkTrack {
  const { timeMs, done } = track;
  if (timeMs.length < 8 || done[0] !== 0) return track;
  return { ...track, timeMs: timeMs.slice(1), done: done.slice(1) };
}

/** Standard error of the pace as a share of it; of the longest recording, where the others are parts of the same. */
function rateError(tracks: readonly WorkTrack[]): number | null {
  const longest = tracks.reduce<WorkTrack | null>(
    (a, b) => (a === null || b.timeMs.length > a.timeMs.length ? b : a),
    null,
  );
  if (longest === null) return null;
  const { timeMs, done } = longest;
  const startMs = timeMs[0] ?? 0;
  const spanMs = (timeMs.at(-1) ?? 0) - startMs;
  const total = (done.at(-1) ?? 0) - (done[0] ?? 0);
  const parts = binned(timeMs, done, startMs, spanMs);
  const wholes = parts.map(() => spanMs / noiseBins);
  // A batch needs two readings of its own to have a pace.
  const error = ratioError(parts, wholes, (2 * noiseBins) / timeMs.length);
  return error === null ? null : (error * spanMs) / total;
}

/** Work by bins of equal time; between two readings it is taken as even. */
function binned(
  timeMs: readonly number[],
  done: readonly number[],
  startMs: number,
  spanMs: number,
): number[] {
  const bins: number[] = [];
  let at = 0;
  let before = done[0] ?? 0;
  for (let bin = 1; bin <= noiseBins; bin++) {
    const edgeMs = startMs + (spanMs * bin) / noiseBins;
    while (at + 2 < timeMs.length && (timeMs[at + 1] ?? 0) < edgeMs) at++;
    const [fromMs = 0, toMs = 0] = [timeMs[at], timeMs[at + 1]];
    const [from = 0, to = 0] = [done[at], done[at + 1]];
    const value = from + (to - from) * Math.min(1, (edgeMs - fromMs) / (toMs - fromMs));
    bins.push(value - before);
    before = value;
  }
  return bins;
}

/** By the counter with a total that never began anew, in the latest recording: it runs through the whole. */
function restOf(tracks: readonly WorkTrack[]): Rest | null {
  const latest = tracks.reduce<WorkTrack | null>(
    (a, b) => (a === null || (b.timeMs.at(-1) ?? 0) > (a.timeMs.at(-1) ?? 0) ? b : a),
    null,
  );
  const rests = tracks
    .filter((track) => track.recording === latest?.recording && !track.isRepeated)
    .flatMap((track): Rest[] => {
      const { lastTotal: total, lastCount: count, unit, hasEnded } = track;
      const work = countedWork([track]);
      if (total === null || work === null || count >= total) return [];
      const { estimate, low, high } = work.msPer;
      const left = total - count;
      // `Epoch 3/10` may mean that the third begins, or that it has ended.
      const most = unit === 'epoch' ? left + 1 : left;
      return [
        {
          unit,
          count,
          total,
          hasEnded,
          ms: {
            estimate: left * estimate,
            low: low === null ? null : left * low,
            high: high === null ? null : most * high,
          },
        },
      ];
    });
  return rests.sort((a, b) => b.ms.estimate - a.ms.estimate)[0] ?? null;
}
