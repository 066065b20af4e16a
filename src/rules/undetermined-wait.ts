import type { Phase } from '../usage/usage.ts';
import { seen } from './evidence.ts';
import { feedThresholds } from './host-evidence.ts';
import { inWords } from './idle.ts';
import { persistentWorkers } from './loader-remedies.ts';
import { steadyPart, tooShort, total, withoutExplained } from './phases.ts';
import { clear, defineRule, type Remedy } from './rule.ts';
import { severityOf } from './severity.ts';
import { waitEvidence, waitingPhases, waitThresholds } from './waits.ts';
import { percentInWords, placeInWords, rateInWords } from './words.ts';

const remediation: readonly Remedy[] = [
  {
    action: 'Record the host beside the GPU: run `gpucost watch -- your command` on the GPU host.',
    detail:
      "CPU, storage, network and the job's own processes often name the cause without any change to the job.",
  },
  {
    action: 'Run one minute on synthetic data of the same shape, made on the GPU.',
    detail:
      'The GPU fills: it is the input; go on with cached data (still full: storage; empty: preprocessing). It does not fill: it is the step itself, its batch size or its launches. PyTorch `torch.randn(..., device="cuda")`, TensorFlow `tf.random.normal` with `.repeat()`, JAX `jax.random.normal`.',
  },
  {
    action: 'Double the batch for one minute.',
    detail:
      'Samples per second rise by much: the batch was too small. They stay: the input or the host sets the pace.',
  },
  {
    action: 'Profile ten steps.',
    detail:
      'PyTorch `torch.profiler`, TensorFlow and JAX XProf, or `nsys profile`: gaps between kernels show what the CPU did meanwhile.',
  },
];

export const undeterminedWait = defineRule({
  meta: {
    id: 'undetermined-wait',
    title: 'The GPU waits for its job, and what for is not known',
    rationale:
      'That the GPU stood without a kernel is certain; why can not be read from nvidia-smi: slow input, preprocessing, launch overhead and a small batch give the same curve. A wrong guess costs more than none.',
    decision:
      'Mean utilization over a phase of at least workFor, without warm-up and tear-down, is at or below waitBelow (up to waitUntil right after such a phase, or beside one on another GPU), and no rule that names a cause found one there. Below lightBelow it is called lightly used; with little memory held that is left to oversized-gpu.',
    confirm:
      'Run the job for a minute on synthetic data made on the GPU, then on cached data, then on cold data, and compare the utilization: the first difference is preprocessing, the second is storage (arXiv 2007.06775).',
    wrongWhen:
      'The job must wait for something outside (requests of users, a simulator, another host), or it works in bursts on purpose.',
    remediation,
    requires: ['utilization'],
    claims: ['waiting'],
    yieldsTo: [
      'slow-start',
      'io-bound',
      'cpu-bound-input',
      'host-bound',
      'transfer-bound',
      'undersized-batch',
      'oversized-gpu',
    ],
    thresholds: {
      ...waitThresholds,
      swapIn: feedThresholds.swapIn,
      lightBelow: {
        value: 10,
        unit: '%',
        why: 'below a tenth the GPU has little to do rather than being kept from it; only the wording changes',
      },
    },
  },
  evaluate(usage, limits, context) {
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const phases = withoutExplained(waitingPhases(usage, limits, context), context.explained);
    const [first, ...rest] = phases;
    if (first === undefined) return clear;

    const worst = rest.reduce((a, b) => (b.waitingMs > a.waitingMs ? b : a), first);
    const waitingMs = total(phases, (phase) => phase.waitingMs);
    const isLight = worst.utilizationPct.mean < limits.lightBelow;
    const what = isLight ? 'The GPU was lightly used' : 'The GPU waited for its job';
    const span = (some: readonly Phase[]) =>
      `no kernel ran for ${inWords(total(some, (phase) => phase.waitingMs))} of ${inWords(total(some, (phase) => phase.observedMs))}`;
    // The evidence is of one phase: so are the first numbers.
    const all = rest.length === 0 ? '' : ` In all ${phases.length} such phases ${span(phases)}.`;
    return {
      outcome: 'detected',
      severity: severityOf(waitingMs, usage),
      confidence: 0.9,
      summary: `${what}: ${span([worst])}.${all} ${known(worst, limits)}`,
      evidence: [
        ...waitEvidence(worst, limits),
        seen('utilization, 5th percentile', worst.utilizationPct.p5, '%'),
        seen('utilization, 95th percentile', worst.utilizationPct.p95, '%'),
      ],
      intervals: phases.map(steadyPart),
      recoverableMs: waitingMs,
      remediation: remediesFor(worst, limits),
    };
  },
});

function known(phase: Phase, limits: { readonly swapIn: number }): string {
  const { host, job } = phase;
  if (isSwapping(phase, limits)) {
    return `The host was short of memory: it read ${rateInWords(host.swapInBytesPerS ?? 0)} back from swap.`;
  }
  const hasHost = Object.keys(host).length > 0;
  const hasJob = Object.keys(job).length > 0;
  const [place] = phase.waitPlaces;
  const found =
    place === undefined || job.dStateShare === undefined
      ? ''
      : ` Its processes were found waiting on ${placeInWords(place)}, but in ${percentInWords(job.dStateShare)} of the looks only.`;
  if (hasHost && hasJob) {
    return `The signals of the host and of the job do not settle the cause.${found}`;
  }
  if (hasHost)
    return "The job's own processes were not visible, and the host alone shows no cause.";
  if (hasJob) return "The job's processes show no cause, and the host's signals are missing.";
  return 'The host signals that would name the cause were not recorded.';
}

function isSwapping({ host }: Phase, { swapIn }: { readonly swapIn: number }): boolean {
  return (host.swapInBytesPerS ?? 0) >= swapIn;
}

/** Without advice to record what was recorded; what was seen comes first. */
function remediesFor(phase: Phase, limits: { readonly swapIn: number }): readonly Remedy[] {
  const [record, ...tests] = remediation;
  if (record === undefined) return remediation;
  const reborn = persistentWorkers(phase);
  const isRecorded = Object.keys(phase.host).length > 0 && Object.keys(phase.job).length > 0;
  return [
    ...(isSwapping(phase, limits) ? [moreMemory] : []),
    ...(reborn === null ? [] : [reborn]),
    ...(isRecorded ? [] : [record]),
    ...tests,
  ];
}

const moreMemory: Remedy = {
  action: 'Give the job more host memory, or let it hold less.',
  detail:
    'Fewer or smaller loader workers (each holds its own copy of what it imports and prefetches), `prefetch_factor=2`, memory-mapped data in place of lists; raise `memory.max`, `--mem` (Slurm) or `resources.limits.memory` (Kubernetes).',
};
