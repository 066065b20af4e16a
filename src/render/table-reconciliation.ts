import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { invoiceSentence, leftOutSentence, reconciliationRows } from './reconciliation.ts';
import { padEnd, padStart, width, wrap } from './text.ts';

/** The estimate beside what was charged, and what makes the difference; nothing without an invoice. */
export function reconciliationLines({ reconciliation }: Report, canvas: Canvas): string[] {
  if (reconciliation === undefined) return [];
  const { paint } = canvas;
  const rows = reconciliationRows(reconciliation);
  const labelWidth = Math.max(...rows.map(({ label }) => width(label))) + 2;
  const moneyWidth = Math.max(...rows.map(({ money }) => width(money)));
  const indent = 2 + labelWidth + moneyWidth + 2;
  const lines = rows.flatMap(({ kind, label, money, text }) => {
    const left = `  ${padEnd(label, labelWidth)}${padStart(money, moneyWidth)}  `;
    const stroke = kind === 'total' ? paint.bold : (part: string): string => part;
    return wrap(text, canvas.width - indent).map((line, index) =>
      index === 0 ? stroke(left) + line : ' '.repeat(indent) + line,
    );
  });
  const leftOut = leftOutSentence(reconciliation);
  return [
    paint.bold('Invoice'),
    ...wrap(invoiceSentence(reconciliation, canvas.dash), canvas.width - 2).map(
      (line) => `  ${paint.dim(line)}`,
    ),
    ...lines,
    ...(leftOut === null ? [] : wrap(leftOut, canvas.width - 2)).map(
      (line) => `  ${paint.dim(line)}`,
    ),
  ];
}
