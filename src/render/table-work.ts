import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { padEnd, width, wrap } from './text.ts';
import { workRows } from './work.ts';

/** What one unit of the run's own work cost; nothing without progress. */
export function workLines(report: Report, canvas: Canvas): string[] {
  const rows = workRows(report, canvas.dash);
  if (rows.length === 0) return [];
  const labelWidth = Math.max(...rows.map(({ label }) => width(label))) + 2;
  const indent = 2 + labelWidth;
  return [
    canvas.paint.bold('Work'),
    ...rows.flatMap(({ label, text }) =>
      wrap(text, canvas.width - indent).map((line, i) =>
        i === 0 ? `  ${padEnd(label, labelWidth)}${line}` : ' '.repeat(indent) + line,
      ),
    ),
  ];
}
