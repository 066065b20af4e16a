import type { Diff, DiffRatio } from '../../diff/verdict.ts';
import { csvText } from '../csv.ts';

const header = [
  'kind',
  'name',
  'unit',
  'before',
  'after',
  'change',
  'noise',
  'verdict',
  'gpuHoursBefore',
  'gpuHoursAfter',
  'costBefore',
  'currencyBefore',
  'costAfter',
  'currencyAfter',
] as const;

type Row = readonly (string | number)[];

/** One row a unit of work, an effective GPU-hour, a state or a finding; shares are 0–1, unknown is empty. */
export function renderDiffCsv(diff: Diff): string {
  const currencies = [diff.before.currency ?? '', diff.after.currency ?? ''] as const;
  const none: Row = ['', '', '', '', '', ''];
  const ratio = (
    kind: string,
    name: string,
    unit: string,
    value: DiffRatio | null,
    verdict: string,
  ): Row[] =>
    value === null
      ? []
      : [
          [
            kind,
            name,
            unit,
            value.before,
            value.after,
            value.change,
            value.noise ?? '',
            verdict,
            ...none,
          ],
        ];
  const amounts = (
    before: { readonly gpuHours: number; readonly cost: number | null } | null,
    after: { readonly gpuHours: number; readonly cost: number | null } | null,
  ): Row => [
    before?.gpuHours ?? '',
    after?.gpuHours ?? '',
    before?.cost ?? '',
    currencies[0],
    after?.cost ?? '',
    currencies[1],
  ];
  return csvText([
    header,
    ...diff.work.flatMap(({ unit, label, secondsPer, gpuHoursPer, costPer, verdict }) => [
      ...ratio(unit, label, currencies[1], costPer, verdict),
      ...ratio(unit, label, 'GPU-hours', gpuHoursPer, verdict),
      ...ratio(unit, label, 'seconds', secondsPer, verdict),
    ]),
    ...ratio(
      'effective-hour',
      '',
      currencies[1],
      diff.effectiveHour?.cost ?? null,
      diff.effectiveHour?.verdict ?? '',
    ),
    ...ratio(
      'effective-hour',
      '',
      'GPU-hours',
      diff.effectiveHour?.gpuHours ?? null,
      diff.effectiveHour?.verdict ?? '',
    ),
    ...diff.states.map(({ state, before, after, change, noise, verdict }) => [
      'state',
      state,
      'share',
      before.share,
      after.share,
      change,
      noise ?? '',
      verdict,
      ...amounts(before, after),
    ]),
    ...diff.findings.map(({ rule, status, before, after }) => [
      'finding',
      rule,
      'share',
      before?.share ?? '',
      after?.share ?? '',
      '',
      '',
      status,
      ...amounts(before, after),
    ]),
  ]);
}
