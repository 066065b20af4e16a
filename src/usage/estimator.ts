import type { Basis } from './usage.ts';

/** What one window says of a GPU. Shares are 0–1 of the window's observed time; NaN is unknown. */
export interface WindowReading {
  /** Some kernel was resident. */
  readonly busyShare: number;
  /** Power above the idle floor over power limit above the idle floor, 0–1. */
  readonly load: number;
  /** max(SM activity, DRAM activity / 0.8) by GPM. */
  readonly gpmActivity: number;
}

/** Always low ≤ estimate ≤ high ≤ busyShare. */
export interface EffectiveShare {
  readonly low: number;
  readonly estimate: number;
  readonly high: number;
  readonly basis: Basis;
}

/**
 * Load 1 is not activity 1: a well-fed H100 at 98 % load has SM activity 0.88 (measured on 8 × H100 at 10 Hz).
 * With it min(busy, load) comes within 0.04 of measured activity on both labelled H100 trainings; see test/usage/truth.test.ts.
 */
const activityAtFullLoad = 0.88;

/** At the power cap load is only an upper bound of what the chip would ask for. */
const atCap = 0.95;

/** The low end of the band: busy × load undershoots everywhere it was measured; at the cap half of it is kept. */
const lowShare = 0.75;
const lowShareAtCap = 0.5;

/** GPM counters are sampled apart from utilization: 5 % either way. */
const gpmTolerance = 0.05;

/** Shares of a window that did work, by the best signal that the window has. */
export function effectiveShare(window: WindowReading): EffectiveShare {
  const { busyShare, load, gpmActivity } = window;
  if (gpmActivity >= 0) {
    const estimate = Math.min(busyShare, gpmActivity);
    return {
      low: estimate * (1 - gpmTolerance),
      estimate,
      high: Math.min(busyShare, estimate * (1 + gpmTolerance)),
      basis: 'gpm',
    };
  }
  if (load >= 0) {
    const estimate = activityAtFullLoad * Math.min(busyShare, load);
    const low = (load >= atCap ? lowShareAtCap : lowShare) * busyShare * load;
    return { low, estimate, high: busyShare, basis: 'power' };
  }
  return { low: 0, estimate: busyShare, high: busyShare, basis: 'utilization' };
}

/** (P − floor) / (limit − floor), clamped to 0–1; NaN where one of them is unknown or the limit is not above the floor. */
export function loadOf(powerW: number, floorW: number | null, referenceW: number | null): number {
  if (floorW === null || referenceW === null || referenceW <= floorW) return NaN;
  return Math.min(1, Math.max(0, (powerW - floorW) / (referenceW - floorW)));
}
