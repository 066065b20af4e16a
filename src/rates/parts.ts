import { divideHalfUp } from '../bill/money.ts';
import type { RatePart } from '../bill/rate.ts';
import type { Machine, Price, ProviderCard, Units } from './card.ts';
import { choosePrice, type RateWarning } from './choose-price.ts';
import { parseNanos } from './decimal.ts';
import { durationMs } from './duration.ts';
import { ownHourNanos } from './own.ts';

/** What this container or job holds of a machine, as far as it is known. */
export interface Held {
  readonly visible: readonly { readonly key: string | null; readonly count: number }[] | null;
  readonly gpuCount: number | null;
  /** The key of all visible GPUs where they are alike. */
  readonly onlyKey: string | null;
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
}

export interface PricedMachine {
  readonly card: ProviderCard;
  readonly machine: Machine;
  readonly price: Price;
  readonly held: Held;
  readonly atMs: number;
}

export type PartsResult =
  | {
      readonly parts: readonly RatePart[];
      /** Prices of attached accelerators: each has its own date and source. */
      readonly attached: readonly Price[];
      readonly warnings: readonly RateWarning[];
    }
  | { readonly parts: null; readonly reason: string };

type Step = { readonly part: RatePart } | { readonly missing: string };

/** A price per GPU alone bills what is held, any other the whole machine, unless the card says. */
export function billsOf(terms: Price['terms']): 'machine' | 'allocation' {
  const { per_hour, per_vcpu_hour, per_gib_hour, units_per_hour, own } = terms;
  const others = [per_hour, per_vcpu_hour, per_gib_hour, units_per_hour, own];
  const perGpuOnly = terms.per_gpu_hour !== undefined && others.every((part) => part === undefined);
  return terms.bills ?? (perGpuOnly ? 'allocation' : 'machine');
}

/** The parts that a price adds up from, or why they can't be told. */
export function priceParts(priced: PricedMachine): PartsResult {
  const { machine, price } = priced;
  const { terms } = price;
  const steps: Step[] = [];
  if (terms.per_hour !== undefined) steps.push(machinePart(priced, terms.per_hour));
  if (terms.per_gpu_hour !== undefined) {
    const gpus = gpuQuantity(priced);
    steps.push(multiple(price, 'GPU', 'GPU', gpus, terms.per_gpu_hour));
  }
  if (terms.per_vcpu_hour !== undefined) {
    const vcpus = hostQuantity(priced, machine.facts.vcpus, priced.held.vcpus, 'vCPUs');
    steps.push(multiple(price, 'vCPU', 'vCPU', vcpus, terms.per_vcpu_hour));
  }
  if (terms.per_gib_hour !== undefined) {
    const gib = hostQuantity(
      priced,
      machine.facts.memory_gib,
      priced.held.memoryGib,
      'GiB of memory',
    );
    steps.push(multiple(price, 'memory', 'GiB', gib, terms.per_gib_hour));
  }
  if (terms.units_per_hour !== undefined) steps.push(unitsPart(price, terms.units_per_hour));
  if (terms.own !== undefined) {
    const nanos = ownHourNanos(terms.own);
    steps.push({ part: part(price, 'depreciation and yearly costs', 'machine', 1, nanos, nanos) });
  }
  if (terms.commitment !== undefined) steps.push(...upfrontPart(price, terms.commitment));
  const attached = machine.facts.gpus === 'attached' ? attachedParts(priced) : noneAttached;
  const missing = [...steps, ...attached.steps].find((step) => 'missing' in step);
  if (missing !== undefined && 'missing' in missing)
    return { parts: null, reason: missing.missing };
  return {
    parts: [...steps, ...attached.steps].flatMap((step) => ('part' in step ? [step.part] : [])),
    attached: attached.prices,
    warnings: attached.warnings,
  };
}

function machinePart(priced: PricedMachine, perHour: string | null): Step {
  const { machine, price, held } = priced;
  if (perHour === null) return { missing: unknownFigure(price) };
  const nanos = parseNanos(perHour);
  const whole = { part: part(price, 'machine', 'machine', 1, nanos, nanos) };
  if (billsOf(price.terms) === 'machine') return whole;
  const { gpus } = machine.facts;
  if (typeof gpus !== 'number' || held.gpuCount === null) {
    return { missing: 'the allocation is billed, and how many of its GPUs are held is not known' };
  }
  const count = Math.min(held.gpuCount, gpus);
  const perHourNanos = divideHalfUp(nanos * BigInt(count), BigInt(gpus));
  return { part: part(price, 'machine', 'machine', count / gpus, nanos, perHourNanos) };
}

/** What was paid ahead, spread evenly over the term: without it a prepaid machine would cost nothing. */
function upfrontPart(
  price: Price,
  { term, upfront = '0' }: NonNullable<Price['terms']['commitment']>,
): readonly Step[] {
  const paid = parseNanos(upfront);
  const termMs = durationMs(term) ?? 0;
  if (paid === 0n || termMs === 0) return [];
  const nanos = divideHalfUp(paid * 3_600_000n, BigInt(termMs));
  return [{ part: part(price, `paid ahead, over ${term}`, 'machine', 1, nanos, nanos) }];
}

type Quantity = { readonly value: number } | { readonly missing: string };

function gpuQuantity({ machine, price, held }: PricedMachine): Quantity {
  const { gpus } = machine.facts;
  if (typeof gpus === 'number' && (billsOf(price.terms) === 'machine' || held.gpuCount === null)) {
    return { value: gpus };
  }
  return held.gpuCount === null
    ? { missing: 'it is priced per GPU, and the number of GPUs is not known' }
    : { value: held.gpuCount };
}

function hostQuantity(
  { price }: PricedMachine,
  ofMachine: number | undefined,
  ofHolder: number | null,
  what: string,
): Quantity {
  const value = billsOf(price.terms) === 'machine' ? (ofMachine ?? ofHolder) : ofHolder;
  return value === null
    ? { missing: `it is priced by ${what}, and their number is not known` }
    : { value };
}

function multiple(
  price: Price,
  name: string,
  unit: RatePart['unit'],
  quantity: Quantity,
  perUnit: string | null,
): Step {
  if (perUnit === null) return { missing: unknownFigure(price) };
  if ('missing' in quantity) return quantity;
  const nanos = parseNanos(perUnit);
  return { part: part(price, name, unit, quantity.value, nanos, times(nanos, quantity.value)) };
}

/** Colab: units per hour × price of the first pack / its units, exact until it is rounded to a billionth. */
function unitsPart(price: Price, perHour: string | null): Step {
  const { units } = price;
  if (perHour === null) return { missing: unknownFigure(price) };
  if (units === null)
    return { missing: 'it is priced in credit units, and their price is not known' };
  const pack = parseNanos(units.packPrice);
  const packUnits = BigInt(units.packUnits);
  return {
    part: {
      ...part(
        price,
        units.name,
        'compute unit',
        Number(perHour),
        divideHalfUp(pack, packUnits),
        divideHalfUp(pack * parseNanos(perHour), packUnits * 1_000_000_000n),
      ),
      asOf: earlier(price.asOf, units.asOf),
      source: `${price.source}; ${packText(units)}`,
    },
  };
}

function packText(units: Units): string {
  return `${units.packUnits} ${units.name} for ${units.packPrice}: ${units.source}`;
}

interface Attached {
  readonly steps: readonly Step[];
  readonly prices: readonly Price[];
  readonly warnings: readonly RateWarning[];
}

const noneAttached: Attached = { steps: [], prices: [], warnings: [] };

function attachedParts({ card, price, held, atMs }: PricedMachine): Attached {
  const missing = (text: string): Attached => ({ ...noneAttached, steps: [{ missing: text }] });
  if (held.visible === null || held.gpuCount === 0) {
    return missing('GPUs are attached to it at a price each, and which ones is not known');
  }
  const results = held.visible.map(({ key, count }): Attached => {
    const prices = key === null ? undefined : card.accelerators.get(key);
    if (key === null || prices === undefined) {
      return missing(
        `GPUs are attached to it at a price each, and the card has none for ${key ?? 'an unknown GPU'}`,
      );
    }
    const choice = choosePrice(card, prices, {
      region: price.region,
      purchase: price.purchase,
      atMs,
    });
    if (choice.price === null) return missing(`${key}: ${choice.reason}`);
    const step = multiple(
      choice.price,
      key,
      'GPU',
      { value: count },
      choice.price.terms.per_gpu_hour ?? null,
    );
    return { steps: [step], prices: [choice.price], warnings: choice.warnings };
  });
  return {
    steps: results.flatMap(({ steps }) => steps),
    prices: results.flatMap(({ prices }) => prices),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

function part(
  price: Price,
  name: string,
  unit: RatePart['unit'],
  quantity: number,
  perUnitHourNanos: bigint,
  perHourNanos: bigint,
): RatePart {
  const { asOf, source, confidence } = price;
  return { name, quantity, unit, perUnitHourNanos, perHourNanos, asOf, source, confidence };
}

/** Exact for quantities of at most 9 decimals, which the schema ensures. */
function times(nanos: bigint, quantity: number): bigint {
  return Number.isSafeInteger(quantity)
    ? nanos * BigInt(quantity)
    : divideHalfUp(nanos * parseNanos(quantity.toFixed(9)), 1_000_000_000n);
}

function unknownFigure({ purchase, region, terms }: Price): string {
  const note = terms.note === undefined ? '' : ` (${terms.note})`;
  return `it is sold as ${purchase}${region === 'any' ? '' : ` in ${region}`}, but the price is not known${note}`;
}

/** The weaker of two dates: unknown, else the older. */
function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return a < b ? a : b;
}
