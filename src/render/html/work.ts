import type { Report } from '../../report/report.ts';
import { type WorkRow, workRows } from '../work.ts';
import { type Html, html } from './markup.ts';
import { type Column, table } from './table.ts';

const columns: readonly Column<WorkRow>[] = [
  { title: 'Work', text: true, cell: ({ label }) => label },
  { title: 'Cost and time', text: true, cell: ({ text }) => text },
];

/** What one step of the run cost; null where no progress was read. */
export function workSection(report: Report): Html | null {
  const rows = workRows(report, '–');
  if (rows.length === 0) return null;
  return html`<section aria-labelledby="work">
<h2 id="work">What the work cost</h2>
${table('What the work cost', columns, rows)}
</section>`;
}
