import type { LoadedTime } from '../usage/usage.ts';
import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { clear, defineRule, notJudged, type Verdict } from './rule.ts';
import { severityOf } from './severity.ts';
import { meanBetween, sumOver, windowRuns } from './window-runs.ts';

export const throttled = defineRule({
  meta: {
    id: 'throttled',
    title: 'The GPU was slowed by heat or a power brake',
    rationale:
      'The clock is lowered to protect the card: the same hour is billed for less work. The ordinary power cap is not meant here, well-run work always reaches it.',
    decision:
      'Windows with utilization at or above utilizationFrom that lost at least lostShare of their time: a thermal or power-brake reason was active, and the SM clock was below its usual busy value by that share. Together at least slowedFor. Without event reasons (or slowdown counters) for reportedShare of the time under load it is not judged.',
    confirm:
      '`nvidia-smi -q -d PERFORMANCE,CLOCK,TEMPERATURE` while it works: an active "HW Slowdown", "SW Thermal Slowdown" or "HW Power Brake", clocks below those of the neighbours.',
    wrongWhen:
      'The usual clock was seen only briefly while the card was cold, so that what follows looks slow.',
    remediation: [
      {
        action: 'Report it to the provider, and move the job to another machine.',
        detail: 'Cooling and power brakes of a rented machine are not yours to mend.',
      },
      {
        action: 'On your own hardware, mend the cooling.',
        detail: 'Fans, dust, airflow between neighbouring cards, room temperature.',
      },
      {
        action: 'Lower the power limit a little.',
        detail:
          '`nvidia-smi -pl WATTS`: a steady lower clock does more work than one that drops and recovers.',
      },
    ],
    requires: ['utilization', 'clocks', 'eventReasons'],
    claims: ['throttled'],
    yieldsTo: [],
    thresholds: {
      slowedFor: {
        value: 60_000,
        unit: 'ms',
        why: 'shorter spells are the normal regulation of a card that warms up',
      },
      utilizationFrom: {
        value: 90,
        unit: '%',
        why: 'at lower utilization the clock falls by itself',
      },
      lostShare: {
        value: 0.1,
        unit: 'share',
        why: 'a clock below 90 % of the usual under load was a reliable sign in recorded logs',
      },
      reportedShare: {
        value: 0.5,
        unit: 'share',
        why: 'time under load with event reasons or slowdown counters: what was not looked at for the larger part can not be called clear',
      },
    },
  },
  evaluate(usage, limits) {
    const { windows } = usage;
    const runs = windowRuns(windows, 0, (i) => {
      const busy = windows.busyMs[i] ?? 0;
      return (
        busy > 0 &&
        (windows.utilizationPct[i] ?? 0) >= limits.utilizationFrom &&
        (windows.throttledMs[i] ?? 0) >= limits.lostShare * busy
      );
    });
    const slowedMs = sumOver(runs, windows.busyMs);
    const [first] = runs;
    if (first === undefined || slowedMs < limits.slowedFor) return unslowed(usage.loaded, limits);
    const lostMs = sumOver(runs, windows.throttledMs);
    const longest = runs.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), first);
    const clock = meanBetween(windows.clockSmMhz, longest.from, longest.to);
    return {
      outcome: 'detected',
      severity: severityOf(lostMs, usage),
      confidence: 0.9,
      summary: `Heat or a power brake slowed the GPU for ${inWords(slowedMs)}, worth ${inWords(lostMs)} of work.`,
      evidence: [
        atLeast('busy time while slowed', slowedMs, limits.slowedFor, 'ms'),
        atLeast('share of that time lost', lostMs / slowedMs, limits.lostShare, 'share'),
        ...(clock === null ? [] : [seen('SM clock while slowed', clock, 'MHz')]),
      ],
      intervals: runs.map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: lostMs,
    };
  },
});

/** Clear where the driver could have said that it slows the GPU. */
function unslowed(loaded: LoadedTime, limits: { readonly reportedShare: number }): Verdict {
  const share = loaded.ms > 0 ? loaded.reasonsKnownMs / loaded.ms : 1;
  if (share >= limits.reportedShare) return clear;
  return notJudged(
    `why clocks are lowered was reported for only ${Math.floor(100 * share)} % of the time under load`,
  );
}
