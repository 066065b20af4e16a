import type { ReadReport } from './read-report.ts';
import type { Diff } from './verdict.ts';

type Gate = NonNullable<Diff['gate']>;
type EffectiveHour = Diff['effectiveHour'];

/** Below a half, what nobody saw outweighs what is judged, as in a report's gates. */
const leastObserved = 0.5;

/**
 * Judges the dearer of two runs by what a unit of work costs; where they counted none in common, by what an effective
 * GPU-hour costs, whose estimate and upper bound must both say it. Fails where the least possible change is above the
 * limit, passes where the largest is not; between them, and without a known noise, it is not judged.
 */
export function judgeRegression(
  before: ReadReport,
  after: ReadReport,
  work: Diff['work'],
  effective: EffectiveHour,
  limit: number,
): Gate {
  const [main] = work;
  if (main !== undefined) {
    const { change, noise } = main.costPer ?? main.gpuHoursPer;
    const band = noise === null ? null : { low: change - noise, high: change + noise };
    return judged('work', limit, change, band, 'too few readings of progress to know the noise');
  }
  if (effective === null) {
    return judged(
      'effective-hour',
      limit,
      null,
      null,
      'no unit of work in common, and effective time can’t be compared',
    );
  }
  const { change, noise } = effective.cost ?? effective.gpuHours;
  if (Math.min(before.window.observedShare, after.window.observedShare) < leastObserved) {
    return judged('effective-hour', limit, change, null, 'less than half of a run was observed');
  }
  // The price is in the change of the estimate; the change of the upper bound has the same one.
  const price = (1 + change) / (1 + effective.gpuHours.change);
  const upper = (1 + riseOf(before, after, 'high')) * price - 1;
  const band =
    noise === null
      ? null
      : { low: Math.min(change, upper) - noise, high: Math.max(change, upper) + noise };
  const lacking =
    before.noise == null || after.noise == null
      ? 'a run is too short to know its noise'
      : 'a run is so uneven (work for a while, then idle) that its noise hides any change';
  return judged('effective-hour', limit, change, band, lacking);
}

/** How much more observed time one effective GPU-hour took, by the estimate or by the upper bound. */
export function riseOf(before: ReadReport, after: ReadReport, key: 'estimate' | 'high'): number {
  const [a, b] = [before.gpuHours, after.gpuHours];
  return a.effective[key] / a.observed / (b.effective[key] / b.observed) - 1;
}

function judged(
  by: Gate['by'],
  limit: number,
  change: number | null,
  band: { readonly low: number; readonly high: number } | null,
  lacking: string,
): Gate {
  if (band === null || !Number.isFinite(band.low) || !Number.isFinite(band.high)) {
    return { by, limit, change, low: null, high: null, result: 'not-judged', reason: lacking };
  }
  const known = { by, limit, change, ...band };
  if (band.low > limit) return { ...known, result: 'fail', reason: null };
  if (band.high <= limit) return { ...known, result: 'pass', reason: null };
  return {
    ...known,
    result: 'not-judged',
    reason: 'the limit lies within what the two runs can tell: measure longer',
  };
}
