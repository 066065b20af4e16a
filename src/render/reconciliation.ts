import type { ReportReconciliation } from '../report/report.ts';
import { duration, moneyFormat, timeSpan } from './format.ts';
import { plain, truncate } from './text.ts';

/** One line of the way from the estimate to the charge. */
export interface ReconciliationRow {
  readonly kind: 'total' | 'difference';
  readonly label: string;
  readonly money: string;
  readonly text: string;
}

type Cause = ReportReconciliation['differences'][number]['cause'];

const causeLabels: Readonly<Record<Cause, string>> = {
  'unobserved-uptime': 'uptime not observed',
  'uncharged-time': 'time not charged',
  rounding: 'rounding',
  price: 'other price',
  'price-or-time': 'other price or time',
  commitment: 'commitment',
  discount: 'discount',
  credit: 'credit',
  'other-usage': 'other usage',
  adjustment: 'adjustment',
  tax: 'tax',
};

/**
 * Estimated, each difference, charged: rounded so that what is shown adds up. Each line is the step between two rounded
 * sums, so it is off by at most one unit of its last decimal.
 */
export function reconciliationRows(reconciliation: ReportReconciliation): ReconciliationRow[] {
  const { currency, estimated, charged, differences } = reconciliation;
  const money = moneyFormat(currency, Math.max(Math.abs(estimated.cost), Math.abs(charged.cost)));
  const scale = 10 ** money.decimals;
  // Sums of doubles would drift; the report's money is whole millionths.
  const shown = (micros: number): number => Math.round((micros * scale) / 1e6) / scale;
  const total = (label: string, cost: number, hours: number | null): ReconciliationRow => ({
    kind: 'total',
    label,
    money: money.text(shown(microsOf(cost))),
    text: hours === null ? 'machine time not told' : duration(hours * 3_600_000),
  });
  let sum = microsOf(estimated.cost);
  const steps = differences.flatMap(({ cause, cost, explanation }): ReconciliationRow[] => {
    const before = shown(sum);
    sum += microsOf(cost);
    const step = shown(sum) - before;
    if (step === 0 && cause === 'rounding') return [];
    const sign = step > 0 ? '+' : '';
    return [
      {
        kind: 'difference',
        label: causeLabels[cause],
        money: `${sign}${money.text(step)}`,
        text: plain(explanation),
      },
    ];
  });
  return [
    total('estimated', estimated.cost, estimated.machineHours),
    ...steps,
    total('charged', charged.cost, charged.machineHours),
  ];
}

function microsOf(amount: number): number {
  return Math.round(amount * 1e6);
}

/** Which invoice, which machine on it and why that one, and which of its time. */
export function invoiceSentence({ invoice }: ReportReconciliation, dash: string): string {
  const type = invoice.type === null ? '' : ` (${short(invoice.type)})`;
  return `${plain(invoice.name)}: ${short(invoice.resource)}${type}, ${chosenText[invoice.chosenBy]}; ${timeSpan(invoice.start, invoice.end, dash)}, rows at the edges count whole`;
}

/** The last part of an ARN or a path; JSON has the whole. */
function short(name: string): string {
  return truncate(plain(name.slice(name.lastIndexOf('/') + 1)), 60, '...');
}

const chosenText: Readonly<Record<ReportReconciliation['invoice']['chosenBy'], string>> = {
  flag: 'named by --resource',
  type: 'the only one of its type that fits',
  'type-and-region': 'the only one of its type in its region',
};

/** What the comparison leaves out; null where that is nothing. */
export function leftOutSentence({ invoice }: ReportReconciliation): string | null {
  const { rowsWithoutResource } = invoice;
  if (rowsWithoutResource === 0) return null;
  return rowsWithoutResource === 1
    ? '1 row of the invoice names no resource (tax and fees often do not) and is left out'
    : `${rowsWithoutResource} rows of the invoice name no resource (tax and fees often do not) and are left out`;
}
