import type { Phase } from '../usage/usage.ts';
import { below, seen } from './evidence.ts';
import {
  feedThresholds,
  isOthersTraffic,
  pressureSigns,
  pressureThresholds,
  type ShortageLimits,
  shortageThresholds,
  threadWantedShare,
  wantedEvidence,
  workerWantedShare,
} from './host-evidence.ts';
import { coresOfItsOwn, freeCores } from './loader-remedies.ts';
import { defineRule, type Remedy } from './rule.ts';
import { judgeCause, waitThresholds } from './waits.ts';
import { coresInWords, percentInWords } from './words.ts';

/** Ordered by effort; the first where the thread may also prepare the data. */
const prepareElsewhere: Remedy = {
  action: 'Take data preparation out of the training thread.',
  detail:
    'PyTorch: `num_workers` above 0. TensorFlow: `prefetch(tf.data.AUTOTUNE)`. JAX: a prefetching iterator.',
};
const syncLess: Remedy = {
  action: 'Stop synchronizing every step.',
  detail:
    'PyTorch: no `.item()`, `.cpu()`, `print(loss)` or `torch.cuda.synchronize()` in each step, `non_blocking=True`. JAX: `block_until_ready` and printing only now and then. TensorFlow: `steps_per_execution` in `compile`.',
};
const launchLess: Remedy = {
  action: 'Launch fewer, larger kernels.',
  detail:
    'PyTorch: `torch.compile(mode="reduce-overhead")`, CUDA graphs, `foreach`/`fused` optimizers, larger batch. TensorFlow: `tf.function(jit_compile=True)`. JAX: `jit` the whole step, `lax.scan` over steps.',
};

export const hostBound = defineRule({
  meta: {
    id: 'host-bound',
    title: 'The GPU waits for one thread of its own process',
    rationale:
      'One thread launches kernels, moves small results and runs the Python around them. When it is full, a faster GPU only waits longer.',
    decision:
      'The GPU waits (mean utilization of a phase at or below waitBelow), one thread of the GPU process runs, or waits for a core to run on (/proc/PID/task/TID/schedstat), at least threadBusy of the time, loader workers are quiet (none, or below workersQuiet of a core), storage shows no pressure but that of other programs (ownPart), and PCIe, where reported, carries less than pcieQuiet.',
    confirm:
      '`py-spy top -p PID` shows what the full thread does; `nsys profile` shows gaps between kernels with CUDA API calls on the CPU. With input made on the GPU (synthetic data) it stays as slow.',
    wrongWhen:
      'The full thread is a spinning wait (a busy-polling cudaStreamSynchronize or NCCL proxy) and something else is slow; or the data is prepared in a thread of the GPU process: inside that thread (`num_workers=0`), or in one beside it (a thread pool of the framework), which is not told from launching by its CPU, its place or, reliably, its name. The first remedy settles it.',
    remediation: [prepareElsewhere, syncLess, launchLess],
    requires: ['utilization', 'jobSignals'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      ...waitThresholds,
      ...pressureThresholds,
      threadBusy: {
        value: 0.95,
        unit: 'share',
        why: 'untested start: a thread that runs, or waits for a core, 95 % of the time can not go faster with what it has',
      },
      workersQuiet: {
        value: 0.5,
        unit: 'share',
        why: 'untested start: workers below half a core are waiting to hand over, not late',
      },
      ...shortageThresholds,
      reading: feedThresholds.reading,
      ownPart: feedThresholds.ownPart,
      pcieQuiet: {
        value: 477,
        unit: 'MiB/s',
        why: 'untested start: below 0.5 GB/s the link is no bottleneck even at PCIe 3.0 x4',
      },
    },
  },
  evaluate: (usage, limits, context) =>
    judgeCause(usage, limits, context, {
      summary: 'The GPU waited while one thread of its process was full.',
      needs: 'threads and loader workers of the GPU process were not visible while it waited',
      prove(phase) {
        const { busiestThreadShare, workers, workerCpuShare } = phase.job;
        if (busiestThreadShare === undefined || workers === undefined) return 'unknown';
        if (workers > 0 && workerCpuShare === undefined) return 'unknown';
        const loaderShare = workerWantedShare(phase) ?? 0;
        const wanted = threadWantedShare(phase) ?? 0;
        if (wanted < limits.threadBusy || loaderShare >= limits.workersQuiet) {
          return null;
        }
        const pcie = phase.pcieMibPerS;
        if (pcie !== null && pcie >= limits.pcieQuiet) return null;
        const waitsForStorage = pressureSigns(phase, limits).evidence.length > 0;
        if (waitsForStorage && !isOthersTraffic(phase, limits)) return null;
        return {
          evidence: [
            ...wantedEvidence(
              'the busiest thread of the GPU process',
              busiestThreadShare,
              phase.job.busiestThreadQueuedShare,
              limits.threadBusy,
            ),
            workers > 0
              ? below(
                  phase.job.workerQueuedShare === undefined
                    ? 'CPU of a loader worker, of one core'
                    : 'a loader worker computing or waiting for a core',
                  loaderShare,
                  limits.workersQuiet,
                  'share',
                )
              : seen('loader workers', workers, 'processes'),
            ...(pcie === null ? [] : [below('PCIe throughput', pcie, limits.pcieQuiet, 'MiB/s')]),
          ],
          confidence: pcie === null ? 0.55 : 0.65,
          summary: `The GPU waited while one thread of its process ${threadInWords(phase, limits)}${besides(phase, limits)}.`,
          remediation: remediesFor(phase, limits),
        };
      },
    }),
});

function isCoreShort({ job }: Phase, limits: ShortageLimits): boolean {
  return (job.busiestThreadQueuedShare ?? 0) >= limits.coresShort;
}

function threadInWords(phase: Phase, limits: ShortageLimits): string {
  const { busiestThreadShare = 0, busiestThreadQueuedShare = 0 } = phase.job;
  const had = `${percentInWords(busiestThreadShare)} of a core`;
  return isCoreShort(phase, limits)
    ? `had ${had} and waited for one in ${percentInWords(busiestThreadQueuedShare)} of the time`
    : `used ${had}`;
}

function besides(phase: Phase, limits: ShortageLimits): string {
  const workers = Math.round(phase.job.workers ?? 0);
  const free = isCoreShort(phase, limits) ? null : freeCores(phase);
  const loaders = workers === 0 ? 'no loader worker ran' : `its ${workers} loader workers waited`;
  const and = isCoreShort(phase, limits) ? ', and' : ' and';
  return free === null ? `${and} ${loaders}` : `, ${loaders} and ${coresInWords(free)} were free`;
}

/** Workers that wait to hand over show that the data is ready: then it is not the preparation. */
function remediesFor(phase: Phase, limits: ShortageLimits): readonly Remedy[] {
  const launches = [syncLess, launchLess];
  const hasWorkers = Math.round(phase.job.workers ?? 0) > 0;
  // A core for the thread comes before anything that would want one more.
  if (isCoreShort(phase, limits)) {
    const queued = percentInWords(phase.job.busiestThreadQueuedShare ?? 0);
    return [coresOfItsOwn(queued), ...launches, ...(hasWorkers ? [] : [prepareElsewhere])];
  }
  if (hasWorkers) return launches;
  const free = freeCores(phase);
  if (free === null || free < 1) return [prepareElsewhere, ...launches];
  const count = Math.min(free, 4);
  const action = `Try num_workers=${count}: no loader worker runs, so the full thread may prepare the data as well; ${coresInWords(free)} free.`;
  return [{ ...prepareElsewhere, action }, ...launches];
}
