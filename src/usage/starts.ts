import type { HostColumn, JobColumn } from '../host/columns.ts';
import type { PhaseSignals } from './phases.ts';
import type { MsColumn, Phase, Start, Windows } from './usage.ts';
import { firstWindowAt } from './window-search.ts';

/** Work of this length is the job itself; shorter bursts before it are a trial step or a kernel search. */
const workMs = 60_000;

/** Utilization up to this, right before a stretch that is busier by `risePct`, is preparation (compiling, filling caches). */
const lightPct = 10;
const risePct = 20;

/** Below this part of the usual utilization it is not steady work yet (as in phases.ts). */
const workShare = 0.5;

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
    const endMs = workFrom(w, phase);
    const commandMs = commandsMs.findLast((ms) => ms >= earliestMs && ms < endMs);
    const startMs = commandMs ?? appearedMs(w, endMs, earliestMs);
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

/** The first moment after which a phase works for a minute at half of its usual utilization, on the mean. */
function workFrom(w: Windows, phase: Phase): number {
  const least = workShare * phase.utilizationPct.p50;
  const count = Math.max(1, Math.round(workMs / w.windowMs));
  const end = firstWindowAt(w, phase.steadyEndMs);
  for (let i = firstWindowAt(w, phase.startMs); i + count <= end; i++) {
    if (at(w.utilizationPct, i) < least) continue;
    let sum = 0;
    for (let k = i; k < i + count; k++) sum += at(w.utilizationPct, k);
    if (sum >= least * count) return at(w.startMs, i);
  }
  return phase.steadyStartMs;
}

/** When memory was first held before an instant, on a GPU that was seen empty right before; null where that is not known. */
function appearedMs(w: Windows, workStartMs: number, earliestMs: number): number | null {
  let i = firstWindowAt(w, workStartMs) - 1;
  for (; i >= 0; i--) {
    const startMs = at(w.startMs, i);
    const nextMs = i + 1 < w.length ? at(w.startMs, i + 1) : workStartMs;
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

function at(column: Float64Array | Float32Array | MsColumn, i: number): number {
  return column[i] ?? NaN;
}
