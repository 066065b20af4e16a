import type { Report } from '../report/report.ts';
import type { Canvas } from './canvas.ts';
import { gpuTime, gpuTimeUnit } from './format.ts';
import { gpuList, isSuppressedEntry } from './labels.ts';
import { plain, wrap } from './text.ts';

/** Warnings, and what was not judged. */
export function noteLines(report: Report, canvas: Canvas): string[] {
  const { paint } = canvas;
  const notes = [
    ...warningsToShow(report).map(({ message }) => `${paint.yellow('warning:')} ${plain(message)}`),
    ...suppressedTexts(report, canvas),
    ...notJudgedTexts(report, canvas),
    'The states are rounded so that each column adds up to its total; GPUs are rounded one by one.',
  ];
  return [
    paint.bold('Notes'),
    ...notes.flatMap((note) =>
      wrap(note, canvas.width - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
    ),
  ];
}

/** The headline says already that a machine of unknown type has no price, and what to pass. */
function warningsToShow(report: Report): Report['warnings'] {
  const isSaid = report.machines.every(({ rate, type }) => rate !== null || type === null);
  return report.warnings.filter(({ code }) => !(code === 'no-rate' && isSaid));
}

/** Found, and accepted: it costs what it costs, so it is listed. */
function suppressedTexts(report: Report, canvas: Canvas): string[] {
  return (report.suppressed ?? []).map(({ rule, gpus, recoverable, suppression }) => {
    const unit = gpuTimeUnit(report.gpuHours.billed);
    const worth = `${gpuTime(recoverable.gpuHours, unit)} ${unit.name}`;
    return `suppressed until ${suppression.until}: ${plain(rule)} on ${gpuList(report, gpus, canvas.dash)}, up to ${worth} (${plain(suppression.reason)})`;
  });
}

function notJudgedTexts(report: Report, canvas: Canvas): string[] {
  const unjudged = report.notJudged.filter((entry) => !isSuppressedEntry(report, entry));
  if (canvas.verbose) {
    return unjudged.map(
      ({ rule, gpus, reason }) =>
        `not judged: ${plain(rule)} on ${gpuList(report, gpus, canvas.dash)}: ${plain(reason)}`,
    );
  }
  const byReason = new Map<string, Set<string>>();
  for (const { rule, reason } of unjudged) {
    const rules = byReason.get(reason) ?? new Set();
    byReason.set(reason, rules.add(rule));
  }
  return [...byReason].map(
    ([reason, rules]) => `not judged: ${[...rules].map(plain).join(', ')} (${plain(reason)})`,
  );
}
