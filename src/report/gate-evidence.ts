import type { Report } from './report.ts';

/** What a gate needs before it judges; the project file may set other values (budgets: evidence). */
export interface GateEvidence {
  /** The least share of billed time that was observed, 0–1. */
  readonly coverage: number;
  /** The least observed time of a GPU, milliseconds, as a mean over the GPUs. */
  readonly durationMs: number;
  /** How many standard errors a share must lie off its limit. */
  readonly standardErrors: number;
}

/**
 * Coverage: below a half the part nobody saw outweighs the part that is judged. Duration: a shorter idle stretch can't be
 * told from a pause (the idle horizon), and start-up makes up most of a shorter run; jobstats too is quiet below 300 s.
 * Standard errors: two leave one verdict in twenty to chance.
 */
export const gateEvidence: GateEvidence = {
  coverage: 0.5,
  durationMs: 300_000,
  standardErrors: 2,
};

/** utilization.gpu looks at 1/6 to 1 s, by product (NVML, nvmlUtilization_t); the less counts. */
const seenMs = 1000 / 6;

/** Why too little was seen for a verdict, or null where it was enough. */
export function lackingEvidence(report: Report, least: GateEvidence): string | null {
  const { window, gpuHours } = report;
  if (gpuHours.observed <= 0) return 'nothing was observed';
  if (window.observedShare < least.coverage) {
    return `${percentOf(window.observedShare)} of the billed time was observed, a verdict needs ${percentOf(least.coverage)}`;
  }
  const observedMs = observedMsOf(report);
  if (observedMs < least.durationMs) {
    return `a GPU was observed for ${secondsOf(observedMs)}, a verdict needs ${secondsOf(least.durationMs)}`;
  }
  return null;
}

/**
 * How far a share of observed time may be off, because a sample sees only the end of its interval: the standard error of
 * a share over that many samples (at its worst, p(1 − p); with the finite-population correction for what they saw),
 * and one interval for where the share's parts begin and end. Samples of several GPUs are not independent, so those of one count.
 */
export function noiseOf(share: number, report: Report, standardErrors: number): number {
  const { intervalMs } = report.window;
  const observedMs = observedMsOf(report);
  if (share <= 0 || share >= 1 || observedMs <= 0) return 0;
  const samples = Math.max(1, observedMs / intervalMs);
  const unseen = 1 - Math.min(1, seenMs / intervalMs);
  const standardError = Math.sqrt((share * (1 - share) * unseen) / samples);
  return standardErrors * standardError + intervalMs / observedMs;
}

function observedMsOf({ gpuHours, gpus }: Report): number {
  return (gpuHours.observed * 3_600_000) / Math.max(1, gpus.length);
}

function percentOf(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}

function secondsOf(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}
