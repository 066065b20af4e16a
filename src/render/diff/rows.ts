import type { Diff, DiffRatio, DiffVerdict } from '../../diff/verdict.ts';
import { stateLabels } from '../accounts.ts';
import { coverageText } from '../coverage.ts';
import { duration, gpuTime, gpuTimeUnit, instantUtc, moneyFormat, percent } from '../format.ts';
import { plain } from '../text.ts';
import { secondsText, small, unitNames } from '../work.ts';

/** An amount of both runs as text, the same row in every format. */
export interface DiffRow {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly noise: string;
  readonly verdict: DiffVerdict | '';
}

/** What one unit of work, or an effective GPU-hour, took and cost. */
export function unitRows(diff: Diff): DiffRow[] {
  const currency = diff.after.currency ?? '';
  const work = diff.work.flatMap((counted): DiffRow[] => {
    const name = counted.label === '' ? '' : ` (${plain(counted.label)})`;
    const unit = `${unitNames[counted.unit]}${name}`;
    return [
      ...(counted.costPer === null
        ? []
        : [row(`cost of a ${unit}`, counted.costPer, moneyText(currency, counted.costPer))]),
      row(`GPU time of a ${unit}`, counted.gpuHoursPer, gpuTimeText),
      row(`time of a ${unit}`, counted.secondsPer, secondsText),
    ];
  });
  const { effectiveHour } = diff;
  if (effectiveHour === null) return work;
  const { gpuHours, cost } = effectiveHour;
  return [
    ...work,
    ...(cost === null ? [] : [row('cost of an effective GPU-h', cost, moneyText(currency, cost))]),
    row('GPU-h for an effective one', gpuHours, (value) => `${small(value)}`),
  ];
}

/** Shares of the observed time by state, those that are nothing on both sides left out. */
export function stateRows(diff: Diff): (DiffRow & { readonly amounts: DiffAmounts })[] {
  return diff.states
    .filter(({ before, after }) => before.share > 0 || after.share > 0)
    .map(({ state, before, after, change, noise, verdict }) => ({
      label: stateLabels[state],
      before: percent(before.share, 1),
      after: percent(after.share, 1),
      change: `${signed(change * 100)} points`,
      noise: noise === null ? 'not known' : `± ${(noise * 100).toFixed(1)}`,
      verdict,
      amounts: amountsOf(diff, before, after),
    }));
}

/** Hours and money of both runs; an empty text is unknown, or no such thing. */
export interface DiffAmounts {
  readonly hoursBefore: string;
  readonly hoursAfter: string;
  readonly costBefore: string;
  readonly costAfter: string;
}

export interface FindingRow extends DiffAmounts {
  readonly status: Diff['findings'][number]['status'];
  readonly rule: string;
  readonly title: string;
  readonly reason: string;
}

/** The findings, what is new and worse first. */
export function findingRows(diff: Diff): FindingRow[] {
  return diff.findings.map(({ status, rule, title, reason, before, after }) => ({
    status,
    rule: plain(rule),
    title: plain(title),
    reason: plain(reason ?? ''),
    ...amountsOf(diff, before, after),
  }));
}

/** What was billed, as a whole. */
export function billedAmounts(diff: Diff): DiffAmounts {
  const amount = ({ billedGpuHours, billedCost }: Diff['before']): Amount => ({
    gpuHours: billedGpuHours,
    cost: billedCost,
  });
  return amountsOf(diff, amount(diff.before), amount(diff.after));
}

/** `2026-11-20 10:00, 1 h, 8 × NVIDIA H100, aws/p5.48xlarge, 97 % observed`. */
export function sideText({ start, end, machines, gpus, observedShare }: Diff['before']): string {
  const length = duration(Date.parse(end) - Date.parse(start));
  return `${instantUtc(start)}, ${length}, ${plain(gpus)}, ${plain(machines)}, ${coverageText({ observedShare })}`;
}

interface Amount {
  readonly gpuHours: number;
  readonly cost: number | null;
}

function amountsOf(diff: Diff, before: Amount | null, after: Amount | null): DiffAmounts {
  const unit = gpuTimeUnit(Math.max(diff.before.billedGpuHours, diff.after.billedGpuHours));
  const total = Math.max(diff.before.billedCost ?? 0, diff.after.billedCost ?? 0);
  const hours = (amount: Amount | null): string =>
    amount === null ? '' : `${gpuTime(amount.gpuHours, unit)} ${unit.name}`;
  const cost = (amount: Amount | null, { currency }: Diff['before']): string =>
    amount?.cost == null || currency === null ? '' : moneyFormat(currency, total).text(amount.cost);
  return {
    hoursBefore: hours(before),
    hoursAfter: hours(after),
    costBefore: cost(before, diff.before),
    costAfter: cost(after, diff.after),
  };
}

function row(label: string, ratio: DiffRatio, text: (value: number) => string): DiffRow {
  const { before, after, change, noise } = ratio;
  const isSame = noise !== null && Math.abs(change) <= noise;
  return {
    label,
    before: text(before),
    after: text(after),
    change: `${signed(change * 100)} %`,
    noise: noise === null ? 'not known' : `± ${(noise * 100).toFixed(1)}`,
    verdict: noise === null ? 'unknown' : isSame ? 'same' : change > 0 ? 'worse' : 'better',
  };
}

function moneyText(currency: string, { before, after }: DiffRatio): (value: number) => string {
  const money = moneyFormat(currency, Math.min(before, after));
  return (value) => money.text(value);
}

function gpuTimeText(hours: number): string {
  return hours < 1 ? `${small(hours * 3600)} GPU-s` : `${small(hours)} GPU-h`;
}

function signed(value: number): string {
  const text = value.toFixed(1);
  return value > 0 && text !== '0.0' ? `+${text}` : text.replace(/^-0\.0$/, '0.0');
}
