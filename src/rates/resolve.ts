import type { MachineRate, RatePart } from '../bill/rate.ts';
import type { Machine, Price, ProviderCard } from './card.ts';
import { choosePrice, type RateWarning } from './choose-price.ts';
import { parseNanos } from './decimal.ts';
import { durationMs } from './duration.ts';
import { findMachine } from './find-machine.ts';
import type { RateCards } from './merge.ts';
import { billsOf, type Held, type PartsResult, priceParts } from './parts.ts';
import { rateWarnings } from './rate-warnings.ts';

/** What is known of the machine whose rate is wanted; what is not known is null or left out. */
export interface RateQuery {
  readonly provider?: string | null;
  /** `[provider/]type` as the provider spells it, or an alias. */
  readonly type: string;
  readonly region?: string | null;
  readonly purchase?: string | null;
  /** The GPUs that can be seen from here, by key of the GPU table. */
  readonly visibleGpus?: readonly { readonly key: string | null; readonly count: number }[] | null;
  /** What this container or job holds of the host. */
  readonly vcpus?: number | null;
  readonly memoryGib?: number | null;
  /** Epoch milliseconds: the price that was valid then is taken. */
  readonly atMs: number;
  /** Epoch milliseconds: ages are told from here. */
  readonly nowMs: number;
}

/** A price that the machine has, for messages. */
export interface Candidate {
  readonly region: string;
  readonly purchase: string;
  /** Billionths of the currency; null where the figure is not known, or depends on what is held. */
  readonly perHourNanos: bigint | null;
}

export type Resolution =
  | { readonly rate: MachineRate }
  | { readonly rate: null; readonly reason: string; readonly candidates: readonly Candidate[] };

/**
 * What a machine costs for an hour. A rate of null comes with the reason: no such region or purchase on the cards,
 * a figure that is not known, or a price that needs what is not known here.
 * Throws a UsageError for a machine type or provider that no card has.
 */
export function resolveRate(cards: RateCards, query: RateQuery): Resolution {
  const { card, machine } = findMachine(cards, query);
  const held = heldOf(query);
  const candidates = (): readonly Candidate[] =>
    machine.prices.map((price) => ({
      region: price.region,
      purchase: price.purchase,
      perHourNanos: total(priceParts({ card, machine, price, held, atMs: query.atMs })),
    }));

  const chosen = choosePrice(card, machine.prices, query);
  if (chosen.price === null) {
    const reason = `${card.provider}/${machine.type}: ${chosen.reason}`;
    return { rate: null, reason, candidates: candidates() };
  }
  const result = priceParts({ card, machine, price: chosen.price, held, atMs: query.atMs });
  if (result.parts === null) {
    const reason = `${card.provider}/${machine.type}: ${result.reason}`;
    return { rate: null, reason, candidates: candidates() };
  }
  const parts = result.parts;
  const prices = [chosen.price, ...result.attached];
  return {
    rate: {
      ...toRate(card, machine, chosen.price, parts, held),
      warnings: once([
        ...chosen.warnings,
        ...result.warnings,
        ...rateWarnings({ machine, prices, parts, query }),
      ]),
    },
  };
}

function toRate(
  card: ProviderCard,
  machine: Machine,
  price: Price,
  parts: readonly RatePart[],
  held: Held,
): Omit<MachineRate, 'warnings'> {
  const billing = { ...card.billing, ...machine.facts.billing, ...price.terms.billing };
  const { gpus } = machine.facts;
  const energy = price.terms.own?.energy;
  return {
    provider: card.provider,
    type: machine.type,
    region: price.region,
    purchase: price.purchase,
    currency: card.currency,
    parts,
    perHourNanos: parts.reduce((sum, part) => sum + part.perHourNanos, 0n),
    bills: billsOf(price.terms),
    gpuCount: typeof gpus === 'number' ? gpus : gpus === 'attached' ? held.gpuCount : null,
    gpuShare: machine.facts.share ?? machine.facts.mig ?? null,
    gpuKey: machine.facts.gpu ?? held.onlyKey,
    incrementMs: durationMs(billing.increment ?? '1s') ?? 1_000,
    minimumMs: durationMs(billing.minimum ?? '0s') ?? 0,
    charged: billing.charged ?? 'while-allocated',
    ...commitmentOf(price.terms.commitment),
    energy:
      energy === undefined
        ? null
        : {
            perKwhNanos: parseNanos(energy.per_kwh),
            pue: energy.pue ?? 1,
            hostWatts: energy.host_watts ?? 0,
          },
    ending: card.endings,
  };
}

function commitmentOf(commitment: Price['terms']['commitment']): Pick<MachineRate, 'commitment'> {
  if (commitment === undefined) return {};
  const fromMs = Date.parse(commitment.from);
  return { commitment: { fromMs, untilMs: fromMs + (durationMs(commitment.term) ?? 0) } };
}

function heldOf(query: RateQuery): Held {
  const visible = query.visibleGpus ?? null;
  const keys = new Set(visible?.map(({ key }) => key));
  const [onlyKey] = keys;
  return {
    visible,
    gpuCount: visible === null ? null : visible.reduce((sum, gpu) => sum + gpu.count, 0),
    onlyKey: keys.size === 1 ? (onlyKey ?? null) : null,
    vcpus: query.vcpus ?? null,
    memoryGib: query.memoryGib ?? null,
  };
}

function total(result: PartsResult): bigint | null {
  return result.parts === null
    ? null
    : result.parts.reduce((sum, part) => sum + part.perHourNanos, 0n);
}

/** Host and accelerators often carry the same warning. */
function once(warnings: readonly RateWarning[]): readonly RateWarning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}
