import type { IdleTimeouts, Report } from '../../report/report.ts';
import { endingSentence, type TimeoutRow, timeoutRows, timeoutSentence } from '../idle-timeouts.ts';
import { machineName } from '../labels.ts';
import { type Html, html } from './markup.ts';
import { prose } from './prose.ts';
import { type Column, table } from './table.ts';

/** Idle time-outs, tried on what was recorded. */
export function idleSection(report: Report): Html | null {
  const all = report.idleTimeouts ?? [];
  if (all.length === 0) return null;
  return html`<section aria-labelledby="idle">
<h2 id="idle">Had it been stopped when idle</h2>
<p class="note">Tried on this recording; no forecast. Savings are upper bounds: starting again costs time.</p>
${all.map((tried) => oneMachine(tried, report))}
</section>
`;
}

function oneMachine(tried: IdleTimeouts, report: Report): Html {
  const rows = timeoutRows(tried, report);
  const machine = report.machines.find(({ id }) => id === tried.machine);
  const name = report.machines.length > 1 && machine ? machineName(machine) : null;
  const ending = endingSentence(tried);
  const columns: readonly Column<TimeoutRow>[] = [
    { title: 'Stopped after', text: true, cell: ({ after }) => after },
    { title: 'Stops', cell: ({ stops }) => stops },
    { title: 'Saves at most', cell: ({ hours }) => hours },
    ...(rows[0]?.money == null
      ? []
      : [{ title: 'Money', cell: ({ money }: TimeoutRow) => money ?? '' }]),
    {
      title: 'Work',
      text: true,
      cell: ({ work, isKnee }) => (isKnee ? html`${work} <strong>(knee)</strong>` : work),
    },
  ];
  return html`${name === null ? null : html`<h3>${name}</h3>`}
<p>${timeoutSentence(tried)}.</p>
${rows.length === 0 ? null : table('Idle time-outs', columns, rows)}${
  rows.some(({ isKnee }) => isKnee)
    ? html`
<p class="note">Knee: waiting longer only costs.</p>`
    : null
}
${ending === null ? null : html`<p>${prose(ending)}</p>`}`;
}
