import type { ReportGpu, ReportHiddenPeriod, ReportMachine } from '../report/report.ts';
import { states } from '../usage/states.ts';
import { costCells, costHeader, hourCells, hourHeader } from './csv-amounts.ts';
import { csvField } from './csv-field.ts';
import { groupCells, groupHeader } from './csv-groups.ts';
import { hasOwners } from './groups.ts';
import type { Renderer } from './renderer.ts';

/**
 * One row a GPU and clock hour with the states, hours first, then cost; full precision. GPUs that could not be seen
 * are rows of their own. Split among owners: one row an owner.
 */
export const renderCsv: Renderer = (report) => {
  const { groups } = report;
  if (hasOwners(groups)) {
    return csvText([groupHeader, ...groups.rows.map((row) => groupCells(row, report))]);
  }
  const gpus = new Map(report.gpus.map((gpu) => [gpu.id, gpu]));
  const machines = new Map(report.machines.map((machine) => [machine.id, machine]));
  const rows = report.periods.map((period) => {
    const gpu = gpus.get(period.gpu);
    const machine = machines.get(gpu?.machine ?? '');
    return [
      period.start,
      period.end,
      machine?.host ?? '',
      machine?.provider ?? '',
      machine?.type ?? '',
      ...gpuCells(gpu),
      ...hourCells(period.gpuHours),
      ...costCells(period.cost),
    ];
  });
  const hidden = report.machines.flatMap((machine) =>
    (machine.hiddenGpus.periods ?? []).map((period) => hiddenRow(machine, period)),
  );
  return csvText([header, ...rows, ...hidden]);
};

/** Rows as CSV (RFC 4180). */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return `${rows.map((cells) => cells.map(cell).join(',')).join('\n')}\n`;
}

const header: readonly string[] = [
  'start',
  'end',
  'host',
  'provider',
  'machineType',
  'gpuIndex',
  'gpuUuid',
  'gpuName',
  ...hourHeader,
  ...costHeader,
];

/** GPUs that could not be seen, together, so that the columns add up to the bill. */
function hiddenRow(machine: ReportMachine, period: ReportHiddenPeriod): (string | number)[] {
  const { gpuHours, roundingGpuHours, cost, roundingCost } = period;
  const byState = (whole: number, rounding: number): number[] =>
    states.map((state) =>
      state === 'unobserved' ? whole - rounding : state === 'rounding' ? rounding : 0,
    );
  return [
    period.start,
    period.end,
    machine.host ?? '',
    machine.provider ?? '',
    machine.type ?? '',
    '',
    '',
    `${machine.hiddenGpus.count} hidden GPUs`,
    gpuHours,
    0,
    0,
    0,
    '',
    ...byState(gpuHours, roundingGpuHours),
    ...(cost === null || roundingCost === null
      ? Array.from({ length: 4 + states.length }, () => '')
      : [machine.cost?.currency ?? '', cost, 0, 0, ...byState(cost, roundingCost)]),
  ];
}

function gpuCells(gpu: ReportGpu | undefined): (string | number)[] {
  return [gpu?.index ?? '', gpu?.uuid ?? '', gpu?.name ?? ''];
}

function cell(value: string | number): string {
  return typeof value === 'number' ? `${value}` : csvField(value);
}
