import type { Phase } from '../usage/usage.ts';
import { atLeast, below, seen } from './evidence.ts';
import {
  type LoadBound,
  loadAtMost,
  loadUnknown,
  longPhases,
  steadyPart,
  tooShort,
  total,
  withoutExplained,
} from './phases.ts';
import { clear, defineRule } from './rule.ts';
import { severityOfUnderfilled, underfilledMs } from './severity.ts';

export const hollowBusy = defineRule({
  meta: {
    id: 'hollow-busy',
    title: 'The GPU looks busy, but draws little power',
    rationale:
      'Utilization only says that some kernel was resident. One that waits for other GPUs, spins, or fills a few of the multiprocessors reads 100 % as well.',
    decision:
      'In a phase of at least workFor: utilization at or above utilizationFrom while load is below loadBelow (where the GPU was never seen at rest, power as a share of its limit, which is more) and memory utilization below memoryBusyBelow (kernels bound by memory bandwidth draw 65 to 70 % of the power of others and are left out), throttled for less than throttledBelow of its busy time. Where SM activity was recorded, less than fullSm of it.',
    confirm:
      '`nvidia-smi dmon -s pu --gpm-metrics=2,5,10` on Hopper and later shows SM, tensor and DRAM activity; elsewhere `nsys profile` shows NCCL kernels, gaps and small grids.',
    wrongWhen:
      'The kernels are limited by latency or bandwidth that power does not show (sparse lookups, some FP64 or integer work), or the power limit of the card is far above what any work draws.',
    remediation: [
      {
        action: 'Look at what the kernels are: profile ten steps.',
        detail:
          'PyTorch `torch.profiler`, TensorFlow and JAX XProf, or `nsys profile --trace=cuda,nvtx`: NCCL time is communication, small grids are a small batch, pauses are launches.',
      },
      {
        action: 'If it is communication, overlap and shrink it.',
        detail:
          'PyTorch DDP `bucket_cap_mb`, `gradient_as_bucket_view=True`, `no_sync()` for accumulation; fewer pipeline bubbles by more micro-batches; check that NCCL uses NVLink (`NCCL_DEBUG=INFO`).',
      },
      {
        action: 'If kernels are small, give them more work.',
        detail:
          'Larger batch; `torch.compile`, TensorFlow `jit_compile=True`, JAX `jit`; mixed precision (`torch.autocast`, `mixed_bfloat16`) so that tensor cores are used.',
      },
    ],
    requires: ['utilization', 'power', 'utilizationMemory'],
    claims: ['underfilled'],
    yieldsTo: ['memory-oversubscribed', 'hung-collective', 'throttled'],
    thresholds: {
      workFor: {
        value: 60_000,
        unit: 'ms',
        why: 'a minute: shorter stretches are pauses of a job that works otherwise',
      },
      utilizationFrom: {
        value: 90,
        unit: '%',
        why: 'below it the GPU waits as well, which is another question',
      },
      loadBelow: {
        value: 0.6,
        unit: 'share',
        why: 'well-run training draws 78 to 98 % of the limit on H100 SXM and 79 to 100 % on A100, bandwidth-bound kernels 65 to 70 % of the compute-bound',
      },
      memoryBusyBelow: {
        value: 60,
        unit: '%',
        why: 'compute-bound kernels read 18 to 57 % memory utilization per utilization, bandwidth-bound ones 90 to 100 %',
      },
      throttledBelow: {
        value: 0.05,
        unit: 'share',
        why: 'a GPU that is slowed draws less because of that',
      },
      fullSm: {
        value: 0.8,
        unit: 'share',
        why: "NVIDIA's line for SM activity of effective use (DCGM user guide)",
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const busy = withoutExplained(longPhases(usage, limits.workFor), context.explained).filter(
      (phase) => phase.utilizationPct.mean >= limits.utilizationFrom,
    );
    const suspect = busy
      .filter(
        (phase) =>
          phase.utilizationMemoryPct !== null &&
          phase.utilizationMemoryPct < limits.memoryBusyBelow &&
          phase.throttledMs < limits.throttledBelow * phase.busyMs &&
          (phase.smActivityShare === null || phase.smActivityShare < limits.fullSm),
      )
      .map((phase) => ({ phase, load: loadAtMost(phase, usage) }));
    const hollow = suspect.flatMap(({ phase, load }) =>
      load !== null && load.value < limits.loadBelow ? [{ phase, load }] : [],
    );
    if (hollow.length === 0 && suspect.some(({ phase }) => phase.load === null)) return loadUnknown;
    const [first, ...rest] = hollow;
    if (first === undefined) return clear;

    const worst = rest.reduce(
      (a, b) => (underfilledMs(b.phase) > underfilledMs(a.phase) ? b : a),
      first,
    );
    const phases = hollow.map(({ phase }) => phase);
    const recoverable = total(phases, underfilledMs);
    return {
      outcome: 'detected',
      severity: severityOfUnderfilled(worst.phase, recoverable, usage),
      confidence: worst.phase.smActivityShare === null ? 0.75 : 0.9,
      summary: 'Some kernel was resident nearly all the time, but the GPU drew little power.',
      evidence: evidenceOf(worst.phase, worst.load, limits),
      intervals: phases.map(steadyPart),
      recoverableMs: recoverable,
    };
  },
});

function evidenceOf(
  phase: Phase,
  load: LoadBound,
  limits: {
    readonly utilizationFrom: number;
    readonly loadBelow: number;
    readonly memoryBusyBelow: number;
    readonly fullSm: number;
  },
) {
  const { utilizationMemoryPct, powerW, smActivityShare } = phase;
  return [
    atLeast(
      'mean utilization of the phase',
      phase.utilizationPct.mean,
      limits.utilizationFrom,
      '%',
    ),
    load.evidence(limits.loadBelow),
    ...(utilizationMemoryPct === null
      ? []
      : [below('memory utilization', utilizationMemoryPct, limits.memoryBusyBelow, '%')]),
    ...(smActivityShare === null
      ? []
      : [below('SM activity', smActivityShare, limits.fullSm, 'share')]),
    ...(powerW === null ? [] : [seen('mean power', powerW, 'W')]),
  ];
}
