import type { Report } from '../report/report.ts';
import { accounts, judgedHours, ratio } from './accounts.ts';
import type { Align, Canvas } from './canvas.ts';
import { gpuTime, percent } from './format.ts';
import { type GroupRow, groupMoney, splitText } from './groups.ts';
import { plain, truncate } from './text.ts';

/** More rows are for the other formats; the last line says how many there are. */
const mostRows = 20;

interface Column {
  readonly title: string;
  readonly align: Align;
  /** The terminal must be this wide. */
  readonly from: number;
  cell(row: GroupRow): string;
}

/** One line an owner; by GPU the table of GPUs says the same. */
export function groupLines(report: Report, canvas: Canvas): string[] {
  const { groups } = report;
  if (groups === null || groups.by === 'gpu') return [];
  const columns = columnsOf(report, groups.rows, canvas).filter(({ from }) => canvas.width >= from);
  const owners = groups.rows.filter(({ kind }) => kind !== 'unowned');
  const rest = groups.rows.filter(({ kind }) => kind === 'unowned');
  const shown = [...owners.slice(0, mostRows), ...rest];
  const lines = canvas.columns(
    [
      columns.map(({ title }, i) => canvas.paint.bold(i === 0 ? `by ${groups.by}` : title)),
      ...shown.map((row) => columns.map((column) => column.cell(row))),
    ],
    columns.map(({ align }) => align),
  );
  const more = owners.length - mostRows;
  return more > 0 ? [...lines, `and ${more} more: --format csv or json has them all`] : lines;
}

function columnsOf(report: Report, rows: readonly GroupRow[], canvas: Canvas): readonly Column[] {
  const { unit } = accounts(report);
  const money = groupMoney(rows, '-');
  const right = (title: string, from: number, cell: (row: GroupRow) => string): Column => ({
    title,
    align: 'right',
    from,
    cell,
  });
  return [
    {
      title: '',
      align: 'left',
      from: 0,
      cell: ({ name, kind }) => {
        const text = truncate(plain(name), 38, canvas.ellipsis);
        return kind === 'unowned' ? canvas.paint.dim(text) : text;
      },
    },
    right(unit.name, 0, ({ gpuHours }) => gpuTime(gpuHours.billed, unit)),
    ...(money === null
      ? []
      : [right('cost', 0, ({ cost }) => money(cost, ({ billed }) => billed))]),
    right('wasted', 80, ({ gpuHours }) => gpuTime(gpuHours.wasted.estimate, unit)),
    ...(money === null
      ? []
      : [right('wasted cost', 90, ({ cost }) => money(cost, ({ wasted }) => wasted.estimate))]),
    right('worked', 80, ({ gpuHours }) =>
      judgedHours(gpuHours) > 0
        ? percent(ratio(gpuHours.effective.estimate, judgedHours(gpuHours)))
        : '-',
    ),
    { title: 'split by', align: 'left', from: 100, cell: (row) => splitText(row) ?? '' },
  ];
}
