import { UsageError } from '../errors.ts';
import { type DetectOptions, type DetectPlaces, detectMachine } from '../machine/detect.ts';
import type { RateCards } from '../rates/merge.ts';
import { type Resolution, resolveRate } from '../rates/resolve.ts';
import type { MachineFacts } from '../store/lines.ts';
import type { MachineFindings, RateFacts } from './facts.ts';

/** More candidates than this tell nobody anything. */
const shownCandidates = 5;

/** Which machine this is and what it costs, as `watch` would find out. Throws UsageError for a type that was asked for and no card has. */
export async function readMachineFacts(
  detect: DetectOptions,
  places: DetectPlaces,
  cards: RateCards,
  nowMs: number,
): Promise<MachineFindings> {
  const { facts, candidates } = await detectMachine(detect, places);
  return {
    provider: facts.provider,
    type: facts.type,
    region: facts.region,
    detectedBy: facts.detectedBy,
    candidates: candidates
      .slice(0, shownCandidates)
      .map(({ provider, type }) => `${provider}/${type}`),
    ...rateOf(facts, detect, cards, nowMs),
  };
}

function rateOf(
  facts: MachineFacts,
  { shape, flag }: DetectOptions,
  cards: RateCards,
  nowMs: number,
): Pick<MachineFindings, 'rate' | 'rateProblem'> {
  const { provider, type, region, purchase } = facts;
  if (type === null) return { rate: null, rateProblem: null };
  try {
    const { gpus, vcpus, memoryGib } = shape;
    const visibleGpus = gpus.map(({ key, count }) => ({ key, count }));
    const held = { visibleGpus, vcpus, memoryGib, atMs: nowMs, nowMs };
    return priced(resolveRate(cards, { provider, type, region, purchase, ...held }));
  } catch (error) {
    // A type that was asked for must exist; one that was only detected may be newer than the cards.
    if (flag.machine !== null || !(error instanceof UsageError)) throw error;
    return { rate: null, rateProblem: { message: error.message, hint: error.hint ?? null } };
  }
}

function priced(resolution: Resolution): {
  rate: RateFacts | null;
  rateProblem: MachineFindings['rateProblem'];
} {
  const { rate } = resolution;
  if (rate === null) return { rate, rateProblem: { message: resolution.reason, hint: null } };
  const dates = rate.parts.map((part) => part.asOf).filter((date) => date !== null);
  return {
    rate: {
      currency: rate.currency,
      perHourNanos: rate.perHourNanos,
      region: rate.region,
      purchase: rate.purchase,
      asOf: dates.toSorted()[0] ?? null,
      doubts: [...new Set(rate.warnings.map((warning) => warning.code))],
    },
    rateProblem: null,
  };
}
