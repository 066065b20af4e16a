import type { Report } from '../report/report.ts';
import { duration, instantUtc, moneyFormat, number } from './format.ts';
import { plain } from './text.ts';

type Work = NonNullable<Report['work']>;
type Counted = Work['counters'][number];
type Per = Counted['secondsPer'];

/** One line about the run's own work: what is counted, and what one of it costs. */
export interface WorkRow {
  readonly label: string;
  readonly text: string;
}

export const unitNames: Readonly<Record<Counted['unit'], string>> = {
  step: 'step',
  epoch: 'epoch',
  'million-tokens': 'million tokens',
};

/** What one step, epoch or million tokens cost, and what the whole run will; nothing without progress. */
export function workRows({ work, cost }: Report, dash: string): WorkRow[] {
  if (work == null) return [];
  const currency = cost?.currency ?? null;
  const per = (counted: Counted): WorkRow => ({
    label: `per ${unitNames[counted.unit]}`,
    text: [
      counted.costPer === null || currency === null
        ? null
        : moneyBand(currency, counted.costPer, dash),
      `${small(counted.gpuHoursPer.estimate * 3600)} GPU-s`,
      secondsText(counted.secondsPer.estimate),
      `${number(counted.count)} counted${counted.label === '' ? '' : ` (${plain(counted.label)})`}`,
    ]
      .filter((part) => part !== null)
      .join(', '),
  });
  const all =
    work.billedCostPer === null || currency === null
      ? []
      : [
          {
            label: 'all in',
            text: `${moneyFormat(currency, work.billedCostPer).text(work.billedCostPer)} a ${unitNames[work.unit]} with start-up and everything else billed`,
          },
        ];
  return [
    per(work),
    ...all,
    ...work.counters.slice(0, 3).map(per),
    ...projectedRow(work, currency, dash),
  ];
}

function projectedRow({ projected }: Work, currency: string | null, dash: string): WorkRow[] {
  if (projected === null) return [];
  const { count, total, unit, end, cost, gpuHours, ended = false } = projected;
  const bill =
    cost === null || currency === null
      ? `${small(gpuHours.estimate)} GPU-h`
      : moneyBand(currency, cost, dash);
  return [
    {
      label: 'whole run',
      text: ended
        ? `ended at ${unitNames[unit]} ${number(count)} of ${number(total)}; all of them would have been ${bill} at this pace`
        : `${bill} at this pace: ${unitNames[unit]} ${number(count)} of ${number(total)}, done ${instantUtc(end)}`,
    },
  ];
}

/** `$0.0012 ($0.0011–0.0013)`; without a band where it is not known. */
export function moneyBand(currency: string, { estimate, low, high }: Per, dash: string): string {
  const money = moneyFormat(currency, estimate);
  if (low === null || high === null) return money.text(estimate);
  if (money.text(low) === money.text(high)) return money.text(estimate);
  return `${money.text(estimate)} (${money.text(low)} ${dash} ${money.text(high)})`;
}

export function secondsText(seconds: number): string {
  return seconds < 10 ? `${small(seconds)} s` : duration(seconds * 1000);
}

/** Three significant digits, however small: a step can take microseconds. */
export function small(value: number): string {
  return Math.abs(value) >= 1000 ? number(value) : `${Number(value.toPrecision(3))}`;
}
