import { idleThresholds, judgeIdle, longestOf } from './idle.ts';
import { defineRule } from './rule.ts';

export const idleHeld = defineRule({
  meta: {
    id: 'idle-held',
    title: 'GPU memory is held, but nothing runs',
    rationale:
      'The machine is billed by the clock: a notebook or a finished job left open costs as much as training.',
    decision:
      'Utilization at or below 1 % for at least idleFor in one stretch, or for mostlyIdle of the observed time, with memory in use (a log without a memory column counts as held, because empty could not be shown). Warning from warningFor in one stretch or from warningShare of the observed time, critical from criticalFor.',
    confirm:
      'Run `nvidia-smi` while it is idle: a process is listed with its memory, utilization stays at 0 %. `ps -o pid,etime,stat,cmd -p PID` shows what it is.',
    wrongWhen:
      'A service is kept warm on purpose for requests that may come at any time; or the GPU is shared and the work runs on another slice that this host can not see.',
    remediation: [
      {
        action: 'Stop the process, or the machine if this was its last job.',
        detail:
          'In a notebook shut down the kernel, not only the tab: closing a Colab tab does not end its runtime, Runtime > Disconnect and delete does. Check which action ends the bill with your provider: on some, a shutdown from inside leaves it running.',
      },
      {
        action: 'Have it ended next time.',
        detail:
          "`gpucost watch --idle-after 15m --on-idle 'COMMAND'` runs what ends the machine once every GPU is provably idle; `gpucost idle --for 30m` answers cron and scripts by its exit code.",
      },
      {
        action: 'Let the job end the machine itself.',
        detail:
          'Chain the shutdown to the job (`train.py; sudo shutdown -h now`, or the API call that releases the machine), or use the autostop of your launcher.',
      },
      {
        action: 'For a service with long pauses, unload the model or scale to zero.',
        detail:
          'Or put several small services on one GPU (MPS, MIG or one server with several models).',
      },
    ],
    requires: ['utilization'],
    claims: ['heldIdle'],
    yieldsTo: ['slow-start'],
    thresholds: idleThresholds,
  },
  evaluate: (usage, limits, context) =>
    judgeIdle(
      usage,
      limits,
      {
        signal: 'idle with memory held',
        ofStretch: (stretch) => stretch.heldMs,
        summary: (longest, stretches) =>
          `${usage.memoryUsedMib === null ? 'The GPU did nothing (whether its memory was held was not reported)' : 'The GPU did nothing while its memory was held'}: ${longestOf(longest, stretches)}.`,
      },
      context.explained,
    ),
});
