import type { ObservedCell } from './close.ts';
import { type Cuts, cutSpan, segmentStart } from './cuts.ts';
import type { Cell, Run, StateMs, UnobservedCause } from './usage.ts';

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What the accounts need to know of one GPU beside its observed time. */
export interface ObservedGpu {
  readonly cells: readonly ObservedCell[];
  /** Start of the first sample's time; Infinity for a GPU that was never seen. */
  readonly firstStartMs: number;
  /** True if the GPU never reported a utilization (MIG): its time is not reported rather than a gap. */
  readonly neverReported: boolean;
  /** Spans in which the driver was down. */
  readonly driverDown: readonly Span[];
}

/** What the accounts need to know of the machine. */
export interface MachineTime {
  /** Cut to the window; ascending, apart from each other. */
  readonly runs: readonly Run[];
  /** Spans in which somebody watched. */
  readonly watched: readonly Span[];
  /** True if the price is charged by the calendar: time that nobody watched may be a machine that was off. */
  readonly chargedAlways: boolean;
  readonly cuts: Cuts;
}

/** Gives every billed millisecond of a GPU its state: what was observed, and why the rest was not. */
export function accountGpu(gpu: ObservedGpu, machine: MachineTime): Cell[] {
  const observed = new Map(gpu.cells.map((c) => [c.segment, c]));
  const cells: Cell[] = [];
  for (const run of machine.runs) {
    const spans = cutSpan(run.startMs, run.endMs, machine.cuts);
    const roundingMs = run.billedMs - (run.endMs - run.startMs);
    spans.forEach((span, i) => {
      const last = i === spans.length - 1;
      // Segments begin where an hour or watching does. A run that began before it was watched lies in the segment of
      // the run before; what was observed there is that run's, so the first span of a segment takes it.
      const segment = segmentStart(span.startMs, machine.cuts);
      const seen = observed.get(segment);
      observed.delete(segment);
      cells.push(toCell(span, seen, gpu, machine, last ? roundingMs : 0));
    });
  }
  return cells;
}

/** The cells of GPUs of the machine that cannot be seen from here: all of their time is unobserved. */
export function accountHidden(count: number, machine: MachineTime): Cell[] {
  if (count === 0) return [];
  return machine.runs.flatMap((run) => {
    const spans = cutSpan(run.startMs, run.endMs, machine.cuts);
    const roundingMs = run.billedMs - (run.endMs - run.startMs);
    return spans.map((span, i) => {
      const rounding = i === spans.length - 1 ? roundingMs * count : 0;
      const unobserved = (span.endMs - span.startMs) * count;
      return {
        ...span,
        ...emptyStateMs(),
        billedMs: unobserved + rounding,
        byState: { ...emptyStateMs().byState, unobserved, rounding },
        unobservedBy: { ...emptyStateMs().unobservedBy, hiddenGpus: unobserved },
      };
    });
  });
}

export function emptyStateMs(): StateMs {
  return {
    billedMs: 0,
    busyMs: 0,
    effectiveLowMs: 0,
    effectiveHighMs: 0,
    byState: {
      effective: 0,
      underfilled: 0,
      throttled: 0,
      waiting: 0,
      heldIdle: 0,
      emptyIdle: 0,
      unobserved: 0,
      rounding: 0,
    },
    unobservedBy: {
      beforeFirstSample: 0,
      gap: 0,
      hiddenGpus: 0,
      driver: 0,
      notReported: 0,
      machineOff: 0,
    },
  };
}

/** Adds up integer milliseconds, state by state. */
export function sumStateMs(parts: Iterable<StateMs>): StateMs {
  const total = emptyStateMs();
  const byState: Record<string, number> = { ...total.byState };
  const unobservedBy: Record<string, number> = { ...total.unobservedBy };
  let { billedMs, busyMs, effectiveLowMs, effectiveHighMs } = total;
  for (const part of parts) {
    billedMs += part.billedMs;
    busyMs += part.busyMs;
    effectiveLowMs += part.effectiveLowMs;
    effectiveHighMs += part.effectiveHighMs;
    for (const [state, ms] of Object.entries(part.byState))
      byState[state] = (byState[state] ?? 0) + ms;
    for (const [cause, ms] of Object.entries(part.unobservedBy)) {
      unobservedBy[cause] = (unobservedBy[cause] ?? 0) + ms;
    }
  }
  // Both records began as copies of the full ones, so every key is there.
  return {
    billedMs,
    busyMs,
    effectiveLowMs,
    effectiveHighMs,
    byState,
    unobservedBy,
  } as unknown as StateMs;
}

function toCell(
  span: Span,
  seen: ObservedCell | undefined,
  gpu: ObservedGpu,
  machine: MachineTime,
  rounding: number,
): Cell {
  const lengthMs = span.endMs - span.startMs;
  const observedMs = seen?.observedMs ?? 0;
  const unobserved = lengthMs - observedMs;
  const busyMs = seen?.busyMs ?? 0;
  const effective = seen?.effectiveMs ?? 0;
  const throttled = seen?.throttledMs ?? 0;
  return {
    ...span,
    billedMs: lengthMs + rounding,
    busyMs,
    effectiveLowMs: seen?.effectiveLowMs ?? 0,
    effectiveHighMs: seen?.effectiveHighMs ?? 0,
    byState: {
      effective,
      underfilled: busyMs - effective - throttled,
      throttled,
      waiting: seen?.waitingMs ?? 0,
      heldIdle: seen?.heldMs ?? 0,
      emptyIdle: seen?.emptyMs ?? 0,
      unobserved,
      rounding,
    },
    unobservedBy: causes(span, unobserved, seen?.unreadMs ?? 0, gpu, machine),
  };
}

/** Divides a cell's unobserved time by cause, the certain causes first; what is left is a gap. */
function causes(
  span: Span,
  unobservedMs: number,
  unreadMs: number,
  gpu: ObservedGpu,
  machine: MachineTime,
): Record<UnobservedCause, number> {
  let left = unobservedMs;
  const take = (ms: number) => {
    const taken = Math.min(left, ms);
    left -= taken;
    return taken;
  };
  const notReported = gpu.neverReported ? take(unreadMs) : 0;
  const watchedMs = machine.watched.reduce((sum, w) => sum + overlapMs(span, w), 0);
  const machineOff = machine.chargedAlways ? take(span.endMs - span.startMs - watchedMs) : 0;
  const beforeFirstSample = take(
    overlapMs(span, { startMs: -Infinity, endMs: Math.min(gpu.firstStartMs, span.endMs) }),
  );
  const driver = take(gpu.driverDown.reduce((sum, d) => sum + overlapMs(span, d), 0));
  return { beforeFirstSample, gap: left, hiddenGpus: 0, driver, notReported, machineOff };
}

function overlapMs(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs));
}
