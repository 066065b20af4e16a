import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { gateText } from './sentences.ts';
import { wrap } from './text.ts';

/** What the gates say, one a line; nothing where there are none. */
export function gateLines(report: Report, canvas: Canvas): string[] {
  const { paint } = canvas;
  const paints = {
    pass: paint.green,
    warn: paint.yellow,
    fail: paint.red,
    'not-judged': paint.yellow,
  } as const;
  return report.gates.flatMap((gate) => {
    const [first = '', ...rest] = wrap(gateText(gate, report), canvas.width - 2);
    return [first, ...rest.map((line) => `  ${line}`)].map((line) => paints[gate.result](line));
  });
}
