import type { RecurringStall } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { tooShort } from './phases.ts';
import { clear, defineRule, type Evidence, notJudged, type Remedy } from './rule.ts';
import { severityOf } from './severity.ts';

/** More intervals than these are told as the phases that they lie in. */
const mostIntervals = 500;

const remedies: readonly Remedy[] = [
  {
    action: 'Keep the loader workers alive between epochs.',
    detail:
      'PyTorch: `DataLoader(persistent_workers=True)` with `prefetch_factor`. TensorFlow: one `tf.data` pipeline with `.repeat()` instead of one an epoch. JAX: keep the iterator (grain, tf.data) over epochs.',
  },
  {
    action: 'Save checkpoints beside the work.',
    detail:
      'PyTorch: `torch.distributed.checkpoint.async_save`, or save from a copy in host memory. JAX: Orbax `AsyncCheckpointer`. TensorFlow: `tf.train.CheckpointOptions(enable_async=True)`. To local disk first, upload later.',
  },
  {
    action: 'Validate less often, on fewer samples, or on all GPUs.',
    detail:
      'Lightning: `val_check_interval`, `limit_val_batches`; a validation on rank 0 alone keeps all others waiting.',
  },
];

export const periodicStall = defineRule({
  meta: {
    id: 'periodic-stall',
    title: 'The work stops again and again, at regular times',
    rationale:
      'An epoch that starts its loaders anew, a validation on one GPU, a checkpoint written while all wait: each is short, and together they are a part of the bill. A mean utilization of 90 % hides them.',
    decision:
      'Within a phase of at least workFor, utilization dips at equal distances: at least five dips, a period of at least four windows (20 s at an interval of up to 5 s), and a chance below 1 in 1,000 that dips at random times would look as regular (auto-correlogram against a Poisson process, Cox and Lewis 1966; corrected for the periods tried). Together they cost at least lostShare of the phase. Samples at interval or more apart are not judged: shorter stalls fall between them, and longer ones get a false period. It is called a checkpoint only where writes during the dips are at least writeRise times those between them, and at least writeFrom.',
    confirm:
      "Set the times of the dips (the HTML report's timeline marks them) beside the job's log: epochs, validation and saving are usually printed with a time.",
    wrongWhen:
      'The pause does something that is needed and can not be moved or overlapped; then its length is its price.',
    remediation: remedies,
    requires: ['utilization'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      workFor: {
        value: 300_000,
        unit: 'ms',
        why: 'five stalls a minute apart; in less there is no period to find',
      },
      interval: {
        value: 10_000,
        unit: 'ms',
        why: 'at 10 s utilization looks at a tenth of the time at most: a stall of less than 20 s is not seen whole (Nyquist)',
      },
      lostShare: {
        value: 0.05,
        unit: 'share',
        why: 'from 5 % of a step the profilers of PyTorch and TensorFlow call a part of it worth mending',
      },
      writeRise: {
        value: 3,
        unit: 'times',
        why: 'untested start: logs and metrics write evenly, a checkpoint in a burst; only the wording changes',
      },
      writeFrom: {
        value: 1e7,
        unit: 'bytes/s',
        why: 'untested start: less is logging; only the wording changes',
      },
    },
  },
  evaluate(usage, limits) {
    if (usage.phases.length === 0) return clear;
    if (usage.nominalMs >= limits.interval) {
      return notJudged(
        `samples are ${usage.nominalMs / 1000} s apart: stalls of less than ${(2 * usage.nominalMs) / 1000} s fall between them`,
      );
    }
    const short = tooShort(usage, limits.workFor);
    if (short !== null) return short;
    const costly = usage.stalls.filter(
      (stall) => stall.share >= limits.lostShare && stall.endMs - stall.startMs >= limits.workFor,
    );
    const [first, ...rest] = costly;
    if (first === undefined) return clear;

    const worst = rest.reduce((a, b) => (b.waitingMs > a.waitingMs ? b : a), first);
    const lostMs = costly.reduce((sum, stall) => sum + stall.waitingMs, 0);
    const lengthMs = meanLength(worst.intervals);
    const isCheckpoint = writesMore(worst, limits);
    const count = costly.reduce((sum, stall) => sum + stall.intervals.length, 0);
    const what = isCheckpoint
      ? 'stopped while it wrote to storage, as for a checkpoint,'
      : 'stalled';
    return {
      outcome: 'detected',
      severity: severityOf(lostMs, usage),
      confidence: 0.85,
      summary: `The work ${what} every ${periodInWords(worst.periodMs)} for ${inWords(lengthMs)} on average, ${worst.count} times: ${inWords(worst.waitingMs)} without a kernel.${alsoIn(costly.length, lostMs)}`,
      evidence: [
        atLeast('share of the phase', worst.share, limits.lostShare, 'share'),
        seen('period', worst.periodMs, 'ms'),
        seen('mean length of a stall', lengthMs, 'ms'),
        seen('stalls', worst.count, ''),
        seen('chance at random times', worst.chance, 'share'),
        ...writeEvidence(worst, isCheckpoint, limits.writeFrom),
      ],
      intervals: costly.flatMap((stall) =>
        count > mostIntervals
          ? [{ startMs: stall.startMs, endMs: stall.endMs }]
          : stall.intervals.map(({ startMs, endMs }) => ({ startMs, endMs })),
      ),
      recoverableMs: lostMs,
      ...(isCheckpoint ? { remediation: checkpointFirst(remedies) } : {}),
    };
  },
});

/** Of the intervals that the finding names, so that they can be checked against it. */
function meanLength(intervals: RecurringStall['intervals']): number {
  const all = intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return intervals.length === 0 ? 0 : Math.round(all / intervals.length);
}

/** Half a minute counts here: 5.5 min are not 6. */
function periodInWords(ms: number): string {
  return ms < 120_000 || ms >= 3_600_000 ? inWords(ms) : `${Number((ms / 60_000).toFixed(1))} min`;
}

function alsoIn(phases: number, lostMs: number): string {
  return phases === 1 ? '' : ` In all ${phases} phases with such stalls: ${inWords(lostMs)}.`;
}

interface WriteLimits {
  readonly writeRise: number;
  readonly writeFrom: number;
}

function writesMore({ writes }: RecurringStall, limits: WriteLimits): boolean {
  return (
    writes !== null &&
    writes.during >= limits.writeFrom &&
    writes.during >= limits.writeRise * writes.between
  );
}

function writeEvidence(
  { writes }: RecurringStall,
  isCheckpoint: boolean,
  writeFrom: number,
): readonly Evidence[] {
  if (writes === null) return [];
  return [
    isCheckpoint
      ? atLeast('writes during the stalls', writes.during, writeFrom, 'bytes/s')
      : seen('writes during the stalls', writes.during, 'bytes/s'),
    seen('writes between them', writes.between, 'bytes/s'),
  ];
}

function checkpointFirst(all: readonly Remedy[]): readonly Remedy[] {
  const [loaders, checkpoint, ...rest] = all;
  return [checkpoint, ...rest, loaders].filter((remedy) => remedy !== undefined);
}
