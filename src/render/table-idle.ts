import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { endingSentence, timeoutRows, timeoutSentence } from './idle-timeouts.ts';
import { machineName } from './labels.ts';
import { wrap } from './text.ts';

/** Idle time-outs, tried on what was recorded: what each would have saved, and the work it would have ended. */
export function idleLines(report: Report, canvas: Canvas): string[] {
  const { paint } = canvas;
  return (report.idleTimeouts ?? []).flatMap((tried, index) => {
    const machine = report.machines.find(({ id }) => id === tried.machine);
    const name = report.machines.length > 1 && machine ? ` on ${machineName(machine)}` : '';
    const rows = timeoutRows(tried, report);
    const ending = endingSentence(tried);
    return [
      ...(index === 0 ? [] : ['']),
      paint.bold(`Had it been stopped when idle${name} (tried on this recording, no forecast)`),
      ...wrap(timeoutSentence(tried), canvas.width),
      ...(rows.length === 0
        ? []
        : canvas.columns(
            rows.map(({ after, stops, hours, money, work, isKnee }) => [
              `  after ${after}`,
              `${stops} ${stops === '1' ? 'stop' : 'stops'}`,
              `saves at most ${hours}`,
              ...(money === null ? [] : [money]),
              isKnee ? `${work} (knee: waiting longer only costs)` : work,
            ]),
            [
              'left',
              'right',
              'left',
              ...(rows[0]?.money == null ? [] : (['right'] as const)),
              'left',
            ],
          )),
      ...(ending === null ? [] : wrap(ending, canvas.width)),
    ];
  });
}
