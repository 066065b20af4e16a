import type { WorkTrack } from './work-track.ts';

/** A counter that was seen in less than this share of the longest one's time is of a part: loading, a check. */
const wholeShare = 0.5;

/** A loop around another one moves only when that one has ended: hardly ever twice in a row. */
const aloneShare = 0.1;

/**
 * Of the counters of a recording that have one name, such as bars without a label, the one of the run itself: seen
 * through most of the time, moving also without the others, running through rather than beginning anew; then the one
 * that counted most.
 */
export function mainTracks(tracks: readonly WorkTrack[]): ReadonlySet<WorkTrack> {
  const names = new Map<string, WorkTrack[]>();
  for (const track of tracks) {
    const name = `${track.recording} ${track.unit} ${track.label}`;
    names.set(name, [...(names.get(name) ?? []), track]);
  }
  return new Set([...names.values()].flatMap((named) => mainOf(named) ?? []));
}

function mainOf(tracks: readonly WorkTrack[]): WorkTrack | null {
  const [first, second] = tracks;
  if (second === undefined) return first ?? null;
  const longest = Math.max(...tracks.map(spanMs));
  const [main] = tracks
    .filter((track) => spanMs(track) >= wholeShare * longest)
    .map((track) => ({ track, isOuter: isOuter(track, tracks) }))
    .sort(
      (a, b) =>
        Number(a.isOuter) - Number(b.isOuter) ||
        Number(a.track.isRepeated) - Number(b.track.isRepeated) ||
        counted(b.track) - counted(a.track),
    );
  return main?.track ?? null;
}

function isOuter(track: WorkTrack, tracks: readonly WorkTrack[]): boolean {
  const others = tracks
    .filter((other) => other !== track)
    .flatMap(({ timeMs }) => timeMs)
    .sort((a, b) => a - b);
  let alone = 0;
  let at = 0;
  track.timeMs.forEach((toMs, i) => {
    const fromMs = track.timeMs[i - 1];
    if (fromMs === undefined) return;
    while ((others[at] ?? Infinity) <= fromMs) at++;
    if ((others[at] ?? Infinity) >= toMs) alone++;
  });
  return alone < aloneShare * (track.timeMs.length - 1);
}

function spanMs({ timeMs }: WorkTrack): number {
  return (timeMs.at(-1) ?? 0) - (timeMs[0] ?? 0);
}

function counted({ done }: WorkTrack): number {
  return (done.at(-1) ?? 0) - (done[0] ?? 0);
}
