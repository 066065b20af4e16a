import { feedEvidence, feedOf, feedSentence, placeOf, plateauThresholds } from './feed.ts';
import { feedRemedies, remediesFor } from './feed-remedies.ts';
import {
  coreThresholds,
  feedThresholds,
  isOthersTraffic,
  pressureSigns,
  pressureThresholds,
  readingSigns,
  workerWantedShare,
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
      "The GPU waits (mean utilization of a phase at or below waitBelow), and at least `signs` signs agree, at least one of them a sign of waiting: the job's processes found waiting in the kernel, pressure on storage, iowait, a busy disk; others are data being read. Loader processes that compute, or wait for a core, nearly all the time (workerBusy), swapping, or disks that other programs keep busy (ownPart) speak against it. The mount is named where the calls and open files of the waiting processes show it; a steady rate was flat (levelFrom) at the highest that was seen (highestFrom); only where the disk was busy too (diskBusy) is it called all that storage gives.",
    confirm:
      'Run the same job on synthetic data, then on data already in the page cache, then after `echo 3 > /proc/sys/vm/drop_caches`: what the cold run takes longer is storage. `iostat -x 1` shows the disk, `ps -eo pid,stat,wchan:30,cmd | grep " D"` what waits.',
    wrongWhen:
      'Another process on the host causes the pressure (backup, another job), or checkpoints are being written at that time.',
    remediation: [
      feedRemedies.readAhead,
      feedRemedies.close,
      feedRemedies.fewer,
      feedRemedies.faster,
    ],
    requires: ['utilization', 'hostSignals'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      ...waitThresholds,
      ...pressureThresholds,
      ...feedThresholds,
      ...plateauThresholds,
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
        const isComputing = (workerWantedShare(phase) ?? 0) >= limits.workerBusy;
        const isSwapping = (phase.host.swapInBytesPerS ?? 0) >= limits.swapIn;
        if (isComputing || isSwapping || isOthersTraffic(phase, limits)) return null;
        if (pressure.evidence.length === 0 || evidence.length < limits.signs) return null;
        const seesJob = (phase.job.dStateShare ?? 0) >= limits.dState;
        const place = placeOf(phase, limits);
        const feed = feedOf(phase, place, limits);
        const isWriting = (place?.writingShare ?? 0) > 0.5;
        const what = isWriting ? 'wrote to storage' : 'waited for storage or the network';
        return {
          evidence: [...evidence, ...feedEvidence(phase, feed)],
          confidence: Math.min(
            0.85,
            0.4 + 0.1 * evidence.length + (seesJob ? 0.1 : 0) + (place === null ? 0 : 0.05),
          ),
          summary: `The GPU waited while the job ${what}.${feedSentence(place, feed)}`,
          remediation: remediesFor(phase, place, feed),
        };
      },
    }),
});
