import type { GpuUsage, Windows } from '../usage/usage.ts';
import { atLeast, atMost, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { overlapMs } from './phases.ts';
import { clear, defineRule, notJudged } from './rule.ts';
import { severityOf } from './severity.ts';
import { meanBetween, sumOver, type WindowRun, windowRuns } from './window-runs.ts';

export const hungCollective = defineRule({
  meta: {
    id: 'hung-collective',
    title: 'All GPUs spin in a collective that never ends',
    rationale:
      'When one rank is gone, the others wait for it inside a kernel: 100 % utilization, idle-like power, no step, and the whole machine billed.',
    decision:
      'On every GPU of the machine that worked (at least gpus of them), at the same time and for at least hungFor: utilization at or above utilizationFrom, memory utilization at or below memoryQuiet, power flat (its spread at most powerSpread of the mean) and at most powerShare of what the same GPU drew before while it was busy; and so until the work or the recording ends. A stretch that ends by itself, with work after it, is left to hollow-busy.',
    confirm:
      "`py-spy dump -p PID` on each rank: all but one wait in the same collective. The job's log shows no new step.",
    wrongWhen:
      'The job does something light on purpose at its end (a barrier while one rank saves or evaluates). A heartbeat of the job that goes on contradicts it.',
    remediation: [
      {
        action: 'End the job and restart it from its last checkpoint.',
        detail: 'A collective that lost a rank does not come back.',
      },
      {
        action: 'Let it end by itself next time.',
        detail:
          'PyTorch: `init_process_group(timeout=timedelta(minutes=10))` with TORCH_NCCL_ASYNC_ERROR_HANDLING=1 (the default), torchrun `--max-restarts`. JAX: `jax.distributed.initialize(heartbeat_timeout_seconds=…)`. TensorFlow: `tf.distribute` with a coordination-service timeout.',
      },
      {
        action: 'Find the rank that was lost.',
        detail:
          'TORCH_NCCL_TRACE_BUFFER_SIZE (flight recorder), `NCCL_DEBUG=INFO`, `dmesg | grep -i xid`.',
      },
    ],
    requires: ['utilization', 'power', 'utilizationMemory'],
    claims: ['underfilled'],
    yieldsTo: [],
    thresholds: {
      gpus: { value: 2, unit: 'GPUs', why: 'a collective needs two; one GPU alone may just spin' },
      hungFor: {
        value: 180_000,
        unit: 'ms',
        why: 'untested start: longer than a checkpoint barrier of common models',
      },
      utilizationFrom: {
        value: 95,
        unit: '%',
        why: 'a waiting NCCL kernel is resident all the time',
      },
      memoryQuiet: { value: 2, unit: '%', why: 'a waiting NCCL kernel hardly touches memory' },
      powerSpread: {
        value: 0.05,
        unit: 'share',
        why: 'untested start: work has steps and its power moves, spinning has none',
      },
      powerShare: {
        value: 0.6,
        unit: 'share',
        why: 'published cases: 70 W of an idle-like card, and a machine that drew 984 W per node before',
      },
    },
  },
  evaluate(usage, limits, context) {
    const working = context.machineGpus.filter((gpu) => gpu.phases.length > 0);
    if (!working.includes(usage)) return clear;
    const runs = spinning(usage, limits);
    if (runs.length === 0) return clear;
    if (working.length < limits.gpus) {
      return notJudged(
        'a single GPU spins at low power: whether it is part of a collective is not known',
      );
    }
    const others = working.filter((gpu) => gpu !== usage).map((gpu) => spinning(gpu, limits));
    const together = runs.filter((run) =>
      others.every((theirs) =>
        theirs.some((other) => overlapMs(run, other) >= (run.endMs - run.startMs) / 2),
      ),
    );
    const [first] = together;
    if (first === undefined) return clear;
    const { windows } = usage;
    const longest = together.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), first);
    const mean = (column: ArrayLike<number>) => meanBetween(column, longest.from, longest.to) ?? 0;
    const before = powerBefore(usage, longest) ?? 0;
    const spunMs = sumOver(together, windows.busyMs) - sumOver(together, windows.effectiveMs);
    const lostMs = Math.max(0, spunMs - sumOver(together, windows.throttledMs));
    return {
      outcome: 'detected',
      severity: severityOf(lostMs, usage),
      confidence: 0.6,
      summary: `All ${working.length} GPUs at work read full utilization at flat, low power for ${inWords(longest.endMs - longest.startMs)}, and no work came after it: it looks like a collective that hangs.`,
      evidence: [
        atLeast('longest stretch', longest.endMs - longest.startMs, limits.hungFor, 'ms'),
        atLeast('utilization', mean(windows.utilizationPct), limits.utilizationFrom, '%'),
        atMost('memory utilization', mean(windows.utilizationMemoryPct), limits.memoryQuiet, '%'),
        atMost('power', mean(windows.powerW), limits.powerShare * before, 'W'),
        seen('power before, while it was busy', before, 'W'),
      ],
      intervals: together.map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: lostMs,
    };
  },
});

interface SpinLimits {
  readonly hungFor: number;
  readonly utilizationFrom: number;
  readonly memoryQuiet: number;
  readonly powerSpread: number;
  readonly powerShare: number;
}

function spinning(usage: GpuUsage, limits: SpinLimits): readonly WindowRun[] {
  const { windows } = usage;
  const isLight = (i: number) =>
    (windows.utilizationMemoryPct[i] ?? Number.NaN) <= limits.memoryQuiet;
  const spins = (i: number) =>
    (windows.utilizationPct[i] ?? 0) >= limits.utilizationFrom && isLight(i);
  return windowRuns(windows, limits.hungFor, spins).filter((run) => {
    const power = meanBetween(windows.powerW, run.from, run.to);
    const before = powerBefore(usage, run);
    if (power === null || before === null || power > limits.powerShare * before) return false;
    const spread = meanBetween(
      windows.powerW.subarray(run.from, run.to).map((watts) => Math.abs(watts - power)),
      0,
      run.to - run.from,
    );
    if (spread === null || spread > limits.powerSpread * power) return false;
    const most = limits.powerShare * before;
    const isLast = (i: number) => isLight(i) && (windows.powerW[i] ?? Number.NaN) <= most;
    return lastsToTheEnd(windows, run, spins, isLast);
  });
}

/**
 * True if nothing but spinning follows in the same stretch of work (gaps of up to a minute do not end one), save one
 * window that is still light: it holds the hang together with what ended it.
 */
function lastsToTheEnd(
  windows: Windows,
  run: WindowRun,
  spins: (index: number) => boolean,
  isLast: (index: number) => boolean,
): boolean {
  let others = 0;
  for (let i = run.to; i < windows.length && goesOn(windows, i); i++) {
    if (spins(i)) continue;
    others++;
    if (others > 1 || !isLast(i)) return false;
  }
  return true;
}

/** True if the window holds work, and follows the one before without a gap that ends a phase (1 min). */
function goesOn({ startMs, windowMs, busyMs, waitingMs, heldMs, emptyMs }: Windows, i: number) {
  const gapMs = (startMs[i] ?? 0) - (startMs[i - 1] ?? 0) - windowMs;
  const workMs = (busyMs[i] ?? 0) + (waitingMs[i] ?? 0);
  return gapMs <= 60_000 && workMs > (heldMs[i] ?? 0) + (emptyMs[i] ?? 0);
}

/** Mean power of the earlier windows in which a kernel was resident at least half of the time; null without any. */
function powerBefore({ windows }: GpuUsage, run: WindowRun): number | null {
  return meanBetween(
    windows.powerW,
    0,
    run.from,
    (i) => (windows.busyMs[i] ?? 0) * 2 >= (windows.observedMs[i] ?? 0),
  );
}
