import type { Phase } from '../usage/usage.ts';
import { coresAllowed } from './host-evidence.ts';
import { inWords } from './idle.ts';
import type { Remedy } from './rule.ts';
import { coresInWords, percentInWords } from './words.ts';

/** Fewer than this many births an hour are crashes and restarts, not epochs. */
const fewestBirthsPerHour = 2;

/** Keeps workers that are made anew each epoch; null where they are not. */
export function persistentWorkers({ job }: Phase): Remedy | null {
  const workers = Math.round(job.workers ?? 0);
  const born = job.workersBornPerHour ?? 0;
  if (workers < 1 || born < fewestBirthsPerHour) return null;
  const everyMs = (workers / born) * 3_600_000;
  return {
    action: `Keep the loader workers: ${workers} of them are started anew about every ${inWords(everyMs)}.`,
    detail:
      'PyTorch: `DataLoader(persistent_workers=True)`: each start imports, opens files and fills its queue again. TensorFlow: one `ds.repeat()` in place of a new iterator each epoch. JAX: keep the Grain iterator over epochs.',
  };
}

export const moreWorkersDetail =
  'PyTorch: `DataLoader(num_workers=N, persistent_workers=True)`. TensorFlow: `map(…, num_parallel_calls=tf.data.AUTOTUNE)`. JAX: Grain `worker_count=N`.';

/** Where what is wanted is a core, and others have it. */
export function coresOfItsOwn(queued: string): Remedy {
  return {
    action: `Free cores for the job, or take a machine with more of them for each GPU: it waited for one in ${queued} of the time.`,
    detail:
      '`top` shows who has them: stop or move other jobs, ask for more `--cpus-per-task` (Slurm) or `resources.requests.cpu` (Kubernetes), pin with `taskset`. `OMP_NUM_THREADS=1` where workers start threads of their own. More workers would only share the same cores.',
  };
}

/** Cores of those allowed that the job leaves free; null where that is not known. */
export function freeCores(phase: Phase): number | null {
  const allowed = coresAllowed(phase);
  const used = phase.job.cpuCores;
  return allowed === null || used === undefined ? null : Math.max(0, Math.floor(allowed - used));
}

/** How many workers would keep the GPU busy, if there are free cores for more; null where none can be named. */
export function moreWorkers(phase: Phase): Remedy | null {
  const workers = Math.round(phase.job.workers ?? 0);
  const share = phase.job.workerCpuShare;
  const free = freeCores(phase);
  if (workers < 1 || share === undefined || free === null || free < 1) return null;
  // The input is as fast as its workers: a GPU busy u % of the time needs 100/u as many.
  const wanted = Math.ceil((workers * 100) / Math.max(1, phase.utilizationPct.mean));
  const count = Math.min(wanted, workers + free);
  const what = workers === 1 ? 'loader worker uses' : 'loader workers use';
  return {
    action: `Try num_workers=${count}: ${workers} ${what} ${percentInWords(share)} of a core each, ${coresInWords(free)} free.`,
    detail: moreWorkersDetail,
  };
}
