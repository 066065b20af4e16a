import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { clear, defineRule, notJudged } from './rule.ts';
import { observedMs, severityOf } from './severity.ts';

export const ghostUtilization = defineRule({
  meta: {
    id: 'ghost-utilization',
    title: 'Utilization reads full, but nobody is on the GPU',
    rationale:
      'After a process is killed in the middle of a kernel, some drivers go on reporting 100 % on an idle card, for days. Dashboards and idle timers take it for work.',
    decision:
      'The driver reported kernels in time that the account holds empty (utilization at or above 95 % with confirmed no compute process and almost no memory): reported busy time exceeds the booked one by at least ghostFor, beyond the idleNoise of idle time that idle readings may show. The time counts as idle, not as busy.',
    confirm:
      'Run `nvidia-smi`: 100 % utilization, 0 MiB, no process, idle-like power. Opening and closing a CUDA context clears it: `python -c "import torch; torch.zeros(1).cuda()"`.',
    wrongWhen:
      'The processes are hidden: another PID namespace, a guest of a shared GPU. Then the driver would still show memory in use.',
    remediation: [
      {
        action: 'Open and close a CUDA context on that GPU.',
        detail:
          '`CUDA_VISIBLE_DEVICES=N python -c "import torch; torch.zeros(1).cuda()"`; if that does not help, `nvidia-smi --gpu-reset -i N` with nothing on it.',
      },
      {
        action: 'End the machine if it has no other work.',
        detail: 'The GPU is idle whatever its counter says.',
      },
      {
        action: 'Update the driver.',
        detail: 'Reported for Blackwell cards with drivers 580 to 595.',
      },
    ],
    requires: ['utilization'],
    claims: ['emptyIdle'],
    yieldsTo: [],
    thresholds: {
      ghostFor: {
        value: 60_000,
        unit: 'ms',
        why: 'a process that ends within the window still leaves its last reading behind',
      },
      idleNoise: {
        value: 0.01,
        unit: 'share',
        why: 'idle is utilization of up to 1 %, so that much of idle time may be reported busy without contradiction',
      },
    },
  },
  evaluate(usage, limits) {
    const { total, utilizationPct, maxComputeProcesses } = usage;
    if (utilizationPct === null || maxComputeProcesses === null) {
      return notJudged('compute processes were not visible, so nobody knows that none was there');
    }
    const observed = observedMs(total);
    const { heldIdle, emptyIdle } = total.byState;
    // Counters above 100 are seen; booked busy time holds them as full.
    const reported = Math.min(1, utilizationPct.mean / 100) * observed;
    const excess = reported - total.busyMs - limits.idleNoise * (heldIdle + emptyIdle);
    const ghostMs = Math.min(Math.round(excess), emptyIdle);
    if (ghostMs < limits.ghostFor) return clear;
    return {
      outcome: 'detected',
      severity: severityOf(ghostMs, usage),
      confidence: 0.85,
      summary: `The GPU reported work for ${inWords(ghostMs)} without anybody on it.`,
      evidence: [
        atLeast('reported busy with nobody on the GPU', ghostMs, limits.ghostFor, 'ms'),
        seen('busy as reported', reported, 'ms'),
        seen('busy with a process', total.busyMs, 'ms'),
      ],
      intervals: usage.idleStretches
        .filter((stretch) => stretch.emptyMs > 0)
        .map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: ghostMs,
    };
  },
});
