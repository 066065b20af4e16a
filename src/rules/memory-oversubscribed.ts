import { atLeast } from './evidence.ts';
import {
  loadAtMost,
  loadUnknown,
  longPhases,
  memoryTotalMib,
  steadyPart,
  tooShort,
  total,
} from './phases.ts';
import { clear, defineRule, notJudged } from './rule.ts';
import { severityOfUnderfilled, underfilledMs } from './severity.ts';

export const memoryOversubscribed = defineRule({
  meta: {
    id: 'memory-oversubscribed',
    title: "The job needs more memory than the GPU has, and pages to the host's",
    rationale:
      'Unified memory moves pages over PCIe when the card is full. Every counter reads full while the work crawls.',
    decision:
      'In a phase of at least workFor: memory at or above memoryFull of the card, both utilizations at or above busyFrom, and load below loadBelow (where the GPU was never seen at rest, power as a share of its limit, which is more). It looks like a bandwidth-bound job, which draws more, so it is tested first.',
    confirm:
      '`nvidia-smi dmon -s put` shows heavy PCIe traffic at low power; with half the batch the job gets many times faster per sample.',
    wrongWhen: 'The card pre-allocates its memory and the kernels are truly bound by latency.',
    remediation: [
      {
        action: 'Lower the batch or the sequence length until memory fits.',
        detail:
          'PyTorch: smaller `batch_size` with gradient accumulation. TensorFlow: no `per_process_gpu_memory_fraction` above 1. JAX: `XLA_PYTHON_CLIENT_MEM_FRACTION` below 1. On Windows turn off the system memory fallback in the driver.',
      },
      {
        action: 'Make the model smaller in memory.',
        detail:
          'Mixed precision, `torch.utils.checkpoint`, `jax.checkpoint`, 8-bit optimizers, sharding by FSDP or ZeRO.',
      },
      {
        action: 'Take a GPU with more memory.',
        detail: 'A slower one that fits beats a faster one that pages.',
      },
    ],
    requires: ['utilization', 'memory', 'power', 'utilizationMemory'],
    claims: ['underfilled'],
    yieldsTo: [],
    thresholds: {
      workFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter stretches are start-up, a test or a few steps, not a job',
      },
      memoryFull: {
        value: 95,
        unit: '%',
        why: 'the paging configurations of a batch sweep on a 12 GB card held 12 of 12 GB',
      },
      busyFrom: {
        value: 95,
        unit: '%',
        why: 'the paging configurations of a batch sweep read 99 % in both utilizations',
      },
      loadBelow: {
        value: 0.45,
        unit: 'share',
        why: 'the paging configurations drew 80 to 109 W of 285 W; bandwidth-bound ones draw 65 to 70 % of the compute-bound power',
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const memoryTotal = memoryTotalMib(usage, context);
    if (memoryTotal === null) return notJudged("the size of the GPU's memory is not known");
    const full = longPhases(usage, limits.workFor).flatMap((phase) => {
      const { utilizationPct, utilizationMemoryPct, memoryUsedMib } = phase;
      if (utilizationMemoryPct === null || memoryUsedMib === null) return [];
      const memoryPct = (memoryUsedMib.mean / memoryTotal) * 100;
      const isFull =
        memoryPct >= limits.memoryFull &&
        utilizationPct.mean >= limits.busyFrom &&
        utilizationMemoryPct >= limits.busyFrom;
      if (!isFull) return [];
      return [
        {
          phase,
          load: loadAtMost(phase, usage),
          evidence: [
            atLeast('memory in use', memoryPct, limits.memoryFull, '%'),
            atLeast('mean utilization of the phase', utilizationPct.mean, limits.busyFrom, '%'),
            atLeast('memory utilization', utilizationMemoryPct, limits.busyFrom, '%'),
          ],
        },
      ];
    });
    const found = full.flatMap(({ phase, load, evidence }) =>
      load !== null && load.value < limits.loadBelow
        ? [{ phase, evidence: [...evidence, load.evidence(limits.loadBelow)] }]
        : [],
    );
    if (found.length === 0 && full.some(({ phase }) => phase.load === null)) return loadUnknown;
    const [first, ...rest] = found;
    if (first === undefined) return clear;
    const worst = rest.reduce((a, b) => (b.phase.observedMs > a.phase.observedMs ? b : a), first);
    const recoverable = total(
      found.map(({ phase }) => phase),
      underfilledMs,
    );
    return {
      outcome: 'detected',
      severity: severityOfUnderfilled(worst.phase, recoverable, usage),
      confidence: 0.75,
      summary: 'Memory is full and everything reads busy, but the GPU draws little: it is paging.',
      evidence: worst.evidence,
      intervals: found.map(({ phase }) => steadyPart(phase)),
      recoverableMs: recoverable,
    };
  },
});
