import { type Html, html } from './markup.ts';

export interface Column<Row> {
  readonly title: string;
  /** Text stands left and may break; numbers stand right. */
  readonly text?: boolean;
  cell(row: Row): string | Html;
}

/** Wider tables are set closer. */
const mostAtEase = 10;

/** A table in a frame that scrolls by itself, so that the page never does sideways; the first cell names its row. */
export function table<Row>(
  heading: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Html {
  const kind = ({ text }: Column<Row>): string => (text === true ? 'text' : 'number');
  const line = (row: Row): Html => html`<tr>${columns.map((column, i) =>
    i === 0
      ? html`<th scope="row" class="${kind(column)}">${column.cell(row)}</th>`
      : html`<td class="${kind(column)}">${column.cell(row)}</td>`,
  )}</tr>
`;
  return html`<div class="wide" role="region" aria-label="${heading}: table" tabindex="0"><table${columns.length > mostAtEase ? html` class="dense"` : null}>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(line)}</tbody></table></div>`;
}
