import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { endingSentence, type TimeoutRow, timeoutRows, timeoutSentence } from './idle-timeouts.ts';
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
      ...(rows.length === 0 ? [] : rowLines(rows, canvas)),
      ...(ending === null ? [] : wrap(ending, canvas.width)),
    ];
  });
}

function rowLines(rows: readonly TimeoutRow[], canvas: Canvas): string[] {
  const withMoney = rows.some(({ money }) => money !== null);
  const lines = canvas.columns(
    [
      ['  after', 'stops', 'saves at most', ...(withMoney ? [''] : []), '', ''].map((cell) =>
        canvas.paint.bold(cell),
      ),
      ...rows.map(({ after, stops, hours, money, work, isKnee }) => [
        `  ${after}`,
        stops,
        hours,
        ...(withMoney ? [money ?? ''] : []),
        work,
        isKnee ? 'knee' : '',
      ]),
    ],
    ['left', 'right', 'right', ...(withMoney ? (['right'] as const) : []), 'left', 'left'],
  );
  return [
    ...lines,
    ...wrap(
      `knee: the shortest time-out that ends as little work as the longest: waiting longer only costs.`,
      canvas.width,
    ),
  ];
}
