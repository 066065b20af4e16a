import type { Report, ReportCost } from '../report/report.ts';
import { moneyFormat, percent } from './format.ts';

export type GroupRow = NonNullable<Report['groups']>['rows'][number];

type SplitBy = NonNullable<GroupRow['splitBy']>;

/** How a group's time on shared GPUs was divided, in the words for people. */
export const splitLabels: Readonly<Record<keyof SplitBy, string>> = {
  alone: 'alone on it',
  smUtilization: 'SM utilization',
  memory: 'memory held',
  equal: 'equal parts',
};

/** `alone on it`, or `75 % alone on it, 25 % memory held`; null for what is nobody's. */
export function splitText({ splitBy }: GroupRow): string | null {
  if (splitBy === null || splitBy === undefined) return null;
  // Object.keys forgets the key type; splitLabels has exactly these keys.
  const bases = (Object.keys(splitLabels) as (keyof SplitBy)[]).filter((key) => splitBy[key] > 0);
  const total = bases.reduce((sum, key) => sum + splitBy[key], 0);
  const [only] = bases;
  if (only === undefined) return null;
  if (bases.length === 1) return splitLabels[only];
  return bases
    .toSorted((a, b) => splitBy[b] - splitBy[a])
    .map((key) => `${percent(splitBy[key] / total)} ${splitLabels[key]}`)
    .join(', ');
}

/** One amount of a row, in the row's own currency; null where no row has a price, so that a column would be empty. */
export function groupMoney(
  rows: readonly Pick<GroupRow, 'cost'>[],
  missing: string,
): ((cost: ReportCost | null, of: (cost: ReportCost) => number) => string) | null {
  const totals = new Map<string, number>();
  for (const { cost } of rows) {
    if (cost !== null) totals.set(cost.currency, (totals.get(cost.currency) ?? 0) + cost.billed);
  }
  if (totals.size === 0) return null;
  // One precision a currency: amounts below each other can be compared.
  const formats = new Map(
    [...totals].map(([currency, billed]) => [currency, moneyFormat(currency, billed)]),
  );
  return (cost, of) =>
    (cost === null ? null : formats.get(cost.currency)?.text(of(cost))) ?? missing;
}

/** True where the report is split among owners rather than by GPUs or hosts. */
export function hasOwners(groups: Report['groups']): groups is NonNullable<Report['groups']> {
  return groups !== null && groups.by !== 'gpu' && groups.by !== 'host';
}
