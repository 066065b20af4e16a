import { microsOf } from '../bill/money.ts';
import type { MachineRate } from '../bill/rate.ts';
import type { Need } from './need.ts';
import { type Asked, optionsOfMachine, type PriceBook, type WhatifOption } from './option.ts';

/** What the same work would cost, in micros of one currency; high is null where nothing bounds it. */
export interface CostRange {
  readonly currency: string;
  readonly low: bigint;
  readonly high: bigint | null;
}

/** Money of the work alone, at the option's price; null without price or comparison. */
export function costOf(need: Need, option: WhatifOption): CostRange | null {
  const { slowdown } = option.assessment;
  const { rate, pricedShare } = option;
  if (slowdown === null || rate === null) return null;
  const at = (times: number) =>
    (microsOf(rate.perHourNanos, Math.round(need.workMs * times)) * BigInt(pricedShare.numerator)) /
    BigInt(pricedShare.denominator);
  return {
    currency: rate.currency,
    low: at(slowdown.low),
    high: slowdown.high === null ? null : at(slowdown.high),
  };
}

/** The machine that was recorded: its price, and the GPUs that it is the price of. */
export interface Here {
  readonly rate: MachineRate | null;
  readonly gpus: number;
}

/**
 * Micros of the same work here, on the option's basis: of the whole machine, or of the GPUs at work alone where slices
 * of GPUs are counted alone too. Null without a price.
 */
export function costHere(need: Need, here: Here, basis: WhatifOption['basis']): bigint | null {
  if (here.rate === null) return null;
  const whole = microsOf(here.rate.perHourNanos, Math.round(need.workMs));
  const { numerator, denominator } = shareHere(need, here, basis);
  return (whole * BigInt(numerator)) / BigInt(denominator);
}

/** The slowdown at which the same work costs as much as here; null without both prices in one currency. */
export function breakEvenOf(need: Need, here: Here, option: WhatifOption): number | null {
  const { rate, pricedShare, basis } = option;
  if (here.rate === null || rate === null || here.rate.currency !== rate.currency) return null;
  const there = (Number(rate.perHourNanos) * pricedShare.numerator) / pricedShare.denominator;
  const { numerator, denominator } = shareHere(need, here, basis);
  return there > 0 ? (Number(here.rate.perHourNanos) * numerator) / denominator / there : null;
}

function shareHere(need: Need, here: Here, basis: WhatifOption['basis']) {
  const atWork = need.gpus.length;
  return basis === 'machine'
    ? { numerator: 1, denominator: 1 }
    : { numerator: atWork, denominator: Math.max(here.gpus, atWork) };
}

/** Options of the rate cards, and how many were left out and why. */
export interface Ranking {
  readonly options: readonly WhatifOption[];
  readonly leftOut: {
    readonly tooSmall: number;
    /** The GPU or its comparison is not known. */
    readonly notComparable: number;
    readonly noPrice: number;
  };
}

/** Which machines of the cards are looked at. */
export interface Search extends Asked {
  readonly provider: string | null;
}

/**
 * Machines of the cards that would carry the work, the cheapest for the same work first: by what it costs at most, then
 * at least; those whose memory or host may not do, or whose cost nothing bounds, last.
 */
export function rankMachines(need: Need, search: Search, book: PriceBook): Ranking {
  const leftOut = { tooSmall: 0, notComparable: 0, noPrice: 0 };
  const options: WhatifOption[] = [];
  for (const card of book.cards.values()) {
    if (search.provider !== null && card.provider !== search.provider.toLowerCase()) continue;
    for (const machine of card.machines.values()) {
      for (const { option } of optionsOfMachine(need, { card, machine }, search, book)) {
        if (option === null || option.assessment.slowdown === null) leftOut.notComparable++;
        else if (option.assessment.memory.verdict === 'too-small') leftOut.tooSmall++;
        else if (option.rate === null) leftOut.noPrice++;
        else options.push(option);
      }
    }
  }
  return { options: options.toSorted((a, b) => compare(need, a, b)), leftOut };
}

function compare(need: Need, a: WhatifOption, b: WhatifOption): number {
  const [costA, costB] = [costOf(need, a), costOf(need, b)];
  return (
    isSure(b, costB) - isSure(a, costA) ||
    compareText(costA?.currency ?? '', costB?.currency ?? '') ||
    Number((costA?.high ?? 0n) - (costB?.high ?? 0n)) ||
    Number((costA?.low ?? 0n) - (costB?.low ?? 0n)) ||
    compareText(placeOf(a), placeOf(b))
  );
}

function placeOf({ provider, type, gpuKey }: WhatifOption): string {
  return `${provider}/${type} ${gpuKey}`;
}

function isSure({ assessment }: WhatifOption, cost: CostRange | null): number {
  return assessment.memory.verdict === 'fits' && cost !== null && cost.high !== null ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
