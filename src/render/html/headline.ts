import type { Report } from '../../report/report.ts';
import { accounts } from '../accounts.ts';
import { coverageText, lengthText } from '../coverage.ts';
import { duration, timeSpan } from '../format.ts';
import { gpuModels, placeName } from '../labels.ts';
import {
  effectiveSentence,
  gateText,
  priceSentence,
  rateSentence,
  wastedSentence,
} from '../sentences.ts';
import { type Html, html } from './markup.ts';

const dash = '–';

/** The report's name: machine and GPUs. */
export function title(report: Report): string {
  const where =
    report.machines.length === 1 ? placeName(report) : `${report.machines.length} machines`;
  const models = gpuModels(report.gpus, '×');
  return `${where}: ${models === '' ? 'no GPUs' : models}`;
}

/** What was billed, how much of it worked, what was wasted; over which window and at which price. */
export function headline(report: Report): Html {
  const totals = accounts(report);
  const { window, machines } = report;
  const rates = [...new Set(machines.map(rateSentence))];
  const prices = [...new Set(machines.map((machine) => priceSentence(machine, report)))];
  return html`<header>
<p class="tool">gpucost report</p>
<h1>${title(report)}</h1>
<p><time datetime="${window.start}">${timeSpan(window.start, window.end, dash)}</time> (${lengthText(report)}), a sample every ${duration(window.intervalMs)}, ${coverageText(window)}</p>
<dl class="answers">
${answer('Billed', 'billed', totals.billed, totals.unit.name, rates.join('; '))}
${answer('Effective', 'effective', totals.effective, totals.unit.name, effectiveSentence(report, dash))}
${answer('Wasted', 'wasted', totals.wasted, totals.unit.name, wastedSentence(report))}
</dl>
${prices.map((price) => html`<p class="price">${price}</p>`)}
${gates(report)}${warningsLink(report)}
</header>`;
}

function answer(
  label: string,
  name: string,
  amount: { readonly hours: string; readonly money: string | null },
  unit: string,
  sentence: string,
): Html {
  const hours = `${amount.hours} ${unit}`;
  return html`<div class="answer ${name}"><dt>${label}</dt><dd><strong>${amount.money ?? hours}</strong>${
    amount.money === null ? null : html` <span class="hours">${hours}</span>`
  }<span class="sentence">${sentence}</span></dd></div>`;
}

function gates(report: Report): Html | null {
  if (report.gates.length === 0) return null;
  return html`<ul class="gates" aria-label="Gates">${report.gates.map(
    (gate) => html`<li class="${gate.result}">${gateText(gate, report)}</li>`,
  )}</ul>`;
}

function warningsLink({ warnings }: Report): Html | null {
  if (warnings.length === 0) return null;
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  return html`<p class="price"><a href="#warnings">${count} on these numbers</a></p>`;
}
