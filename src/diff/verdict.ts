import type { z } from 'zod';
import type { diffSchema } from './schema.ts';

export type Diff = z.infer<typeof diffSchema>;
export type DiffVerdict = Diff['verdict'];
export type DiffRatio = NonNullable<Diff['work'][number]['costPer']>;

/**
 * Student's t for 99.5 % on both sides together at 7 degrees of freedom (Welch's fewest, where both runs have 8 batches):
 * a comparison looks at a dozen figures, and a 95 % band would speak without a reason in every second one.
 */
export const studentT = 4.03;

/**
 * A run's own course does not tell how two starts of one job differ (placement, clocks, neighbours): less than 1 point of
 * the time, or 2 % for one unit of work, is never called a change.
 */
export const leastShare = 0.01;
const leastRatio = 0.02;

/** Half the width of a difference's band from two standard errors; null where one is not known. */
export function noiseOf(before: number | null, after: number | null, least: number): number | null {
  if (before === null || after === null) return null;
  return Math.max(least, studentT * Math.hypot(before, after));
}

/** `before` and `after` for one and the same, with their standard errors as shares of them. */
export function ratioOf(
  before: number,
  after: number,
  errors: readonly [number | null, number | null],
): DiffRatio {
  const change = after / before - 1;
  const noise = noiseOf(...errors, leastRatio);
  // Above 1 a band has no meaning: the runs say nothing.
  return {
    before,
    after,
    change,
    noise: noise === null || noise >= 1 ? null : noise * (1 + change),
  };
}

export function verdictOf(
  change: number,
  noise: number | null,
  moreIs: 'better' | 'worse',
): DiffVerdict {
  if (noise === null || !Number.isFinite(change)) return 'unknown';
  if (Math.abs(change) <= noise) return 'same';
  const less = moreIs === 'better' ? 'worse' : 'better';
  return change > 0 ? moreIs : less;
}

/** True for a verdict that says that something changed. */
export function isChange(verdict: DiffVerdict): boolean {
  return verdict === 'better' || verdict === 'worse';
}
