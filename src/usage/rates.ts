import type { PhaseSignals } from './phases.ts';
import type { RateLevel, RateName } from './usage.ts';

/** A rate that was kept up for three steps of the grid, a minute, is sustained; one step can be a burst into a cache. */
const sustainedSteps = 3;

/** Around the median; NFS and disks at their limit keep well within it. */
const levelBand = 0.1;

/** How data came in over a span. */
export type RatesOf = (
  startMs: number,
  endMs: number,
) => Readonly<Partial<Record<RateName, RateLevel>>>;

type Steps = (startMs: number, endMs: number) => Map<number, number>;

/** Sets the rates of any span against the highest that the recording holds. */
export function rateLevels({ host, job }: Pick<PhaseSignals, 'host' | 'job'>): RatesOf {
  const tracks: (readonly [RateName, Steps, number])[] = [];
  const add = (name: RateName, steps: Steps): void => {
    tracks.push([name, steps, highestSustained(steps(0, Number.MAX_SAFE_INTEGER))]);
  };
  for (const name of ['diskReadBytesPerS', 'networkRxBytesPerS'] as const) {
    if (host) add(name, (from, to) => host.steps(name, from, to));
  }
  for (const name of ['readBytesPerS', 'requestedReadBytesPerS'] as const) {
    if (job) add(name, (from, to) => job.steps(name, from, to));
  }
  return (startMs, endMs) => {
    const rates: Partial<Record<RateName, RateLevel>> = {};
    for (const [name, steps, highest] of tracks) {
      const level = levelOf([...steps(startMs, endMs).values()], highest);
      if (level) rates[name] = level;
    }
    return rates;
  };
}

function levelOf(values: readonly number[], highest: number): RateLevel | null {
  if (values.length < sustainedSteps) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const level = values.filter((value) => Math.abs(value - median) <= levelBand * median);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    highest,
    levelShare: level.length / values.length,
  };
}

/** The highest of the lowest rates of any steps in a row. */
function highestSustained(steps: ReadonlyMap<number, number>): number {
  let highest = 0;
  for (const [step, value] of steps) {
    let lowest = value;
    for (let ahead = 1; ahead < sustainedSteps; ahead++) {
      lowest = Math.min(lowest, steps.get(step + ahead) ?? 0);
    }
    highest = Math.max(highest, lowest);
  }
  return highest;
}
