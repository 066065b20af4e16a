import type { Report, ReportGpu, ReportGpuHours } from '../../report/report.ts';
import { accounts, judgedHours, ratio, stateLabels } from '../accounts.ts';
import { gpuTime, number, percent } from '../format.ts';
import { gpuLabel } from '../labels.ts';
import { type Html, html } from './markup.ts';

const states = [
  'underfilled',
  'throttled',
  'waiting',
  'heldIdle',
  'emptyIdle',
  'unobserved',
  'rounding',
] as const;

const unknown = '–';

/** A table in a frame that scrolls by itself, so that the page never does sideways. */
export function table(
  id: string,
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  return html`<div class="wide" role="region" aria-label="${heading}" tabindex="0"><table id="${id}">
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([
    first,
    ...rest
  ]) => html`<tr><th scope="row">${first ?? ''}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}

/** One row a GPU: where its time and money went, and its readings. */
export function gpusSection(report: Report): Html {
  const { unit, money } = accounts(report);
  const shown = shownStates(report.gpuHours);
  const rows = report.gpus.map((gpu) => [
    gpuLabel(report, gpu),
    gpu.name ?? unknown,
    ...hoursAndMoney(report, gpu, shown),
    gpu.utilizationPct === null ? unknown : percent(gpu.utilizationPct.mean / 100),
    gpu.utilizationPct === null ? unknown : percent(gpu.utilizationPct.p95 / 100),
    memoryText(gpu),
    powerText(gpu),
    percent(ratio(gpu.gpuHours.effective.estimate, judgedHours(gpu.gpuHours))),
  ]);
  return html`<section aria-labelledby="gpus">
<h2 id="gpus">Each GPU</h2>
${table(
  'gpu-table',
  'Each GPU',
  [
    'GPU',
    'Model',
    ...headings(unit.name, money !== null, shown),
    'Utilization mean',
    'p95',
    'Memory max',
    'Power mean',
    'Effective share',
  ],
  rows,
)}
<p class="note">Time in ${unit.name}. The effective share is of observed time.</p>
</section>`;
}

/** One row an owner; null where the report was not grouped. */
export function groupsSection(report: Report): Html | null {
  const { groups } = report;
  if (groups === null) return null;
  const { unit, money } = accounts(report);
  const shown = shownStates(report.gpuHours);
  const heading = `By ${groups.by === 'gpu' ? 'GPU' : groups.by}`;
  return html`<section aria-labelledby="groups">
<h2 id="groups">${heading}</h2>
${table(
  'group-table',
  heading,
  [groups.by === 'gpu' ? 'GPU' : groups.by, ...headings(unit.name, money !== null, shown)],
  groups.rows.map((row) => [row.name, ...hoursAndMoney(report, row, shown)]),
)}
</section>`;
}

function headings(unit: string, withMoney: boolean, shown: readonly ShownState[]): string[] {
  return [
    `Billed ${unit}`,
    ...(withMoney ? ['Cost'] : []),
    'Effective',
    ...shown.map((state) => stateLabels[state]),
    'Wasted',
    ...(withMoney ? ['Wasted cost'] : []),
  ];
}

type ShownState = (typeof states)[number];

/** Columns that would hold nothing but zeros are left out. */
function shownStates({ byState }: ReportGpuHours): readonly ShownState[] {
  return states.filter((state) => byState[state] > 0);
}

function hoursAndMoney(
  report: Report,
  { gpuHours, cost }: Pick<ReportGpu, 'gpuHours' | 'cost'>,
  shown: readonly ShownState[],
): string[] {
  const { unit, money } = accounts(report);
  const amount = (of: number | undefined): string[] => {
    if (money === null) return [];
    return [of === undefined ? unknown : money.text(of)];
  };
  return [
    gpuTime(gpuHours.billed, unit),
    ...amount(cost?.billed),
    gpuTime(gpuHours.effective.estimate, unit),
    ...shown.map((state) => gpuTime(gpuHours.byState[state], unit)),
    gpuTime(gpuHours.wasted.estimate, unit),
    ...amount(cost?.wasted.estimate),
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
