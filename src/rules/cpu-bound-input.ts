import type { Phase } from '../usage/usage.ts';
import { seen } from './evidence.ts';
import {
  areCoresShort,
  type CoreLimits,
  coreSigns,
  coresAllowed,
  coreThresholds,
  type ShortageLimits,
  shortageThresholds,
  throttledShare,
  workerWantedShare,
} from './host-evidence.ts';
import {
  coresOfItsOwn,
  freeCores,
  moreWorkers,
  moreWorkersDetail,
  persistentWorkers,
} from './loader-remedies.ts';
import { defineRule, type Remedy } from './rule.ts';
import { judgeCause, waitThresholds } from './waits.ts';
import { coresInWords, percentInWords } from './words.ts';

const useCores: Remedy = {
  action: 'Use the cores that are there: more loader workers.',
  detail: moreWorkersDetail,
};

const raiseLimit: Remedy = {
  action: 'Raise the CPU limit, or take a machine with more cores for each GPU.',
  detail:
    'Look at `cpu.max` of the cgroup (version 1: `cpu.cfs_quota_us`), `--cpus-per-task` (Slurm), `resources.limits.cpu` (Kubernetes), `--cpus` (Docker).',
};

/** What makes the same input need less CPU, the least effort first. */
const spare: readonly Remedy[] = [
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
];

export const cpuBoundInput = defineRule({
  meta: {
    id: 'cpu-bound-input',
    title: 'The GPU waits for preprocessing on the CPU',
    rationale:
      'Decoding and augmenting on a few cores is slower than the GPU, which is billed while it waits for them.',
    decision:
      "The GPU waits (mean utilization of a phase at or below waitBelow), and the job has no CPU to spare: its loader workers compute, or wait for a core to compute on (/proc/PID/schedstat), workerBusy of the time, or the job at coresBusy of the cores that it is allowed, or its cgroup's quota used up in cgroupThrottled of the periods.",
    confirm:
      'Run the same job on synthetic data of the same shape: if the GPU fills, it was the input. `top -H` or `py-spy top --subprocesses -p PID` shows what the workers compute.',
    wrongWhen:
      'The cores are busy with something else than input (a CPU-heavy simulation, a data server for other hosts). Preprocessing in a thread of the GPU process itself, rather than in worker processes, is not told from launching: host-bound names the thread, and its first remedy settles which.',
    remediation: [useCores, ...spare, raiseLimit],
    requires: ['utilization', 'jobSignals'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: { ...waitThresholds, ...coreThresholds, ...shortageThresholds },
  },
  evaluate: (usage, limits, context) =>
    judgeCause(usage, limits, context, {
      summary: 'The GPU waited while the CPU side of the job had no core to spare.',
      needs: "the CPU use of the job's processes was not recorded while it waited",
      prove(phase) {
        const { known, evidence } = coreSigns(phase, limits);
        const signs = evidence.filter(({ threshold }) => threshold !== null).length;
        if (known === 0) return 'unknown';
        if (evidence.length === 0) return null;
        const { workers, busiestWorkerShare } = phase.job;
        const workersAreFull = (workerWantedShare(phase) ?? 0) >= limits.workerBusy;
        const allowed = coresAllowed(phase);
        return {
          evidence: [
            ...evidence,
            ...(workers === undefined ? [] : [seen('loader workers', workers, 'processes')]),
            ...(busiestWorkerShare === undefined || workersAreFull
              ? []
              : [seen('busiest loader worker, of one core', busiestWorkerShare, 'share')]),
            ...(allowed === null ? [] : [seen('cores allowed', allowed, 'cores')]),
          ],
          confidence: Math.min(0.8, (workersAreFull ? 0.6 : 0.5) + 0.1 * signs),
          summary: summaryOf(phase, limits, workersAreFull),
          remediation: remediesFor(phase, limits, workersAreFull),
        };
      },
    }),
});

function summaryOf(
  phase: Phase,
  limits: CoreLimits & ShortageLimits,
  workersAreFull: boolean,
): string {
  const { workers = 0, workerCpuShare = 0, cpuCores } = phase.job;
  const free = freeCores(phase);
  const allowed = coresAllowed(phase);
  const throttled = throttledShare(phase);
  if (throttled !== undefined && throttled >= limits.cgroupThrottled) {
    const quota = allowed === null ? '' : ` of ${Number(allowed.toFixed(1))} cores`;
    return `The GPU waited while the CPU quota${quota} of its job was used up in ${percentInWords(throttled)} of the scheduler periods.`;
  }
  if (workersAreFull) {
    const count = Math.round(workers);
    if (areCoresShort(phase, limits)) {
      const queued = percentInWords(phase.job.workerQueuedShare ?? 0);
      return `The GPU waited for ${count === 1 ? 'one loader worker that had' : `${count} loader workers that each had`} ${percentInWords(workerCpuShare)} of a core and waited for one in ${queued} of the time: cores are short.`;
    }
    const spareCores = free === null ? '' : `, and ${coresInWords(free)} were free`;
    return `The GPU waited for ${count === 1 ? 'one loader worker that used' : `${count} loader workers that each used`} ${percentInWords(workerCpuShare)} of a core${spareCores}.`;
  }
  const used = cpuCores === undefined ? '' : `: it used ${Number(cpuCores.toFixed(1))}`;
  const of = allowed === null || used === '' ? '' : ` of ${Number(allowed.toFixed(1))} cores`;
  return `The GPU waited while the CPU side of the job had no core to spare${used}${of}.`;
}

/** What fits what was seen first: a used-up quota, workers made anew, workers at their limit beside free cores. */
function remediesFor(
  phase: Phase,
  limits: CoreLimits & ShortageLimits,
  workersAreFull: boolean,
): readonly Remedy[] {
  const reborn = persistentWorkers(phase);
  const first = reborn === null ? [] : [reborn];
  const throttled = throttledShare(phase) ?? 0;
  const limit = phase.job.cgroupCpuLimitCores;
  if (throttled >= limits.cgroupThrottled) {
    const of = limit === undefined ? '' : ` of ${Number(limit.toFixed(1))} cores`;
    const action = `Raise the CPU limit${of}: it was used up in ${percentInWords(throttled)} of the periods.`;
    return [...first, { ...raiseLimit, action }, ...spare];
  }
  // Where others have the cores, they are not free, whatever the job itself is allowed.
  if (workersAreFull && areCoresShort(phase, limits)) {
    return [
      ...first,
      coresOfItsOwn(percentInWords(phase.job.workerQueuedShare ?? 0)),
      ...spare,
      raiseLimit,
    ];
  }
  const free = freeCores(phase);
  // Without a core to run on, more workers only share the same ones.
  if (free !== null && free < 1) return [...first, ...spare, raiseLimit, useCores];
  const more = workersAreFull ? (moreWorkers(phase) ?? useCores) : useCores;
  return [...first, more, ...spare, raiseLimit];
}
