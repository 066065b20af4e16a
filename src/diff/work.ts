import { studentT95 } from '../usage/noise.ts';
import type { ReadReport } from './read-report.ts';
import { type Diff, type DiffRatio, ratioOf, verdictOf } from './verdict.ts';

type ReadWork = NonNullable<ReadReport['work']>;
type Counter = ReadWork['counters'][number];
type Per = Counter['secondsPer'];

/** What both runs counted: the counter that the earlier one's money is told per first. */
export function compareWork(
  before: ReadReport,
  after: ReadReport,
  isPriced: boolean,
): Diff['work'] {
  const left = countersOf(after);
  return countersOf(before).flatMap((counter, _, all) => {
    const isOnly = (list: readonly Counter[]): boolean =>
      list.filter(({ unit }) => unit === counter.unit).length === 1;
    const found =
      left.find(({ unit, label }) => unit === counter.unit && label === counter.label) ??
      // The only bar of its kind may have been renamed.
      (isOnly(all) && isOnly(left) ? left.find(({ unit }) => unit === counter.unit) : undefined);
    return found === undefined ? [] : [comparedOf(counter, found, isPriced)];
  });
}

function countersOf({ work }: ReadReport): readonly Counter[] {
  return work == null ? [] : [work, ...work.counters];
}

function comparedOf(before: Counter, after: Counter, isPriced: boolean): Diff['work'][number] {
  const gpuHoursPer = perRatio(before.gpuHoursPer, after.gpuHoursPer);
  const costPer =
    isPriced && before.costPer && after.costPer ? perRatio(before.costPer, after.costPer) : null;
  const { change, noise } = costPer ?? gpuHoursPer;
  return {
    unit: before.unit,
    label: before.label,
    secondsPer: perRatio(before.secondsPer, after.secondsPer),
    gpuHoursPer,
    costPer,
    verdict: verdictOf(change, noise, 'worse'),
  };
}

function perRatio(before: Per, after: Per): DiffRatio {
  return ratioOf(before.estimate, after.estimate, [errorOf(before), errorOf(after)]);
}

/** The pace's standard error as a share of it, out of the reported band: its low end is estimate / (1 + t × error). */
function errorOf({ estimate, low }: Per): number | null {
  if (low === null || low <= 0 || estimate <= 0) return null;
  return (estimate / low - 1) / studentT95;
}
