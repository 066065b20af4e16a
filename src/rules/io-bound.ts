import {
  coreThresholds,
  feedThresholds,
  pressureSigns,
  pressureThresholds,
  readingSigns,
} from './host-evidence.ts';
import { defineRule } from './rule.ts';
import { judgeCause, waitThresholds } from './waits.ts';

export const ioBound = defineRule({
  meta: {
    id: 'io-bound',
    title: 'The GPU waits for storage or the network',
    rationale:
      'The job reads its data more slowly than the GPU computes, so the dearest part of the machine waits for the cheapest.',
    decision:
      "The GPU waits (mean utilization of a phase at or below waitBelow), and at least `signs` signs agree, at least one of them a sign of waiting: the job's processes in uninterruptible sleep, pressure on storage, iowait, a busy disk; others are data being read. Loader processes that are busy computing (workerBusy) or swapping speak against it.",
    confirm:
      'Run the same job on synthetic data, then on data already in the page cache, then after `echo 3 > /proc/sys/vm/drop_caches`: what the cold run takes longer is storage. `iostat -x 1` shows the disk, `ps -eo pid,stat,wchan:30,cmd | grep " D"` what waits.',
    wrongWhen:
      'Another process on the host causes the pressure (backup, another job), or checkpoints are being written at that time.',
    remediation: [
      {
        action: 'Read ahead and in parallel.',
        detail:
          'PyTorch: `DataLoader(num_workers=…, prefetch_factor=4, persistent_workers=True, pin_memory=True)`. TensorFlow: `ds.interleave(…, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)`. JAX: Grain `worker_count` and `worker_buffer_size`.',
      },
      {
        action: 'Bring the data close: copy it to a local NVMe disk, or keep it in memory.',
        detail:
          'Object storage and NFS answer in milliseconds per file. PyTorch: a local copy before training; TensorFlow: `ds.cache()`.',
      },
      {
        action: 'Store fewer, larger files.',
        detail:
          'WebDataset tar shards, TFRecord, Parquet or Arrow, ArrayRecord: sequential reads of megabytes in place of one request per sample.',
      },
      {
        action: 'Take a faster disk or file system.',
        detail: 'Check the limits that you pay for: provisioned IOPS and MB/s, network share.',
      },
    ],
    requires: ['utilization', 'hostSignals'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      ...waitThresholds,
      ...pressureThresholds,
      ...feedThresholds,
      workerBusy: coreThresholds.workerBusy,
      signs: {
        value: 2,
        unit: 'times',
        why: 'each sign alone has innocent causes; host-wide ones may stem from other processes',
      },
    },
  },
  evaluate: (usage, limits, context) =>
    judgeCause(usage, limits, context, {
      summary: 'The GPU waited while the job waited for storage or the network.',
      needs: 'no signal on storage (D state, PSI io, iowait, disk) was recorded while it waited',
      prove(phase) {
        const pressure = pressureSigns(phase, limits);
        if (pressure.known === 0) return 'unknown';
        const evidence = [...pressure.evidence, ...readingSigns(phase, limits).evidence];
        const isComputing =
          (phase.job.workers ?? 0) > 0 && (phase.job.workerCpuShare ?? 0) >= limits.workerBusy;
        const isSwapping = (phase.host.swapInBytesPerS ?? 0) >= limits.swapIn;
        if (isComputing || isSwapping) return null;
        if (pressure.evidence.length === 0 || evidence.length < limits.signs) return null;
        const seesJob = (phase.job.dStateShare ?? 0) >= limits.dState;
        return {
          evidence,
          confidence: Math.min(0.8, 0.4 + 0.1 * evidence.length + (seesJob ? 0.1 : 0)),
        };
      },
    }),
});
