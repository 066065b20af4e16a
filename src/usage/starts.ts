import type { HostColumn, JobColumn } from '../host/columns.ts';
import type { PhaseSignals } from './phases.ts';
import type { MsColumn, Phase, Start, Windows } from './usage.ts';
import { firstWindowAt } from './window-search.ts';

/** Work of this length is the job itself; shorter bursts before it are a trial step or a kernel search. */
const workMs = 60_000;

/** Utilization up to this, right before a stretch that is busier by `risePct`, is preparation (compiling, filling caches). */
const lightPct = 10;
const risePct = 20;

/** A hole of this length: nobody knows what happened in it (as in phases.ts). */
const breakMs = 60_000;

/**
 * The start-ups that were seen whole: from the start of a wrapped command, or from the moment when a process first
 * held memory on a GPU that had been empty, to the steady work that followed. What was there when recording began
 * is none: its beginning is not known.
 */
export function findStarts(
  w: Windows,
  phases: readonly Phase[],
  commandsMs: readonly number[],
  signals: PhaseSignals,
): Start[] {
  const starts: Start[] = [];
  let earliestMs = -Infinity;
  phases.forEach((phase, p) => {
    if (!isJob(phase, phases[p + 1])) return;
    const endMs = phase.steadyStartMs;
    const commandMs = commandsMs.findLast((ms) => ms >= earliestMs && ms < endMs);
    const startMs = commandMs ?? appearedMs(w, phase, earliestMs);
    if (startMs !== null && startMs < endMs) {
      const by = commandMs === undefined ? 'process' : 'command';
      starts.push(toStart(w, startMs, endMs, by, signals));
    }
    earliestMs = phase.endMs;
  });
  return starts;
}

function isJob(phase: Phase, next: Phase | undefined): boolean {
  if (phase.observedMs < workMs) return false;
  const mean = phase.utilizationPct.mean;
  const rises = next !== undefined && next.utilizationPct.mean >= mean + risePct;
  return !(mean <= lightPct && rises && next.startMs - phase.endMs < breakMs);
}

/** When memory was first held before a phase, on a GPU that was seen empty right before; null where that is not known. */
function appearedMs(w: Windows, phase: Phase, earliestMs: number): number | null {
  let i = firstWindowAt(w, phase.steadyStartMs) - 1;
  for (; i >= 0; i--) {
    const startMs = at(w.startMs, i);
    const nextMs = i + 1 < w.length ? at(w.startMs, i + 1) : phase.steadyStartMs;
    if (startMs < earliestMs || nextMs - startMs - w.windowMs > breakMs) return null;
    const isEmpty = at(w.emptyMs, i) * 2 > at(w.observedMs, i);
    if (isEmpty) return startMs + w.windowMs;
  }
  return null;
}

function toStart(
  w: Windows,
  startMs: number,
  endMs: number,
  by: Start['by'],
  signals: PhaseSignals,
): Start {
  const from = firstWindowAt(w, startMs);
  const to = firstWindowAt(w, endMs);
  const sum = (column: MsColumn) => {
    let total = 0;
    for (let i = from; i < to; i++) total += at(column, i);
    return total;
  };
  const host: Partial<Record<HostColumn, number>> = signals.host?.means(startMs, endMs) ?? {};
  const job: Partial<Record<JobColumn, number>> = signals.job?.means(startMs, endMs) ?? {};
  return {
    startMs,
    endMs,
    by,
    observedMs: sum(w.observedMs),
    busyMs: sum(w.busyMs),
    waitingMs: sum(w.waitingMs),
    heldMs: sum(w.heldMs),
    emptyMs: sum(w.emptyMs),
    host,
    job,
  };
}

function at(column: Float64Array | MsColumn, i: number): number {
  return column[i] ?? NaN;
}
