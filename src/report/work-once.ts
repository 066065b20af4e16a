import type { WorkTrack } from '../usage/work-track.ts';

interface Counting {
  readonly work: readonly WorkTrack[];
}

/**
 * The ranks of one job show the same steps on each of its hosts: of hosts that counted the same at the same time, the one
 * that counted most counts, and `isShared` says so. Hosts that counted one after the other all count.
 */
export function workOnce(machines: readonly Counting[]): {
  readonly tracks: readonly WorkTrack[];
  readonly isShared: boolean;
} {
  const all = machines.flatMap(({ work }, machine) => work.map((track) => ({ track, machine })));
  const byCount = all.toSorted((a, b) => countOf(b.track) - countOf(a.track));
  const kept: typeof all = [];
  for (const one of byCount) {
    const isCounted = kept.some(
      (other) =>
        other.machine !== one.machine &&
        other.track.unit === one.track.unit &&
        other.track.label === one.track.label &&
        overlaps(other.track, one.track),
    );
    if (!isCounted) kept.push(one);
  }
  const tracks = all.filter((one) => kept.includes(one)).map(({ track }) => track);
  return { tracks, isShared: kept.length < all.length };
}

/** What a reader has to know where hosts counted the same. */
export const sharedWorkWarning = {
  code: 'work-on-several-hosts',
  message:
    'Several hosts counted the same steps at the same time: taken as those of one job and counted once. If each did work of its own, report on each by itself.',
} as const;

function countOf({ done }: WorkTrack): number {
  return (done.at(-1) ?? 0) - (done[0] ?? 0);
}

function overlaps(a: WorkTrack, b: WorkTrack): boolean {
  const [aFrom = 0, bFrom = 0] = [a.timeMs[0], b.timeMs[0]];
  return aFrom < (b.timeMs.at(-1) ?? 0) && bFrom < (a.timeMs.at(-1) ?? 0);
}
