import { atLeast, seen } from './evidence.ts';
import { inWords } from './idle.ts';
import { clear, defineRule } from './rule.ts';
import { severityOf } from './severity.ts';
import { meanBetween, sumOver, windowRuns } from './window-runs.ts';

export const ghostUtilization = defineRule({
  meta: {
    id: 'ghost-utilization',
    title: 'Utilization reads full, but nobody is on the GPU',
    rationale:
      'After a process is killed in the middle of a kernel, some drivers go on reporting 100 % on an idle card, for days. Dashboards and idle timers take it for work.',
    decision:
      'Utilization at or above utilizationFrom while the account is empty idle time (no compute process, almost no memory), for at least ghostFor without a break. The time counts as idle, not as busy.',
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
    requires: ['utilization', 'memory'],
    yieldsTo: [],
    thresholds: {
      ghostFor: {
        value: 60_000,
        unit: 'ms',
        why: 'a process that ends within the window still leaves its last reading behind',
      },
      utilizationFrom: {
        value: 95,
        unit: '%',
        why: 'the latched counter reads 100 % without a break',
      },
    },
  },
  evaluate(usage, limits) {
    const { windows } = usage;
    const runs = windowRuns(
      windows,
      limits.ghostFor,
      (i) =>
        (windows.utilizationPct[i] ?? 0) >= limits.utilizationFrom &&
        (windows.emptyMs[i] ?? 0) > 0 &&
        windows.emptyMs[i] === windows.observedMs[i],
    );
    const [first] = runs;
    if (first === undefined) return clear;
    const emptyMs = sumOver(runs, windows.emptyMs);
    const longest = runs.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), first);
    const power = meanBetween(windows.powerW, longest.from, longest.to);
    const memory = meanBetween(windows.memoryUsedMib, longest.from, longest.to);
    const utilization = meanBetween(windows.utilizationPct, longest.from, longest.to) ?? 0;
    return {
      outcome: 'detected',
      severity: severityOf(emptyMs, usage),
      confidence: 0.85,
      summary: `The GPU reported full utilization for ${inWords(emptyMs)} without anybody on it.`,
      evidence: [
        atLeast('utilization', utilization, limits.utilizationFrom, '%'),
        atLeast('longest stretch', longest.endMs - longest.startMs, limits.ghostFor, 'ms'),
        ...(memory === null ? [] : [seen('memory in use', memory, 'MiB')]),
        ...(power === null ? [] : [seen('mean power', power, 'W')]),
      ],
      intervals: runs.map(({ startMs, endMs }) => ({ startMs, endMs })),
      recoverableMs: emptyMs,
    };
  },
});
