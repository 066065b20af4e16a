import type { Finding, Interval } from '../rules/rule.ts';
import type { MachineUsage } from '../usage/usage.ts';
import { billedPart } from './billed-part.ts';
import type { ReportFinding } from './report.ts';

/**
 * When a finding was seen: on any of its GPUs, and on each where they differ. A GPU that worked while another one
 * idled must not look accused of the other's hours.
 */
export function findingIntervals(
  { gpus, intervals, claims }: Pick<Finding, 'gpus' | 'intervals' | 'claims'>,
  usage: Pick<MachineUsage, 'runs'>,
  idOf: (gpu: string) => string,
): Pick<ReportFinding, 'intervals' | 'gpuIntervals'> {
  const told = (some: readonly Interval[]): ReportFinding['intervals'] =>
    billedPart(some, usage).map(({ startMs, endMs }) => ({
      start: new Date(startMs).toISOString(),
      end: new Date(endMs).toISOString(),
    }));
  const own = gpus.map((gpu) => claims.get(gpu)?.intervals ?? []);
  if (own.every((one) => isSame(one, own[0] ?? []))) return { intervals: told(intervals) };
  return {
    intervals: told(intervals),
    gpuIntervals: gpus.map((gpu, i) => ({ gpu: idOf(gpu), intervals: told(own[i] ?? []) })),
  };
}

function isSame(a: readonly Interval[], b: readonly Interval[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ startMs, endMs }, i) => startMs === b[i]?.startMs && endMs === b[i].endMs)
  );
}
