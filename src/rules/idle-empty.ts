import { idleThresholds, judgeIdle, longestOf } from './idle.ts';
import { defineRule } from './rule.ts';

export const idleEmpty = defineRule({
  meta: {
    id: 'idle-empty',
    title: 'Nobody is on the GPU, and it is billed',
    rationale:
      'No process holds the GPU, so nothing would be lost by giving it back, and the clock runs all the same.',
    decision:
      'Utilization at or below 1 % for at least idleFor in one stretch, or for mostlyIdle of the observed time, without a compute process, in logs without memory in use beyond what the driver or a display needs. A GPU that was never used while others of its machine worked is left to unused-gpus.',
    confirm: 'Run `nvidia-smi`: no processes, almost no memory in use, utilization 0 %.',
    wrongWhen:
      'The machine is kept as a reserve that has to be there at once, or it is paid for anyway (a commitment, your own hardware).',
    remediation: [
      {
        action: 'End the machine between jobs.',
        detail:
          'Where starting again is slow, keep the disk and release the compute. Check which action ends the bill with your provider.',
      },
      {
        action: 'Have it ended when nobody is there.',
        detail:
          "`gpucost watch --idle-after 15m --on-idle 'COMMAND'` runs what ends the machine once every GPU is provably idle; `gpucost idle --for 30m` answers cron and scripts by its exit code.",
      },
      {
        action: 'Queue the next job before the last one ends.',
        detail: 'A plain job queue (Slurm, `ts`, a shell loop) closes the gaps between runs.',
      },
      {
        action: 'Prepare data and environment on a machine without a GPU.',
        detail: 'Downloads, builds and tokenizing before the first kernel are billed as GPU time.',
      },
    ],
    requires: ['utilization'],
    claims: ['emptyIdle'],
    yieldsTo: ['unused-gpus', 'slow-start'],
    thresholds: idleThresholds,
  },
  evaluate: (usage, limits, context) =>
    judgeIdle(
      usage,
      limits,
      {
        signal: 'idle with nobody on the GPU',
        ofStretch: (stretch) => stretch.emptyMs,
        summary: (longest, stretches) =>
          `The GPU was billed with nobody on it: ${longestOf(longest, stretches)}.`,
      },
      context.explained,
    ),
});
