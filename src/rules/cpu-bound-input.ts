import type { Phase } from '../usage/usage.ts';
import { seen } from './evidence.ts';
import { coreSigns, coresAllowed, coreThresholds } from './host-evidence.ts';
import { defineRule, type Remedy } from './rule.ts';
import { judgeCause, waitThresholds } from './waits.ts';

const remediation: readonly Remedy[] = [
  {
    action: 'Use the cores that are there: more loader workers.',
    detail:
      'PyTorch: `DataLoader(num_workers=N, persistent_workers=True)`. TensorFlow: `map(…, num_parallel_calls=tf.data.AUTOTUNE)`. JAX: Grain `worker_count=N`.',
  },
  {
    action: 'Do the work once, not every epoch.',
    detail:
      'Decode, resize and tokenize ahead of training and store the result; `ds.cache()` in TensorFlow.',
  },
  {
    action: 'Make each sample cheaper.',
    detail:
      'Faster decoders (libjpeg-turbo, Pillow-SIMD), lighter augmentation, one thread per worker (`OMP_NUM_THREADS=1`).',
  },
  {
    action: 'Move preprocessing to the GPU.',
    detail: 'NVIDIA DALI, `torchvision.transforms.v2` on CUDA tensors, Keras preprocessing layers.',
  },
  {
    action: 'Raise the CPU limit, or take a machine with more cores for each GPU.',
    detail:
      'Look at `cpu.max` of the cgroup, `--cpus-per-task` (Slurm), `resources.limits.cpu` (Kubernetes).',
  },
];

export const cpuBoundInput = defineRule({
  meta: {
    id: 'cpu-bound-input',
    title: 'The GPU waits for preprocessing on the CPU',
    rationale:
      'Decoding and augmenting on a few cores is slower than the GPU, which is billed while it waits for them.',
    decision:
      "The GPU waits (mean utilization of a phase at or below waitBelow), and the job has no CPU to spare: its loader workers at workerBusy of a core, or the job at coresBusy of the cores that it is allowed, or its cgroup's quota used up in cgroupThrottled of the periods.",
    confirm:
      'Run the same job on synthetic data of the same shape: if the GPU fills, it was the input. `top -H` or `py-spy top --subprocesses -p PID` shows what the workers compute.',
    wrongWhen:
      'The cores are busy with something else than input (a CPU-heavy simulation, a data server for other hosts).',
    remediation,
    requires: ['utilization', 'jobSignals'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: { ...waitThresholds, ...coreThresholds },
  },
  evaluate: (usage, limits, context) =>
    judgeCause(usage, limits, context, {
      summary: 'The GPU waited while the CPU side of the job had no core to spare.',
      needs: "the CPU use of the job's processes was not recorded while it waited",
      prove(phase) {
        const { known, evidence } = coreSigns(phase, limits);
        if (known === 0) return 'unknown';
        if (evidence.length === 0) return null;
        const workersAreFull =
          (phase.job.workers ?? 0) > 0 && (phase.job.workerCpuShare ?? 0) >= limits.workerBusy;
        const allowed = coresAllowed(phase);
        return {
          evidence: [
            ...evidence,
            ...(phase.job.workers === undefined
              ? []
              : [seen('loader workers', phase.job.workers, 'processes')]),
            ...(allowed === null ? [] : [seen('cores allowed', allowed, 'cores')]),
          ],
          confidence: Math.min(0.8, (workersAreFull ? 0.6 : 0.5) + 0.1 * evidence.length),
          remediation: specific(phase, workersAreFull),
        };
      },
    }),
});

/** Names the number of workers that would keep the GPU busy, if there are free cores for them. */
function specific(phase: Phase, workersAreFull: boolean): readonly Remedy[] {
  const allowed = coresAllowed(phase);
  const workers = Math.round(phase.job.workers ?? 0);
  const used = phase.job.cpuCores;
  const [moreWorkers, ...others] = remediation;
  if (moreWorkers === undefined || allowed === null || used === undefined) return remediation;
  const free = Math.floor(allowed - used);
  if (free < 1) return [...others, moreWorkers];
  if (!workersAreFull) return remediation;
  // The input is as fast as its workers: a GPU busy u % of the time needs 100/u as many.
  const wanted = Math.ceil((workers * 100) / Math.max(1, phase.utilizationPct.mean));
  const count = Math.min(wanted, workers + free);
  return [
    {
      action: `Use ${count} loader workers: ${workers} are at their limit and ${free} cores are free.`,
      detail: moreWorkers.detail,
    },
    ...others,
  ];
}
