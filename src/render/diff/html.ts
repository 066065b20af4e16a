import type { Diff } from '../../diff/verdict.ts';
import { pageHead } from '../html/head.ts';
import { type Html, html } from '../html/markup.ts';
import { type Column, table } from '../html/table.ts';
import {
  billedAmounts,
  type DiffAmounts,
  type DiffRow,
  type FindingRow,
  findingRows,
  sideText,
  stateRows,
  unitRows,
} from './rows.ts';
import { answerSentence, diffGateText, noiseSentence } from './sentences.ts';

/** A comparison as one page that needs nothing else and runs no script. */
export function renderDiffHtml(diff: Diff): string {
  const title = `${diff.before.name} and ${diff.after.name}`;
  const billed = billedAmounts(diff);
  return html`<!doctype html>
<html lang="en">
${pageHead({ title: `${title} – gpucost diff`, version: diff.tool.version, scriptHash: null })}
<body>
<header>
<p class="tool">gpucost diff</p>
<h1>${answerSentence(diff)}</h1>
<dl class="answers">
${side('Before', diff.before, billed.hoursBefore, billed.costBefore)}
${side('After', diff.after, billed.hoursAfter, billed.costAfter)}
</dl>
${gate(diff)}</header>
<main>
${section('unit', 'What one unit cost', table('What one unit cost', rowColumns, unitRows(diff)))}
${section(
  'states',
  'Where the time went',
  html`${table('Where the time went', rowColumns, stateRows(diff))}
${table('In GPU time and money', amountColumns, [
  ...stateRows(diff).map(({ label, amounts }) => ({ label, ...amounts })),
  { label: 'billed', ...billed },
])}`,
)}
${section('findings', 'Findings', table('Findings', findingColumns, findingRows(diff)))}
${notes(diff)}
</main>
</body>
</html>
`.markup;
}

function section(id: string, heading: string, inner: Html): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${inner}
</section>`;
}

function side(label: string, one: Diff['before'], hours: string, cost: string): Html {
  return html`<div class="answer billed"><dt>${label}: ${one.name}</dt><dd><strong>${cost === '' ? hours : cost}</strong>${
    cost === '' ? null : html` <span class="hours">${hours}</span>`
  }<span class="sentence">${sideText(one)}</span></dd></div>`;
}

function gate(diff: Diff): Html | null {
  const text = diffGateText(diff);
  if (text === null || diff.gate === null) return null;
  return html`<ul class="gates" aria-label="Gates"><li class="${diff.gate.result}">${text}</li></ul>`;
}

function notes({ notCompared }: Diff): Html {
  return section(
    'notes',
    'About this comparison',
    html`${
      notCompared.length === 0
        ? null
        : html`<p>Can’t be compared:</p><ul>${notCompared.map((text) => html`<li>${text}</li>`)}</ul>`
    }<p>${noiseSentence}</p>`,
  );
}

const rowColumns: readonly Column<DiffRow>[] = [
  { title: 'what', text: true, cell: ({ label }) => label },
  { title: 'before', cell: ({ before }) => before },
  { title: 'after', cell: ({ after }) => after },
  { title: 'change', cell: ({ change }) => change },
  { title: 'noise', cell: ({ noise }) => noise },
  { title: 'verdict', text: true, cell: ({ verdict }) => verdict },
];

const amountColumns: readonly Column<DiffAmounts & { readonly label: string }>[] = [
  { title: 'what', text: true, cell: ({ label }) => label },
  { title: 'time before', cell: ({ hoursBefore }) => hoursBefore },
  { title: 'time after', cell: ({ hoursAfter }) => hoursAfter },
  { title: 'cost before', cell: ({ costBefore }) => costBefore },
  { title: 'cost after', cell: ({ costAfter }) => costAfter },
];

const findingColumns: readonly Column<FindingRow>[] = [
  { title: 'finding', text: true, cell: ({ rule }) => rule },
  { title: 'is', text: true, cell: ({ status }) => status },
  { title: 'time before', cell: ({ hoursBefore }) => hoursBefore },
  { title: 'time after', cell: ({ hoursAfter }) => hoursAfter },
  { title: 'cost before', cell: ({ costBefore }) => costBefore },
  { title: 'cost after', cell: ({ costAfter }) => costAfter },
  { title: 'about', text: true, cell: ({ title, reason }) => (reason === '' ? title : reason) },
];
