import type { GpuUsage } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { type Behind, behindPeers, jobPeers } from './job-peers.ts';
import { clear, defineRule, notJudged, type Remedy } from './rule.ts';
import { severityOf } from './severity.ts';
import { sumOver, type WindowRun, windowRuns } from './window-runs.ts';

const rankZero: Remedy = {
  action: 'Take the extra work off rank 0.',
  detail:
    'Logging, evaluation, checkpoints and `.item()` on rank 0 alone keep the others waiting: spread them, do them less often, or in a thread.',
};

/** A run goes on while the distance is at least this share of what begins it. */
const goesOnShare = 0.5;

export const imbalance = defineRule({
  meta: {
    id: 'imbalance',
    title: 'A GPU does less than the others of its job',
    rationale:
      'Ranks wait for each other at every step: a job runs at the pace of its slowest part, and all of its GPUs are billed.',
    decision:
      "On the GPUs of one job (one process, or ranks of one job: one rendezvous, a Slurm step of several tasks, processes of one tree that have ranks or were started by torchrun, accelerate, deepspeed, mpirun, mpiexec or horovodrun), while no other job is on them: this GPU's utilization is at least spread points below, or at even utilization its power at least powerSpread of its limit below, the busiest of them, for at least lagFor. The distance is the mean over a stretch in which it never falls below half of that. Warm-up, idle stretches, and time in which a GPU of the job was throttled or had a degraded PCIe link are left out. Power is compared among GPUs of one model. Without a process list, or where it does not say that the processes of one tree are ranks of one job, nothing is judged.",
    confirm:
      '`nvidia-smi dmon -s pu` beside the job, and the time of one step on each rank (PyTorch: `torch.cuda.Event` around the step): the same rank is late in all of them.',
    wrongWhen:
      'The GPUs of the job do different things on purpose: pipeline stages of different size, a parameter server, an actor beside learners.',
    remediation: [
      {
        action: 'Give each rank the same amount of work.',
        detail:
          'PyTorch `DistributedSampler(drop_last=True)`, batches by tokens instead of samples, sequences sorted into buckets of like length; TensorFlow `auto_shard_policy`; JAX the same shard size on each device.',
      },
      rankZero,
      {
        action: 'Look at what feeds the rank that is behind.',
        detail: 'Its own loader workers, NUMA node (`nvidia-smi topo -m`) and share of the files.',
      },
    ],
    requires: ['utilization'],
    claims: ['waiting', 'underfilled'],
    yieldsTo: ['throttled', 'pcie-degraded'],
    thresholds: {
      spread: {
        value: 20,
        unit: '%',
        why: 'measured: equal ranks of one job lie within 2 points, a job split into trainers and servers 60 apart',
      },
      powerSpread: {
        value: 0.2,
        unit: 'share',
        why: 'measured: pipeline stages at 418 and 482 W of 700 W (9 % of the limit) are normal',
      },
      lagFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter differences are checkpoints, evaluation and the start',
      },
    },
  },
  evaluate(usage, limits, context) {
    if (context.machineGpus.length < 2) return clear;
    if (usage.jobs === null) {
      return notJudged('which GPUs work on one job is not known: no process list was recorded');
    }
    const peers = jobPeers(usage, context.machineGpus);
    if (peers === 'unknown') {
      return notJudged('the process list does not say which processes were launched together');
    }
    if (peers.length === 0) return clear;
    const left = [usage, ...peers.map(({ gpu }) => gpu)].flatMap((gpu) => context.explainedOn(gpu));
    const behind = behindPeers(usage, peers, left);
    const byUtilization = lagging(usage, behind, 'utilizationPct', limits.spread, limits.lagFor);
    const isUtilization = byUtilization.length > 0;
    const runs = isUtilization
      ? byUtilization
      : lagging(usage, behind, 'powerShare', limits.powerSpread, limits.lagFor);
    const [first] = runs;
    if (first === undefined) return clear;

    const column = isUtilization ? 'utilizationPct' : 'powerShare';
    const limit = isUtilization ? limits.spread : limits.powerSpread;
    const worst = runs.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), first);
    const distance = meanOf(behind, column, worst);
    const lagMs = runs.reduce((sum, run) => sum + run.endMs - run.startMs, 0);
    const { windows } = usage;
    const lostMs = isUtilization
      ? (sumOver(runs, windows.observedMs) * distance) / 100
      : sumOver(runs, windows.busyMs) * distance;
    const ahead = behind[worst.from]?.ahead ?? null;
    const leader = ahead?.identity.index ?? ahead?.identity.id ?? 'another';
    const [span] = usage.jobs.filter(({ shared }) => !shared);
    const job = span?.name ?? 'its job';
    const isRankZero = span?.rank === 0;
    return {
      outcome: 'detected',
      severity: severityOf(lostMs, usage),
      confidence: isUtilization ? 0.85 : 0.6,
      summary: isUtilization
        ? `The GPU is behind: it worked ${Math.round(distance)} points less than GPU ${leader} of the same job (${job}) for ${inWords(lagMs)}.`
        : `While all GPUs of the job (${job}) read busy, this one drew ${Math.round(100 * distance)} % of its limit less than GPU ${leader} for ${inWords(lagMs)}: it waits for the others, or has less to do.`,
      evidence: [
        isUtilization
          ? atLeast('utilization below the busiest GPU of the job', distance, limit, '%')
          : atLeast(
              'power below that of the job’s highest, of the limit',
              distance,
              limit,
              'share',
            ),
        atLeast('longest stretch behind', worst.endMs - worst.startMs, limits.lagFor, 'ms'),
        seen('GPUs of the job', peers.length + 1, 'GPUs'),
      ],
      intervals: runs.map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: Math.round(lostMs),
      ...(isRankZero ? { remediation: [rankZero, ...withoutRankZero()] } : {}),
    };
  },
});

function withoutRankZero(): readonly Remedy[] {
  return imbalance.meta.remediation.filter(({ action }) => action !== rankZero.action);
}

type Distance = 'utilizationPct' | 'powerShare';

function lagging(
  usage: GpuUsage,
  behind: readonly (Behind | null)[],
  column: Distance,
  limit: number,
  lagForMs: number,
): readonly WindowRun[] {
  return windowRuns(usage.windows, lagForMs, (i) => {
    return (behind[i]?.[column] ?? Number.NaN) >= goesOnShare * limit;
  }).filter((run) => meanOf(behind, column, run) >= limit);
}

function meanOf(behind: readonly (Behind | null)[], column: Distance, run: WindowRun): number {
  let sum = 0;
  for (let i = run.from; i < run.to; i++) sum += behind[i]?.[column] ?? 0;
  // Sums of readings with a fraction: what is equal must not differ in the last bit.
  return Math.round((1e6 * sum) / (run.to - run.from)) / 1e6;
}
