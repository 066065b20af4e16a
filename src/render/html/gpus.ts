import type { Report, ReportCost, ReportGpu, ReportGpuHours } from '../../report/report.ts';
import { states } from '../../usage/states.ts';
import { accounts, judgedHours, ratio, stateLabels } from '../accounts.ts';
import { gpuTime, number, percent } from '../format.ts';
import { type GroupRow, groupMoney, hasOwners, splitText } from '../groups.ts';
import { gpuLabel } from '../labels.ts';
import { type Html, html } from './markup.ts';
import { type Column, table } from './table.ts';

const unknown = '–';

/** One row a GPU: where its time and money went, and its readings. */
export function gpusSection(report: Report): Html {
  const models = new Set(report.gpus.map(({ name }) => name));
  const columns: readonly Column<ReportGpu>[] = [
    { title: 'GPU', text: true, cell: (gpu) => gpuLabel(report, gpu) },
    ...(models.size > 1
      ? [{ title: 'Model', text: true, cell: (gpu: ReportGpu) => gpu.name ?? unknown }]
      : []),
    ...amountColumns(report, report.gpus),
    {
      title: 'Utilization',
      cell: ({ utilizationPct }) =>
        utilizationPct === null ? unknown : percent(utilizationPct.mean / 100),
    },
    { title: 'Memory, most', cell: memoryText },
    { title: 'Power, mean', cell: powerText },
    {
      title: 'Worked',
      cell: ({ gpuHours }) => percent(ratio(gpuHours.effective.estimate, judgedHours(gpuHours))),
    },
  ];
  return html`<section aria-labelledby="gpus">
<h2 id="gpus">Each GPU</h2>
${table('Each GPU', columns, report.gpus)}
<p class="note">Time in ${accounts(report).unit.name}. Worked is the effective share of observed time.</p>
</section>`;
}

/** One row an owner; null where the report was not grouped. */
export function groupsSection(report: Report): Html | null {
  const { groups } = report;
  if (groups === null) return null;
  const by = groups.by === 'gpu' ? 'GPU' : groups.by;
  const columns: readonly Column<(typeof groups.rows)[number]>[] = [
    { title: by, text: true, cell: ({ name }) => name },
    ...amountColumns(report, groups.rows),
    ...(hasOwners(groups)
      ? [{ title: 'Split by', text: true, cell: (row: GroupRow) => splitText(row) ?? '' }]
      : []),
  ];
  return html`<section aria-labelledby="groups">
<h2 id="groups">By ${by}</h2>
${table(`By ${by}`, columns, groups.rows)}
</section>`;
}

interface Amounts {
  readonly gpuHours: ReportGpuHours;
  readonly cost: ReportCost | null;
}

/** States that would hold nothing but zeros are left out. */
function amountColumns(report: Report, rows: readonly Amounts[]): readonly Column<Amounts>[] {
  const { unit } = accounts(report);
  const money = groupMoney(rows, unknown);
  const hours = (title: string, of: (hours: ReportGpuHours) => number): Column<Amounts> => ({
    title,
    cell: ({ gpuHours }) => gpuTime(of(gpuHours), unit),
  });
  const cost = (title: string, of: (cost: ReportCost) => number): readonly Column<Amounts>[] =>
    money === null ? [] : [{ title, cell: (row) => money(row.cost, of) }];
  return [
    hours('Billed', ({ billed }) => billed),
    ...cost('Cost', ({ billed }) => billed),
    hours('Effective', ({ effective }) => effective.estimate),
    ...states
      .filter((state) => state !== 'effective' && report.gpuHours.byState[state] > 0)
      .map((state) => hours(stateLabels[state], ({ byState }) => byState[state])),
    hours('Wasted', ({ wasted }) => wasted.estimate),
    ...cost('Wasted cost', ({ wasted }) => wasted.estimate),
  ];
}

function memoryText({ memoryUsedMib, memoryTotalMib }: ReportGpu): string {
  if (memoryUsedMib === null) return unknown;
  const used = number(memoryUsedMib.max / 1024);
  return memoryTotalMib === null
    ? `${used} GiB`
    : `${used} of ${number(memoryTotalMib / 1024)} GiB`;
}

function powerText({ powerW, powerLimitW }: ReportGpu): string {
  if (powerW === null) return unknown;
  const mean = number(powerW.mean);
  return powerLimitW === null ? `${mean} W` : `${mean} of ${number(powerLimitW)} W`;
}
