import type { MountKind } from '../host/mounts.ts';
import type { WaitPlace } from './usage.ts';

/** What one line of a session says of a job's waits. */
export interface WaitsSeen {
  readonly timeMs: number;
  readonly mounts: readonly {
    readonly point: string;
    readonly type: string;
    readonly store: MountKind;
    readonly found: number;
    readonly writing: number;
    readonly readBytesPerS: number | null;
    readonly readMs: number | null;
  }[];
  readonly unplaced: number;
}

/** Lines come three a minute while a job waits; rules read phases of minutes. */
const stepMs = 60_000;
/** Places that are named; more are in nobody's way. */
const mostPlaces = 3;

interface Step {
  readonly step: number;
  found: number;
  writing: number;
  /** Sums of the readings, and how many there were. */
  readBytesPerS: number;
  rates: number;
  readMs: number;
  times: number;
}

/** For which mounts the processes on one GPU were found waiting. */
export class MountWaits {
  readonly #places = new Map<string, { readonly of: WaitsSeen['mounts'][number]; steps: Step[] }>();
  readonly #unplaced: Step[] = [];

  add({ timeMs, mounts, unplaced }: WaitsSeen): void {
    const step = Math.floor(timeMs / stepMs);
    if (unplaced > 0) at(this.#unplaced, step).found += unplaced;
    for (const mount of mounts) {
      const key = `${mount.type} ${mount.point}`;
      const place = this.#places.get(key) ?? { of: mount, steps: [] };
      this.#places.set(key, place);
      const so = at(place.steps, step);
      so.found += mount.found;
      so.writing += mount.writing;
      if (mount.readBytesPerS !== null) {
        so.readBytesPerS += mount.readBytesPerS;
        so.rates += 1;
      }
      if (mount.readMs !== null) {
        so.readMs += mount.readMs;
        so.times += 1;
      }
    }
  }

  /** The mounts that were waited for most often in a span of time. */
  places(startMs: number, endMs: number): WaitPlace[] {
    const within = (steps: readonly Step[]) => sumOf(steps, startMs, endMs);
    const sums = Array.from(this.#places.values(), ({ of, steps }) => ({ of, sum: within(steps) }));
    const all = sums.reduce((total, { sum }) => total + sum.found, within(this.#unplaced).found);
    return sums
      .filter(({ sum }) => sum.found > 0)
      .sort((a, b) => b.sum.found - a.sum.found || (a.of.point < b.of.point ? -1 : 1))
      .slice(0, mostPlaces)
      .map(({ of, sum }) => ({
        point: of.point,
        type: of.type,
        store: of.store,
        share: sum.found / all,
        writingShare: sum.writing / sum.found,
        readBytesPerS: sum.rates > 0 ? sum.readBytesPerS / sum.rates : null,
        readMs: sum.times > 0 ? sum.readMs / sum.times : null,
      }));
  }
}

/** The sums of a step; lines come in order as a rule, those of another recording may be older. */
function at(steps: Step[], step: number): Step {
  const isLater = (steps.at(-1)?.step ?? -1) < step;
  const known = isLater ? undefined : steps.findLast((so) => so.step === step);
  if (known !== undefined) return known;
  const fresh = { step, found: 0, writing: 0, readBytesPerS: 0, rates: 0, readMs: 0, times: 0 };
  steps.push(fresh);
  return fresh;
}

function sumOf(steps: readonly Step[], startMs: number, endMs: number): Step {
  const sum = { step: 0, found: 0, writing: 0, readBytesPerS: 0, rates: 0, readMs: 0, times: 0 };
  for (const so of steps) {
    const fromMs = so.step * stepMs;
    if (fromMs + stepMs <= startMs || fromMs >= endMs) continue;
    sum.found += so.found;
    sum.writing += so.writing;
    sum.readBytesPerS += so.readBytesPerS;
    sum.rates += so.rates;
    sum.readMs += so.readMs;
    sum.times += so.times;
  }
  return sum;
}
