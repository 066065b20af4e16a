import type { Report, ReportCost, ReportGpuHours } from '../report/report.ts';
import {
  apportion,
  type GpuTimeUnit,
  gpuTime,
  gpuTimeUnit,
  type MoneyFormat,
  moneyFormat,
  percent,
} from './format.ts';

type State = keyof ReportGpuHours['byState'];

/** The states in the order in which every format shows them, with the words for people. */
export const stateLabels: Readonly<Record<State, string>> = {
  effective: 'effective',
  underfilled: 'underfilled',
  throttled: 'throttled',
  waiting: 'waiting',
  heldIdle: 'held idle',
  emptyIdle: 'empty idle',
  unobserved: 'unobserved',
  rounding: 'rounding',
};

export const stateMeanings: Readonly<Record<State, string>> = {
  effective: 'did work',
  underfilled: 'busy but mostly empty',
  throttled: 'heat or power brake',
  waiting: 'job ran, GPU waited',
  heldIdle: 'idle, memory held',
  emptyIdle: 'idle, nobody on it',
  unobserved: 'billed, not sampled',
  rounding: 'billing increment',
};

/** Why billed time was not observed, in the words for people. */
export const causeLabels: Readonly<Record<keyof ReportGpuHours['unobservedBy'], string>> = {
  beforeFirstSample: 'before the first sample',
  gap: 'gaps between samples',
  hiddenGpus: 'GPUs that were not watched',
  driver: 'the driver did not answer',
  notReported: 'the driver does not report it (MIG)',
  machineOff: 'the machine was off, but is charged',
};

const wastedStates: readonly State[] = [
  'underfilled',
  'throttled',
  'waiting',
  'heldIdle',
  'emptyIdle',
];

export interface StateRow {
  readonly state: State;
  readonly label: string;
  readonly meaning: string;
  readonly hours: string;
  readonly money: string | null;
  readonly share: string;
  readonly fraction: number;
}

/** A report's totals as text, rounded so that every column adds up to its total as shown. */
export interface Accounts {
  readonly unit: GpuTimeUnit;
  readonly money: MoneyFormat | null;
  /** States that hold something that can be shown; the rest are zero at this precision. */
  readonly rows: readonly StateRow[];
  readonly billed: { readonly hours: string; readonly money: string | null };
  readonly effective: { readonly hours: string; readonly money: string | null };
  readonly wasted: { readonly hours: string; readonly money: string | null };
  /** Billed less unobserved and rounding: what shares of effective and wasted divide by. */
  readonly judgedHours: number;
}

/** Rounds the totals of a report for display. */
export function accounts(report: Report): Accounts {
  const { gpuHours, cost } = report;
  const unit = gpuTimeUnit(gpuHours.billed);
  const money = cost === null ? null : moneyFormat(cost.currency, cost.billed);
  const names = stateNames(gpuHours);
  const hours = apportion(
    names.map((state) => gpuHours.byState[state] * unit.perHour),
    gpuHours.billed * unit.perHour,
    unit.decimals,
  );
  const amounts = cost === null || money === null ? null : apportionMoney(cost, names, money);
  const shares = apportion(
    names.map((state) => ratio(gpuHours.byState[state], gpuHours.billed)),
    gpuHours.billed > 0 ? 1 : 0,
    3,
  );
  const sum = (values: readonly number[], of: readonly State[]): number =>
    names.reduce((total, state, i) => total + (of.includes(state) ? (values[i] ?? 0) : 0), 0);
  const isBound = gpuHours.effective.basis === 'utilization';
  const total = (of: readonly State[]) => ({
    hours: gpuTime(sum(hours, of) / unit.perHour, unit),
    money: amounts === null || money === null ? null : money.text(sum(amounts, of)),
  });

  return {
    unit,
    money,
    rows: names.flatMap((state, i) => {
      if (hours[i] === 0 && (amounts?.[i] ?? 0) === 0 && shares[i] === 0) return [];
      return {
        state,
        label: stateLabels[state],
        meaning: state === 'effective' && isBound ? 'at most this did work' : stateMeanings[state],
        ...total([state]),
        share: percent(shares[i] ?? 0, 1),
        fraction: ratio(gpuHours.byState[state], gpuHours.billed),
      };
    }),
    billed: total(names),
    effective: total(['effective']),
    wasted: total(wastedStates),
    judgedHours: judgedHours(gpuHours),
  };
}

/** Billed less unobserved and rounding. */
export function judgedHours(hours: ReportGpuHours): number {
  return hours.billed - hours.byState.unobserved - hours.byState.rounding;
}

/** `a / b`, 0 where nothing can be divided. */
export function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function apportionMoney(
  cost: ReportCost,
  names: readonly State[],
  money: MoneyFormat,
): readonly number[] {
  return apportion(
    names.map((state) => cost.byState[state]),
    cost.billed,
    money.decimals,
  );
}

function stateNames(hours: ReportGpuHours): State[] {
  // Object.keys forgets the key type; byState is a strict object of exactly these keys.
  const known = Object.keys(stateLabels) as State[];
  return known.filter((state) => state in hours.byState);
}
