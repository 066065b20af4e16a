import { adjustRate, type Discount, type Exchange } from '../bill/adjust.ts';
import type { MachineRate } from '../bill/rate.ts';
import { UsageError } from '../errors.ts';
import { findGpuKey } from '../rates/gpus.ts';
import type { RateCards } from '../rates/merge.ts';
import type { Candidate } from '../rates/resolve.ts';
import { resolveOver } from '../rates/resolve-over.ts';
import type { MachineFacts } from '../store/lines.ts';
import type { Run } from '../usage/usage.ts';
import type { CollectedMachine } from './collect.ts';

export type Warnings = { code: string; message: string }[];

/** What a machine's rate is found by. */
export interface PricingOptions {
  /** Epoch milliseconds; ages of prices are told from here. */
  readonly nowMs: number;
  readonly cards: RateCards;
  /** `[provider/]type` by flag or project file; null takes what the recordings know. */
  readonly machine: string | null;
  readonly machineBy: 'flag' | 'config';
  readonly region: string | null;
  readonly purchase: string | null;
  /** What the project pays less than the list, and how it converts currencies. */
  readonly discounts: readonly Discount[];
  readonly exchange: readonly Exchange[];
}

/** The machine's type by flag, project file or recording, and which of them said it. */
export function typeOf(
  facts: MachineFacts | null,
  options: Pick<PricingOptions, 'machine' | 'machineBy'>,
): { provider: string | null; type: string | null; detectedBy: MachineFacts['detectedBy'] } {
  if (options.machine === null) {
    return {
      provider: facts?.provider ?? null,
      type: facts?.type ?? null,
      detectedBy: facts?.type ? facts.detectedBy : 'none',
    };
  }
  const slash = options.machine.indexOf('/');
  return {
    provider: slash < 0 ? null : options.machine.slice(0, slash),
    type: options.machine.slice(slash + 1),
    detectedBy: options.machineBy,
  };
}

/** What pricing a machine takes of the audit's options. */
/**
 * The machine's rate over its runs (without any: at the start of the watched time), or null with the reason among the
 * warnings. Throws UsageError for an unknown type that was asked for.
 */
export function rateOf(
  machine: CollectedMachine,
  options: PricingOptions,
  warnings: Warnings,
  runs: readonly Run[] = [],
): MachineRate | null {
  const { facts } = machine;
  const typed = typeOf(facts, options);
  if (typed.type === null) {
    warnings.push({
      code: 'no-rate',
      message:
        'The machine type is not known, so hours are reported without money. Pass --machine provider/type (see gpucost rates list), or --rates FILE with a card of your own.',
    });
    return null;
  }
  const counts = new Map<string | null, number>();
  for (const { identity } of machine.gpus) {
    const key = identity.name === null ? null : findGpuKey(identity.name, identity.memoryTotalMib);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const query = {
    provider: typed.provider,
    type: typed.type,
    region: options.region ?? facts?.region ?? null,
    purchase: options.purchase ?? facts?.purchase ?? null,
    visibleGpus: Array.from(counts, ([key, count]) => ({ key, count })),
    vcpus: machine.host?.cpus ?? null,
    memoryGib: machine.host ? machine.host.memoryMib / 1_024 : null,
    atMs: runs[0]?.startMs ?? machine.watched[0]?.startMs ?? options.nowMs,
    nowMs: options.nowMs,
  };
  try {
    const resolution = resolveOver(options.cards, query, runs);
    if (resolution.rate) {
      const rate = adjustRate(resolution.rate, options.discounts, options.exchange);
      warnings.push(...rate.warnings);
      return rate;
    }
    refuseUnknownTerm(resolution, options);
    warnings.push({ code: 'no-rate', message: resolution.reason });
    return null;
  } catch (error) {
    // A type that was asked for must exist; one that was only detected may be newer than the cards.
    if (options.machine !== null || !(error instanceof UsageError)) throw error;
    warnings.push({ code: 'no-rate', message: error.message });
    return null;
  }
}

/** A purchase or region that was asked for and that no price of the machine has is a slip of the user's. */
function refuseUnknownTerm(
  { reason, candidates }: { readonly reason: string; readonly candidates: readonly Candidate[] },
  options: PricingOptions,
): void {
  const { purchase, region } = options;
  const known = (has: (c: Candidate) => boolean) => candidates.length === 0 || candidates.some(has);
  const isKnown =
    (purchase === null || known((c) => c.purchase === purchase)) &&
    (region === null || known((c) => c.region === region || c.region === 'any'));
  if (isKnown) return;
  throw new UsageError(reason, { hint: '`gpucost rates show TYPE` lists what there is.' });
}

/** GPUs that the machine has and that cannot be seen from here; billed unless the price bills the allocation. */
export function hiddenCount(
  machine: CollectedMachine,
  rate: MachineRate | null,
  warnings: Warnings,
): number {
  if (rate?.gpuCount == null || rate.bills === 'allocation') return 0;
  const visible = machine.gpus.length;
  if (visible > rate.gpuCount) {
    warnings.push({
      code: 'gpu-count',
      message: `${rate.provider}/${rate.type} has ${rate.gpuCount} GPUs, but ${visible} were seen: is this the right machine type?`,
    });
    return 0;
  }
  return rate.gpuCount - visible;
}
