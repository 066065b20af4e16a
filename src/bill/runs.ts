import type { Run } from '../usage/usage.ts';
import { type BootGroup, groupByRun, type RunNote, type WatchedSession } from './run-groups.ts';

/** Where the billed time of a machine begins: the watched time only, its boot, its launch, or a time the user names. */
export type BilledFrom =
  | { readonly from: 'start' | 'boot' | 'launch' }
  | { readonly from: 'time'; readonly timeMs: number };

export interface RunOptions {
  readonly billedFrom: BilledFrom;
  readonly incrementMs: number;
  readonly minimumMs: number;
  /** True where the metadata's launch is the machine's creation, which a stop and start does not move (OCI). */
  readonly launchSurvivesStop: boolean;
  /** True while the machine is known to be running still: its last run then owes the minimum, but no increment yet. */
  readonly ongoing: boolean;
}

export interface MachineRuns {
  /** Ascending, apart from each other, none empty. */
  readonly runs: readonly Run[];
  /** What was assumed, for the report's warnings. */
  readonly notes: readonly RunNote[];
}

/**
 * What a provider bills for a run of `lengthMs`: rounded up to its increment, at least its minimum
 * (AWS Linux: per second, 60 s at each start; Lambda: per minute; OCI bare metal: 1 h at least). Milliseconds.
 */
export function billedMs(lengthMs: number, incrementMs: number, minimumMs: number): number {
  const step = Math.max(1, incrementMs);
  return Math.max(Math.ceil(lengthMs / step) * step, minimumMs);
}

/**
 * The runs of one machine from the sessions that watched it. `start` bills the time that was watched, once however
 * many sessions watched it, and rounds nothing. The others bill from boot, launch or a time to the end of
 * watching, with increment and minimum for each run; see `groupByRun` for when sessions are one run.
 * A run whose boot or launch is not known begins where the next best fact puts it, and a note says so.
 */
export function makeRuns(sessions: readonly WatchedSession[], options: RunOptions): MachineRuns {
  if (options.billedFrom.from === 'start') return { runs: watchedRuns(sessions), notes: [] };

  const { groups, notes } = groupByRun(sessions, options.launchSurvivesStop);
  const allNotes: RunNote[] = [...notes];
  const runs: Run[] = [];
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const beginning = beginningOf(group, options.billedFrom, runs.length === 0, options);
    const startMs = Math.max(beginning.startMs, runs.at(-1)?.endMs ?? -Infinity);
    if (startMs >= group.endMs) continue;
    if (beginning.note !== null) allNotes.push(beginning.note);
    const lengthMs = group.endMs - startMs;
    const goesOn = isLast && options.ongoing;
    runs.push({
      startMs,
      fullStartMs: startMs,
      endMs: group.endMs,
      startedBy: beginning.startedBy,
      billedMs:
        beginning.startedBy === 'start'
          ? lengthMs
          : billedMs(lengthMs, goesOn ? 1 : options.incrementMs, options.minimumMs),
    });
  }
  return { runs, notes: allNotes };
}

/**
 * The run of a machine that is charged by the calendar (reserved, on-premises), used or not:
 * the commitment, or the window asked for. It has no rounding.
 */
export function alwaysRun(startMs: number, endMs: number): Run {
  return { startMs, fullStartMs: startMs, endMs, startedBy: 'time', billedMs: endMs - startMs };
}

/**
 * Cuts runs to a window [sinceMs, untilMs). The rounding of a run falls where it ends: into the window whose part
 * holds its last instant. Runs that don't reach into the window are left out.
 */
export function cutRuns(runs: readonly Run[], sinceMs: number, untilMs: number): Run[] {
  return runs
    .filter((run) => run.startMs < untilMs && run.endMs > sinceMs && sinceMs < untilMs)
    .map((run) => {
      const startMs = Math.max(run.startMs, sinceMs);
      const endMs = Math.min(run.endMs, untilMs);
      const roundingMs = run.endMs <= untilMs ? run.billedMs - (run.endMs - run.startMs) : 0;
      return { ...run, startMs, endMs, billedMs: endMs - startMs + roundingMs };
    });
}

/** One run for each stretch of time that at least one session watched. */
function watchedRuns(sessions: readonly WatchedSession[]): Run[] {
  const spans: { startMs: number; endMs: number }[] = [];
  const watched = sessions.filter(({ startMs, endMs }) => endMs > startMs);
  for (const { startMs, endMs } of watched.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = spans.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else spans.push({ startMs, endMs });
  }
  return spans.map(({ startMs, endMs }) => ({
    startMs,
    fullStartMs: startMs,
    endMs,
    startedBy: 'start',
    billedMs: endMs - startMs,
  }));
}

interface Beginning {
  readonly startMs: number;
  readonly startedBy: Run['startedBy'];
  readonly note: RunNote | null;
}

/** Where a run begins: what was asked for if it is known, else the next best fact, named. */
function beginningOf(
  group: BootGroup,
  billedFrom: BilledFrom,
  isFirst: boolean,
  { launchSurvivesStop }: RunOptions,
): Beginning {
  if (billedFrom.from === 'time' && isFirst) {
    return { startMs: billedFrom.timeMs, startedBy: 'time', note: null };
  }
  // A creation time says nothing about a start after a stop: from the second run on the boot is the start.
  const launchedAt = launchSurvivesStop && !isFirst ? null : group.launchedAt;
  if (billedFrom.from !== 'boot' && launchedAt !== null) {
    return {
      startMs: Math.min(launchedAt, group.startMs),
      startedBy: 'launch',
      note: launchSurvivesStop ? creationNote(launchedAt) : null,
    };
  }
  const missing = billedFrom.from === 'launch' ? 'launch' : 'boot';
  if (group.bootedAt !== null) {
    return {
      startMs: Math.min(group.bootedAt, group.startMs),
      startedBy: 'boot',
      note: missing === 'launch' ? fallbackNote(group, 'launch', 'boot') : null,
    };
  }
  return {
    startMs: group.startMs,
    startedBy: 'start',
    note: fallbackNote(group, missing, 'first sample'),
  };
}

function creationNote(createdAt: number): RunNote {
  return {
    code: 'launch-is-creation',
    message:
      `The machine's metadata gives its creation (${new Date(createdAt).toISOString()}), not its last start: ` +
      'stops since then are not seen and are billed.',
  };
}

function fallbackNote(group: BootGroup, missing: string, instead: string): RunNote {
  return {
    code: `${missing}-unknown`,
    message:
      `The ${missing} of the run watched from ${new Date(group.startMs).toISOString()} is not known: ` +
      `it is billed from its ${instead}, which is the least it can be.`,
  };
}
