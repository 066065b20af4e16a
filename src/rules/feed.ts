import type { Phase, RateLevel, RateName, WaitPlace } from '../usage/usage.ts';
import { seen } from './evidence.ts';
import type { Evidence, Threshold } from './rule.ts';
import { placeInWords, rateInWords } from './words.ts';

/** Thresholds on how the feed ran; they change the wording and the order of remedies only. */
export const plateauThresholds = {
  levelFrom: {
    value: 0.8,
    unit: 'share',
    why: 'untested start: a rate that stays within a tenth of its median for four fifths of the time is flat',
  },
  highestFrom: {
    value: 0.9,
    unit: 'share',
    why: 'untested start: within a tenth of the highest rate that was kept up for a minute in the recording',
  },
  placedFrom: {
    value: 0.5,
    unit: 'share',
    why: 'most of the looks that found a process waiting found it on this mount',
  },
} as const satisfies Readonly<Record<string, Threshold>>;

export type PlateauLimits = { readonly [K in keyof typeof plateauThresholds]: number };

/** The rate at which data came in, and what it says. */
export interface Feed {
  readonly rate: RateLevel;
  /** Of what: "read from disks". */
  readonly name: string;
  /**
   * `steady`: flat at the highest rate that was seen; readers that each wait for an answer are as flat, so that it says
   * nothing of what storage could give. `plateau`: so, and the disk has no time left, so more readers hardly help.
   * `below`: storage has given clearly more at another time, so the readers are too few or ask too little at once.
   * `open`: none of these can be said.
   */
  readonly is: 'steady' | 'plateau' | 'below' | 'open';
}

const names: readonly (readonly [RateName, string])[] = [
  ['readBytesPerS', "read from storage by the job's processes"],
  ['diskReadBytesPerS', 'read from disks'],
  ['networkRxBytesPerS', 'received from the network'],
  ['requestedReadBytesPerS', "read by the job's processes, page cache and FUSE included"],
];

/** The job's own reads where they were recorded and are a feed, else the host's; null where nothing came in. */
export function feedOf(
  phase: Phase,
  place: WaitPlace | null,
  limits: PlateauLimits & { readonly reading: number; readonly diskBusy: number },
): Feed | null {
  const isDiskFull =
    (place === null || place.store === 'local') &&
    (phase.host.diskBusyShare ?? 0) >= limits.diskBusy;
  for (const [key, name] of names) {
    const rate = phase.rates[key];
    if (rate === undefined || rate.mean < limits.reading) continue;
    const ofHighest = rate.highest > 0 ? rate.mean / rate.highest : 1;
    const isSteady = rate.levelShare >= limits.levelFrom && ofHighest >= limits.highestFrom;
    if (isSteady) return { rate, name, is: isDiskFull ? 'plateau' : 'steady' };
    return { rate, name, is: ofHighest < 0.5 ? 'below' : 'open' };
  }
  return null;
}

/** The mount that most waits were found on; null where none stands out or it is not to be told. */
export function placeOf(
  { waitPlaces }: Phase,
  limits: Pick<PlateauLimits, 'placedFrom'>,
): WaitPlace | null {
  const [first] = waitPlaces;
  return first !== undefined && first.share >= limits.placedFrom ? first : null;
}

/** What was seen of the mounts and of the rate. */
export function feedEvidence(phase: Phase, feed: Feed | null): readonly Evidence[] {
  const places = phase.waitPlaces.flatMap((place) => [
    seen(`waits found on ${placeInWords(place)}, of all`, place.share, 'share'),
    ...(place.readBytesPerS === null
      ? []
      : [seen(`read from the server of ${place.point}`, place.readBytesPerS, 'bytes/s')]),
    ...(place.readMs === null ? [] : [seen(`a read from ${place.point} took`, place.readMs, 'ms')]),
  ]);
  const missed = missShare(phase);
  return [
    ...places,
    ...(feed === null
      ? []
      : [seen(`highest rate kept up for a minute, ${feed.name}`, feed.rate.highest, 'bytes/s')]),
    ...(missed === null ? [] : [seen('of the bytes read, not in the page cache', missed, 'share')]),
  ];
}

/** Bytes fetched from storage over bytes that read calls returned; FUSE shows in the latter only. */
function missShare({ job, waitPlaces }: Phase): number | null {
  const { readBytesPerS, requestedReadBytesPerS } = job;
  const isFuse = waitPlaces.some(({ store }) => store === 'fuse' || store === 'object-store');
  if (isFuse || readBytesPerS === undefined || requestedReadBytesPerS === undefined) return null;
  // Mapped files are fetched without a read call.
  if (requestedReadBytesPerS <= 0 || readBytesPerS > requestedReadBytesPerS) return null;
  return readBytesPerS / requestedReadBytesPerS;
}

/** ` Data came in on nfs4 mount /data at a steady 180 MB/s, the most that was seen.` */
export function feedSentence(place: WaitPlace | null, feed: Feed | null): string {
  const where = place === null ? '' : ` on ${placeInWords(place)}`;
  if (feed === null) return where === '' ? '' : ` It was found waiting${where}.`;
  const rate = rateInWords(feed.rate.mean);
  const highest = rateInWords(feed.rate.highest);
  const level = {
    steady: `at a steady ${rate}, the most that was seen`,
    plateau: `at a steady ${rate}, the most that was seen, and the disk had no time left`,
    below: `at ${rate}, while ${highest} were kept up at another time`,
    open: `at ${rate}`,
  }[feed.is];
  return ` Data came in${where} ${level}.`;
}
