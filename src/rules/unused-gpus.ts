import type { GpuUsage } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { clear, defineRule, notJudged } from './rule.ts';
import { observedMs, severityOf } from './severity.ts';

export const unusedGpus = defineRule({
  meta: {
    id: 'unused-gpus',
    title: 'A GPU of this machine was never used',
    rationale:
      'A machine is billed with all of its GPUs: a job that sees only some of them pays for the others too.',
    decision:
      'On a machine with at least machineGpus GPUs: a GPU that was observed for at least watchedFor, on which no work ran and whose memory nobody held at any time, while another GPU of the machine worked. It stands in for idle-empty on that GPU; a machine on which nothing worked is left to idle-empty.',
    confirm:
      "Run `nvidia-smi` while the job works: the other GPUs list its process, these don't. Print what the job sees: `torch.cuda.device_count()`, `tf.config.list_physical_devices('GPU')`, `jax.local_devices()`, and the value of CUDA_VISIBLE_DEVICES.",
    wrongWhen:
      'The GPU is meant for another job that had not started yet, or only a part of the job was watched.',
    remediation: [
      {
        action: 'Let the job use the GPUs that are there.',
        detail:
          'Check CUDA_VISIBLE_DEVICES and the launcher: PyTorch `torchrun --nproc-per-node=N` with DistributedDataParallel or FSDP, TensorFlow `tf.distribute.MirroredStrategy()`, JAX a mesh over `jax.devices()` with jit sharding.',
      },
      {
        action: 'Run a second job on them.',
        detail:
          'Give each job its own devices: `CUDA_VISIBLE_DEVICES=4,5,6,7 python train.py`; sweeps and evaluation fit well.',
      },
      {
        action: 'Take a machine with fewer GPUs.',
        detail: '`gpucost rates list` shows what the smaller sizes of the same family cost.',
      },
    ],
    requires: ['utilization'],
    claims: ['emptyIdle'],
    yieldsTo: [],
    thresholds: {
      machineGpus: {
        value: 2,
        unit: 'GPUs',
        why: 'with one GPU there is no other to work in its place: that is idle-empty',
      },
      watchedFor: {
        value: 300_000,
        unit: 'ms',
        why: 'the horizon of idle time: a job may still be starting before that',
      },
    },
  },
  evaluate(usage, limits, context) {
    const gpus = context.machineGpus;
    if (gpus.length < limits.machineGpus || !isNeverUsed(usage)) return clear;
    const atWork = gpus.filter((gpu) => gpu.phases.length > 0).length;
    if (atWork === 0) return clear;
    const observed = observedMs(usage.total);
    if (observed < limits.watchedFor) {
      return notJudged(`watched for less than ${inWords(limits.watchedFor)}`);
    }
    const empty = usage.total.byState.emptyIdle;
    return {
      outcome: 'detected',
      severity: severityOf(empty, usage),
      confidence: 0.95,
      summary: `The GPU was never used in ${inWords(observed)}, while ${atWork} of ${gpus.length} GPUs of the machine worked.`,
      evidence: [
        atLeast('observed without any work', observed, limits.watchedFor, 'ms'),
        atLeast('GPUs of the machine', gpus.length, limits.machineGpus, 'GPUs'),
        atLeast('GPUs at work', atWork, 1, 'GPUs'),
        ...(usage.memoryUsedMib === null
          ? []
          : [seen('highest memory in use', usage.memoryUsedMib.max, 'MiB')]),
      ],
      intervals: usage.idleStretches
        .filter((stretch) => stretch.emptyMs > 0)
        .map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: empty,
    };
  },
});

function isNeverUsed(usage: GpuUsage): boolean {
  return (
    usage.phases.length === 0 &&
    usage.total.byState.heldIdle === 0 &&
    usage.total.byState.emptyIdle > 0
  );
}
