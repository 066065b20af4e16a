import type { GpuUsage, Phase, StateMs } from '../usage/usage.ts';
import type { Severity } from './rule.ts';

/** GPU-milliseconds that were both billed and seen. */
export function observedMs(total: StateMs): number {
  return total.billedMs - total.byState.unobserved - total.byState.rounding;
}

/**
 * How much a waste finding matters by what it could win back on its GPU: critical from an hour that is
 * at least half of the observed time, info below a minute or below 5 % of it, else warning.
 */
export function severityOf(recoverableMs: number, usage: GpuUsage): Severity {
  const observed = observedMs(usage.total);
  const share = observed > 0 ? recoverableMs / observed : 0;
  if (recoverableMs >= 3_600_000 && share >= 0.5) return 'critical';
  return recoverableMs < 60_000 || share < 0.05 ? 'info' : 'warning';
}

/** The same of a phase of full utilization at little power: without a load the accounts do not know what it lost. */
export function severityOfUnderfilled(
  { load }: Phase,
  recoverableMs: number,
  usage: GpuUsage,
): Severity {
  return load === null ? 'warning' : severityOf(recoverableMs, usage);
}

/** The state that a rule about busy time explains: kernels resident, GPU not filled. */
export function underfilledMs(part: {
  readonly busyMs: number;
  readonly effectiveMs: number;
  readonly throttledMs: number;
}): number {
  return Math.max(0, part.busyMs - part.effectiveMs - part.throttledMs);
}
