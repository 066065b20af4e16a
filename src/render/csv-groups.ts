import type { Report } from '../report/report.ts';
import { costCells, costHeader, hourCells, hourHeader } from './csv-amounts.ts';
import type { GroupRow } from './groups.ts';

export const groupHeader: readonly string[] = [
  'name',
  'kind',
  'gpus',
  'start',
  'end',
  ...hourHeader,
  ...costHeader,
  'splitAloneGpuHours',
  'splitSmUtilizationGpuHours',
  'splitMemoryGpuHours',
  'splitEqualGpuHours',
];

/** One row an owner with the states, hours first, then cost; full precision. */
export function groupCells(row: GroupRow, report: Report): readonly (string | number)[] {
  const gpus = (row.gpus ?? []).map((id) => {
    const gpu = report.gpus.find((known) => known.id === id);
    return gpu?.uuid ?? `${gpu?.index ?? id}`;
  });
  const { splitBy } = row;
  return [
    row.name,
    row.kind ?? '',
    gpus.join(' '),
    row.start ?? '',
    row.end ?? '',
    ...hourCells(row.gpuHours),
    ...costCells(row.cost),
    splitBy?.alone ?? '',
    splitBy?.smUtilization ?? '',
    splitBy?.memory ?? '',
    splitBy?.equal ?? '',
  ];
}
