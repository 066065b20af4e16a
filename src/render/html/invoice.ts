import type { Report } from '../../report/report.ts';
import {
  invoiceSentence,
  leftOutSentence,
  type ReconciliationRow,
  reconciliationRows,
} from '../reconciliation.ts';
import { type Html, html } from './markup.ts';
import { type Column, table } from './table.ts';

const columns: readonly Column<ReconciliationRow>[] = [
  { title: 'Step', text: true, cell: ({ label }) => label },
  { title: 'Cost', cell: ({ money }) => money },
  { title: 'Why', text: true, cell: ({ text }) => text },
];

/** From the estimate to what the invoice charges; null where no invoice was given. */
export function invoiceSection({ reconciliation }: Report): Html | null {
  if (reconciliation === undefined) return null;
  const leftOut = leftOutSentence(reconciliation);
  return html`<section aria-labelledby="invoice">
<h2 id="invoice">Estimate beside the invoice</h2>
<p>${invoiceSentence(reconciliation, '–')}</p>
${table('Estimate beside the invoice', columns, reconciliationRows(reconciliation))}
${leftOut === null ? null : html`<p class="note">${leftOut}.</p>`}
</section>`;
}
