import type { GpuUsage, IdleStretch, MachineUsage } from './usage.ts';

/** A span in which every GPU of a machine was provably idle; epoch milliseconds. */
export interface MachineIdle {
  readonly startMs: number;
  readonly endMs: number;
  /** True if memory was held on one of the GPUs: a process was there that stopping would have ended. */
  readonly isHeld: boolean;
  /** True if a GPU worked later in the same run. */
  readonly isUsedAgain: boolean;
}

type Span = Pick<MachineIdle, 'startMs' | 'endMs' | 'isHeld'>;

/**
 * The spans in which all GPUs of a machine were idle at the same time, in order; none where GPUs can't be seen. Gaps
 * and pauses in work (shorter than the horizon, between activity) are no idleness.
 */
export function machineIdle(machine: MachineUsage): readonly MachineIdle[] {
  const [first, ...others] = machine.gpus;
  if (first === undefined || machine.hiddenGpus > 0) return [];
  const spans = others.reduce<readonly Span[]>(
    (common, gpu) => overlaps(common, gpu.idleStretches.map(toSpan)),
    first.idleStretches.map(toSpan),
  );
  return machine.runs.flatMap((run) => {
    const lastWorkMs = Math.max(
      -Infinity,
      ...machine.gpus.map((gpu) => lastWorkBefore(gpu, run.endMs)),
    );
    return spans.flatMap(({ startMs, endMs, isHeld }) => {
      const from = Math.max(startMs, run.startMs);
      const to = Math.min(endMs, run.endMs);
      return to > from
        ? [{ startMs: from, endMs: to, isHeld, isUsedAgain: lastWorkMs > endMs }]
        : [];
    });
  });
}

function toSpan({ startMs, endMs, heldMs }: IdleStretch): Span {
  return { startMs, endMs, isHeld: heldMs > 0 };
}

/** What two lists of spans, each in order, have in common. */
function overlaps(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  const common: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) break;
    const startMs = Math.max(left.startMs, right.startMs);
    const endMs = Math.min(left.endMs, right.endMs);
    if (endMs > startMs) common.push({ startMs, endMs, isHeld: left.isHeld || right.isHeld });
    if (left.endMs < right.endMs) i++;
    else j++;
  }
  return common;
}

/** The end of the last window before an instant in which the GPU worked. */
function lastWorkBefore({ windows }: GpuUsage, beforeMs: number): number {
  for (let i = windows.length - 1; i >= 0; i--) {
    const startMs = windows.startMs[i] ?? NaN;
    if (startMs < beforeMs && (windows.busyMs[i] ?? 0) > 0) return startMs + windows.windowMs;
  }
  return -Infinity;
}
