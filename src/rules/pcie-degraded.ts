import type { PcieLink } from '../usage/sample-source.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { atLeast, below, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { pcieMibPerS } from './pcie-rate.ts';
import { clear, defineRule, type Evidence, notJudged } from './rule.ts';
import { severityOf } from './severity.ts';
import { meanBetween, sumOver, type WindowRun, windowRuns } from './window-runs.ts';

export const pcieDegraded = defineRule({
  meta: {
    id: 'pcie-degraded',
    title: 'The PCIe link runs below what the machine can do',
    rationale:
      'A link that trained at fewer lanes or an older generation copies every batch slower, for as long as the machine is rented; nothing else in nvidia-smi shows it.',
    decision:
      'While the GPU was under load (utilization at or above 50 %) its PCIe generation or its number of lanes was below the maximum that the driver gives for GPU and machine, for at least lowFor and at least lowShare of that time. An idle GPU lowers its generation to save power and is not judged; lanes are never lowered for that. Recoverable is waiting time on the low link times the part by which copies would be shorter, and where PCIe throughput was read no more than those copies can take.',
    confirm:
      '`nvidia-smi --query-gpu=pcie.link.gen.current,pcie.link.gen.max,pcie.link.width.current,pcie.link.width.max --format=csv -l 1` while the GPU works; `lspci -vv` shows LnkCap beside LnkSta.',
    wrongWhen:
      'The slot is wired for fewer lanes than the GPU has (consumer boards share lanes between two cards): then the maximum can not be reached. Where little is copied it costs nothing.',
    remediation: [
      {
        action: 'On a rented machine, report it and move to another one.',
        detail: 'A card that is badly seated or a failing riser does not mend itself.',
      },
      {
        action: 'On your own, reseat the card, and check riser, slot and BIOS.',
        detail:
          'The slot must be wired for all lanes, its speed set to automatic, and no other card may share them.',
      },
      {
        action: 'Until then, copy less.',
        detail:
          'Send uint8 and convert on the GPU, keep the data set in GPU memory, overlap copies with work (pinned memory).',
      },
    ],
    requires: ['utilization', 'pcieLink'],
    claims: ['waiting'],
    yieldsTo: [],
    thresholds: {
      lowFor: {
        value: 60_000,
        unit: 'ms',
        why: 'the link needs a moment to wake up when work begins; a minute of load is beyond that',
      },
      lowShare: {
        value: 0.5,
        unit: 'share',
        why: 'a link that is low for the smaller part of the load retrains now and then, which copies hardly feel',
      },
    },
  },
  evaluate(usage, limits) {
    const { loaded, windows, identity } = usage;
    if (loaded.ms < limits.lowFor) {
      return notJudged(
        `the link is lowered while idle, and the GPU was under load for less than ${limits.lowFor / 1000} s`,
      );
    }
    if (loaded.linkKnownMs < limits.lowFor) {
      return notJudged(
        `PCIe generation and lanes were reported for less than ${limits.lowFor / 1000} s under load`,
      );
    }
    const { linkLowMs } = windows;
    const { lowLink } = loaded;
    if (linkLowMs === null || lowLink === null) return clear;

    const most = {
      gen: identity.pcieLinkGenMax ?? lowLink.gen,
      width: identity.pcieLinkWidthMax ?? lowLink.width,
    };
    const runs = windowRuns(windows, 0, (i) => (linkLowMs[i] ?? 0) > 0);
    const lowMs = Math.min(loaded.linkKnownMs, sumOver(runs, linkLowMs));
    const lowShare = lowMs / loaded.linkKnownMs;
    if (lowMs < limits.lowFor || lowShare < limits.lowShare) return clear;

    const ratio = Math.min(1, pcieMibPerS(lowLink) / pcieMibPerS(most));
    const recoverableMs = Math.floor((1 - ratio) * slowedMs(usage, runs, lowLink));
    const throughput = meanOver(runs, windows.pcieMibPerS);
    return {
      outcome: 'detected',
      severity: severityOf(recoverableMs, usage),
      confidence: 0.9,
      summary: `Under load the PCIe link ran at generation ${lowLink.gen} with ${lowLink.width} lanes for ${inWords(lowMs)}; generation ${most.gen} with ${most.width} lanes is possible, ${(1 / ratio).toFixed(1)} times as fast.`,
      evidence: [
        atLeast('load on the low link', lowMs, limits.lowFor, 'ms'),
        atLeast('share of the time under load', lowShare, limits.lowShare, 'share'),
        against('PCIe generation', lowLink.gen, most.gen),
        against('PCIe lanes', lowLink.width, most.width),
        ...(throughput === null ? [] : [seen('PCIe throughput on it', throughput, 'MiB/s')]),
      ],
      intervals: runs.map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs,
    };
  },
});

/** Waiting time on the low link; with known throughput no more than its copies take if they have the link to themselves. */
function slowedMs({ windows }: GpuUsage, runs: readonly WindowRun[], link: PcieLink): number {
  const waitingMs = sumOver(runs, windows.waitingMs);
  const throughput = meanOver(runs, windows.pcieMibPerS);
  if (throughput === null) return waitingMs;
  const observedMs = sumOver(runs, windows.observedMs);
  return Math.min(waitingMs, (throughput / pcieMibPerS(link)) * observedMs);
}

function meanOver(runs: readonly WindowRun[], column: ArrayLike<number>): number | null {
  let sum = 0;
  let count = 0;
  for (const { from, to } of runs) {
    const mean = meanBetween(column, from, to);
    if (mean === null) continue;
    sum += mean * (to - from);
    count += to - from;
  }
  return count === 0 ? null : sum / count;
}

function against(signal: string, value: number, most: number): Evidence {
  return value < most ? below(signal, value, most, '') : seen(signal, value, '');
}
