import type { MachineRate } from '../bill/rate.ts';
import type { RunNote, WatchedSession } from '../bill/run-groups.ts';
import { alwaysRun, type BilledFrom, cutRuns, makeRuns } from '../bill/runs.ts';
import { launchSurvivesStop } from '../machine/oci-metadata.ts';
import type { Run } from '../usage/usage.ts';
import type { CollectedMachine } from './collect.ts';

/**
 * The runs of a machine that are billed, cut to the window asked for. By the calendar from the window's start to its
 * end where the price is charged used or not (open ends: from the first to the last watched moment); else from
 * where `billedFrom` says, by what each session knew of its boot and launch.
 */
export function billedRuns(
  machine: Pick<CollectedMachine, 'recordings' | 'watched' | 'cuts' | 'facts'>,
  rate: Pick<MachineRate, 'charged' | 'commitment' | 'incrementMs' | 'minimumMs'> | null,
  billedFrom: BilledFrom,
  sinceMs: number | null,
): { readonly runs: readonly Run[]; readonly notes: readonly RunNote[] } {
  const { cuts, watched } = machine;
  const first = watched[0];
  const last = watched.at(-1);
  if (first === undefined || last === undefined) return { runs: [], notes: [] };

  if (rate?.charged === 'always') {
    const { fromMs = -Infinity, untilMs = Infinity } = rate.commitment ?? {};
    const askedMs = Number.isFinite(cuts.startMs) ? cuts.startMs : first.startMs;
    const endedMs = Number.isFinite(cuts.endMs) ? cuts.endMs : last.endMs;
    // Nothing is charged outside the term; time that was watched shows that the machine was there all the same.
    const startMs = Math.max(askedMs, Math.min(fromMs, first.startMs));
    const endMs = Math.min(endedMs, Math.max(untilMs, last.endMs));
    return { runs: endMs > startMs ? [alwaysRun(startMs, endMs)] : [], notes: [] };
  }
  // What is watched is joined over stops shorter than a gap; runs need each session's own boot and launch.
  const sessions =
    billedFrom.from === 'start'
      ? watched.map((span) => ({ ...span, bootedAt: null, launchedAt: null }))
      : sessionsOf(machine);
  const { runs, notes } = makeRuns(sessions, {
    billedFrom,
    incrementMs: rate?.incrementMs ?? 1,
    minimumMs: rate?.minimumMs ?? 0,
    launchSurvivesStop: launchSurvivesStop(machine.facts?.provider ?? null),
    ongoing: false,
  });
  return { runs: cutRuns(runs, sinceMs ?? -Infinity, cuts.endMs), notes };
}

/** Each session with what it knew; a stop too short to be one (it is inside a watched span) belongs to the session before it. */
function sessionsOf(machine: Pick<CollectedMachine, 'recordings' | 'watched'>): WatchedSession[] {
  const sessions = machine.recordings
    .filter(({ startMs, endMs }) => Number.isFinite(startMs) && endMs >= startMs)
    .map(({ recording, startMs, endMs }) => ({
      startMs,
      endMs,
      bootedAt: recording.host?.bootedAt ?? null,
      launchedAt: recording.machine?.launchedAt ?? null,
    }))
    .toSorted((a, b) => a.startMs - b.startMs);
  return sessions.map((session) => {
    const span = machine.watched.find(
      (w) => w.startMs <= session.endMs && session.endMs <= w.endMs,
    );
    const isCovered = sessions.some((s) => s.startMs <= session.endMs && s.endMs > session.endMs);
    const next = sessions.find((s) => s.startMs > session.endMs);
    if (!span || isCovered || !next || next.startMs > span.endMs) return session;
    return { ...session, endMs: next.startMs };
  });
}
