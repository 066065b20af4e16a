import type { ReadReport } from './read-report.ts';
import type { Diff } from './verdict.ts';

/** Runs whose lengths differ by less may be held beside each other as they are. */
const likeLength = 1.1;

/** A tenth of a percent is the rounding of money, not another price. */
const likePrice = 1.001;

/** What can't be compared, and why; what is compared in its stead. */
export function notCompared(
  before: ReadReport,
  after: ReadReport,
  sides: { readonly before: Diff['before']; readonly after: Diff['after'] },
  work: Diff['work'],
): string[] {
  const { before: was, after: is } = sides;
  return [
    ...totals(was, is, work),
    ...unitOfWork(before, after, work),
    ...money(was, is),
    ...(was.machines === is.machines
      ? []
      : [
          `the machines differ (${was.machines}; ${is.machines}): see shares and what a unit costs`,
        ]),
    ...estimates(before, after, was, is),
    ...(before.noise != null && after.noise != null
      ? []
      : [
          `shares of time: ${before.noise == null ? was.name : is.name} is too short to know its noise, or its report is of an older gpucost`,
        ]),
  ];
}

function totals(was: Diff['before'], is: Diff['after'], work: Diff['work']): string[] {
  if (work.length === 0) {
    return [
      'totals of money and hours: without a unit of work on both sides (watch --progress) nobody knows that both runs did the same',
    ];
  }
  const ratio = is.billedGpuHours / was.billedGpuHours;
  return ratio <= likeLength && ratio >= 1 / likeLength
    ? []
    : ['totals of money and hours: the runs differ in length; see what a unit of work cost'];
}

function unitOfWork(before: ReadReport, after: ReadReport, work: Diff['work']): string[] {
  if (work.length > 0) return [];
  const named = ({ work: counted }: ReadReport): string | null =>
    counted == null ? null : `${counted.unit} ${counted.label}`.trim();
  const [a, b] = [named(before), named(after)];
  return a === null || b === null ? [] : [`work: one counted "${a}", the other "${b}"`];
}

function money(was: Diff['before'], is: Diff['after']): string[] {
  if (was.currency === null && is.currency === null) return [];
  if (was.currency === null || is.currency === null) {
    return [`money: ${was.currency === null ? was.name : is.name} has no price`];
  }
  if (was.currency !== is.currency) {
    return [`money: ${was.currency} before, ${is.currency} after`];
  }
  const [a, b] = [was.perGpuHour ?? 0, is.perGpuHour ?? 0];
  const isLike = a <= b * likePrice && b <= a * likePrice;
  return isLike
    ? []
    : [
        `the price of a GPU-hour differs (${priceText(a)} ${was.currency} before, ${priceText(b)} after): differences of money hold it too, those of hours don't`,
      ];
}

function priceText(price: number): string {
  return `${Number(price.toPrecision(4))}`;
}

function estimates(
  before: ReadReport,
  after: ReadReport,
  was: Diff['before'],
  is: Diff['after'],
): string[] {
  const [a, b] = [before.gpuHours.effective.basis, after.gpuHours.effective.basis];
  if (a !== b) return [`effective time: estimated by ${a} before and by ${b} after`];
  return was.gpus === is.gpus
    ? []
    : [
        `effective time: an effective hour of ${was.gpus} is not one of ${is.gpus}; a unit of work (watch --progress) can be compared`,
      ];
}
