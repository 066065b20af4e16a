import type { Interval } from '../rules/rule.ts';
import type { MachineUsage } from '../usage/usage.ts';

/** Rules judge windows of some seconds, which reach over the ends of what was billed: the report does not. */
export function billedPart(
  intervals: readonly Interval[],
  { runs }: Pick<MachineUsage, 'runs'>,
): readonly Interval[] {
  const startMs = Math.min(...runs.map((run) => run.startMs));
  const endMs = Math.max(...runs.map((run) => run.endMs));
  return intervals.flatMap((i) => {
    const part = { startMs: Math.max(i.startMs, startMs), endMs: Math.min(i.endMs, endMs) };
    return part.endMs > part.startMs ? [part] : [];
  });
}
