import type { Phase } from '../usage/usage.ts';
import { atLeast, below, seen } from './evidence.ts';
import { coreThresholds, feedThresholds, hostLoad, pressureThresholds } from './host-evidence.ts';
import {
  longPhases,
  memoryTotalMib,
  steadyPart,
  tooShort,
  total,
  withoutExplained,
  withoutLoad,
} from './phases.ts';
import { clear, defineRule, notJudged, type Remedy } from './rule.ts';
import { severityOf, underfilledMs } from './severity.ts';
import { percentInWords } from './words.ts';

const remediation: readonly Remedy[] = [
  {
    action: 'Raise the batch size until memory is about 85 % full.',
    detail:
      'PyTorch `DataLoader(batch_size=…)`, TensorFlow `ds.batch(…)`, JAX the leading axis; Hugging Face `per_device_train_batch_size` or `auto_find_batch_size=True`. Scale the learning rate with it. In serving: dynamic batching, `max_num_seqs` (vLLM).',
  },
  {
    action: 'Fuse small kernels.',
    detail:
      'PyTorch `torch.compile(model, mode="reduce-overhead")` or CUDA graphs; TensorFlow `jit_compile=True`; JAX `jit` around the whole step.',
  },
  {
    action: 'Where the batch can not grow, run several jobs on the GPU, or take a smaller one.',
    detail: 'Sweeps share a GPU well: MPS, or MIG slices where the card has them.',
  },
];

export const undersizedBatch = defineRule({
  meta: {
    id: 'undersized-batch',
    title: 'Each step gives the GPU too little to do',
    rationale:
      'Small kernels fill a fraction of the GPU and cost as much in launches as large ones. Power tells: kernels are resident, and the GPU draws little.',
    decision:
      'In a phase of at least workFor: utilization at or above utilizationFrom, load below loadOfUtilization of it or below loadBelow, memory in use below memoryBelow of the card, and storage, incoming data (disk and network), the cores of the job and, where reported, PCIe are quiet. Where one of them was not watched it is not judged, because slow input looks the same.',
    confirm:
      'Double the batch (or the sequence length) for a minute: samples per second rise clearly while step time hardly does.',
    wrongWhen:
      'The batch is limited by convergence or by latency, or the model is so small that a smaller GPU is the answer.',
    remediation,
    requires: ['utilization', 'memory', 'power', 'hostSignals'],
    claims: ['underfilled', 'waiting'],
    yieldsTo: [
      'oversized-gpu',
      'io-bound',
      'cpu-bound-input',
      'host-bound',
      'transfer-bound',
      'memory-oversubscribed',
    ],
    thresholds: {
      ...pressureThresholds,
      ...coreThresholds,
      reading: feedThresholds.reading,
      workFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter stretches are start-up, a test or a few steps, not a job',
      },
      utilizationFrom: {
        value: 30,
        unit: '%',
        why: 'batch sweeps on five GPU types: with less the GPU mostly waits, and the batch is not the first question',
      },
      loadOfUtilization: {
        value: 0.5,
        unit: 'share',
        why: 'batch sweeps on five GPU types: small batches draw less than half of what their utilization suggests',
      },
      loadBelow: {
        value: 0.4,
        unit: 'share',
        why: 'batch sweeps on five GPU types: large batches of the same models draw more',
      },
      memoryBelow: {
        value: 60,
        unit: '%',
        why: 'room for a batch that is half as large again; above it pre-allocation hides what is used',
      },
      pcieQuiet: {
        value: 477,
        unit: 'MiB/s',
        why: 'untested start: below 0.5 GB/s the link is no bottleneck even at PCIe 3.0 x4',
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const memoryTotal = memoryTotalMib(usage, context);
    if (memoryTotal === null) return notJudged("the size of the GPU's memory is not known");
    const phases = withoutExplained(longPhases(usage, limits.workFor), context.explained).filter(
      (phase) => phase.utilizationPct.mean >= limits.utilizationFrom,
    );
    const unknown = withoutLoad(phases);
    if (unknown !== null) return unknown;
    const thin = phases.filter((phase) => isThin(phase, limits));
    const roomy = thin.filter((phase) => memoryPct(phase, memoryTotal) < limits.memoryBelow);
    if (thin.length > 0 && roomy.length === 0) {
      return notJudged(
        `the GPU draws little, but at least ${limits.memoryBelow} % of its memory is held: needed or only pre-allocated can't be told`,
      );
    }
    const judged = roomy
      .filter((phase) => phase.pcieMibPerS === null || phase.pcieMibPerS < limits.pcieQuiet)
      .map((phase) => ({ phase, load: hostLoad(phase, limits) }));
    const found = judged.flatMap(({ phase, load }) => (load.is === 'quiet' ? [phase] : []));
    const [first, ...rest] = found;
    if (first === undefined) {
      const missing = judged.flatMap(({ load }) => (load.is === 'unknown' ? load.missing : []));
      return missing.length === 0
        ? clear
        : notJudged(
            `whether the host held it up is not known: not recorded were ${[...new Set(missing)].join(', ')}`,
          );
    }

    const lost = (phase: Phase) => phase.waitingMs + underfilledMs(phase);
    const worst = rest.reduce((a, b) => (lost(b) > lost(a) ? b : a), first);
    const recoverable = total(found, lost);
    const utilization = worst.utilizationPct.mean;
    const load = worst.load?.mean ?? 0;
    const limit = Math.max(limits.loadBelow, (limits.loadOfUtilization * utilization) / 100);
    return {
      outcome: 'detected',
      severity: severityOf(recoverable, usage),
      confidence: worst.pcieMibPerS === null ? 0.55 : 0.65,
      summary: `Kernels ran ${Math.round(utilization)} % of the time at ${percentInWords(load)} of the load, and nothing on the host held them up; ${gib(worst.memoryUsedMib?.p95 ?? 0)} of ${gib(memoryTotal)} GiB were in use.`,
      evidence: [
        atLeast('mean utilization of the phase', utilization, limits.utilizationFrom, '%'),
        below('load, from power', load, limit, 'share'),
        below('memory in use', memoryPct(worst, memoryTotal), limits.memoryBelow, '%'),
        seen('busy, but mostly empty', underfilledMs(worst), 'ms'),
      ],
      intervals: found.map(steadyPart),
      recoverableMs: recoverable,
      remediation: remediesFor(worst, memoryTotal),
    };
  },
});

function isThin(
  phase: Phase,
  limits: { readonly loadOfUtilization: number; readonly loadBelow: number },
): boolean {
  if (phase.load === null) return false;
  const utilization = phase.utilizationPct.mean / 100;
  return phase.load.mean < Math.max(limits.loadBelow, limits.loadOfUtilization * utilization);
}

function memoryPct(phase: Phase, totalMib: number): number {
  return ((phase.memoryUsedMib?.p95 ?? Number.POSITIVE_INFINITY) / totalMib) * 100;
}

/** Of the card, full enough to gain by a larger batch and with room for fragmentation. */
const fullShare = 0.85;

/** The memory that weights take does not grow with the batch, so that doubling the batch less than doubles it. */
function remediesFor(phase: Phase, totalMib: number): readonly Remedy[] {
  const [larger, ...others] = remediation;
  const usedMib = phase.memoryUsedMib?.p95 ?? totalMib;
  if (larger === undefined) return remediation;
  const times = Math.floor((fullShare * totalMib) / Math.max(1, usedMib));
  if (times < 2) return remediation;
  const action = `Raise the batch size, ${times < 4 ? 'twice' : 'four times'} as large first: it fits into the memory even if all of what is in use grows with it.`;
  return [{ ...larger, action }, ...others];
}

function gib(mib: number): string {
  return String(Math.round(mib / 1024));
}
