import { adjustRate, type Discount, type Exchange } from '../bill/adjust.ts';
import type { MachineRate } from '../bill/rate.ts';
import { builtInGpus } from '../rates/built-in.ts';
import { type FoundMachine, findMachine } from '../rates/find-machine.ts';
import { gpuByKey } from '../rates/gpus.ts';
import type { RateCards } from '../rates/merge.ts';
import { resolveRate } from '../rates/resolve.ts';
import { type Assessment, assess, type Devices } from './assess.ts';
import type { Dtype } from './dtypes.ts';
import { type HostFit, hostFitOf } from './host-need.ts';
import type { Need } from './need.ts';
import { type GpuPart, migPart, sharedPart } from './part-of-gpu.ts';

/** How prices are found: the cards, and what the project pays. */
export interface PriceBook {
  readonly cards: RateCards;
  readonly region: string | null;
  readonly discounts: readonly Discount[];
  readonly exchange: readonly Exchange[];
  /** Epoch milliseconds: the price of then is taken, and ages are told from here. */
  readonly nowMs: number;
}

/** What is asked of a machine. */
export interface Asked {
  readonly purchase: string | null;
  /** GPUs that the work would use; null for as many as it used, or as the machine has. */
  readonly gpus: number | null;
  readonly mig: string | null;
  readonly dtype: Dtype | null;
}

/** Another machine for the same work, with what it would make of it. */
export interface WhatifOption {
  readonly provider: string | null;
  readonly type: string | null;
  readonly gpuKey: string;
  readonly devices: Devices;
  /** GPUs of the whole machine as nvidia-smi lists them; null where any count is sold. */
  readonly machineGpus: number | null;
  /** Null with the reason where there is no price. */
  readonly rate: MachineRate | null;
  /** Of the machine's price that is counted: 1, or the slices' part of its GPUs. */
  readonly pricedShare: { readonly numerator: number; readonly denominator: number };
  /** What is compared, on both sides: whole machines, or the GPUs at work here with the slices there. */
  readonly basis: 'machine' | 'gpus-at-work';
  readonly assessment: Assessment;
  readonly host: HostFit;
  readonly notes: readonly string[];
}

export type OptionResult =
  | { readonly option: WhatifOption }
  | { readonly option: null; readonly reason: string };

/**
 * What a machine of the rate cards would make of the work; one result for each GPU that its card sells with it. An
 * option of null comes with the reason.
 * Throws UsageError for a machine type or MIG profile that does not exist.
 */
export function optionsOf(
  need: Need,
  type: string,
  asked: Asked,
  book: PriceBook,
): readonly OptionResult[] {
  return optionsOfMachine(need, findMachine(book.cards, { type }), asked, book);
}

/** Fewer GPUs or a MIG profile of the GPU at hand, without a price. Throws UsageError for a profile that it does not have. */
export function optionHere(need: Need, seenGpus: number, asked: Asked): OptionResult {
  const part = partOf(need.spec.key, null, asked.mig);
  if (part === null) return { option: null, reason: `the GPU table has no ${need.spec.key}` };
  const devices = { ...part, count: asked.gpus ?? need.gpus.length };
  return {
    option: {
      provider: null,
      type: null,
      gpuKey: need.spec.key,
      devices,
      machineGpus: seenGpus,
      rate: null,
      pricedShare: { numerator: 1, denominator: 1 },
      basis: 'machine',
      assessment: assess(need, devices, asked.dtype),
      host: { vcpus: null, memoryGib: null, verdict: 'not-compared' },
      notes: [],
    },
  };
}

export function optionsOfMachine(
  need: Need,
  found: FoundMachine,
  asked: Asked,
  book: PriceBook,
): readonly OptionResult[] {
  const { card, machine } = found;
  const { gpu, gpus } = machine.facts;
  const keys = gpus === 'attached' && gpu === undefined ? [...card.accelerators.keys()] : [gpu];
  return keys.map((key) => optionOfMachine(need, found, key ?? null, asked, book));
}

function optionOfMachine(
  need: Need,
  found: FoundMachine,
  key: string | null,
  asked: Asked,
  book: PriceBook,
): OptionResult {
  const { card, machine } = found;
  const { gpus = null, share, mig: soldMig } = machine.facts;
  const name = `${card.provider}/${machine.type}`;
  if (key === null || gpus === null) {
    return { option: null, reason: `${name}: its GPUs are not on the card` };
  }
  const listed = typeof gpus === 'number' ? gpus : null;
  const part = partOf(key, share ?? null, asked.mig ?? soldMig ?? null);
  if (part === null) return { option: null, reason: `${name}: the GPU table has no ${key}` };
  const slots = asked.mig === null ? listed : listed && listed * part.most;
  const wanted = asked.gpus ?? need.gpus.length;
  if (asked.gpus !== null && slots !== null && asked.gpus > slots) {
    return { option: null, reason: `${name} has ${slots} of them, ${asked.gpus} were asked for` };
  }
  const count = Math.min(wanted, slots ?? wanted);
  const devices = { spec: part.spec, isPart: part.isPart, count };
  const held = listed ?? Math.ceil(asked.mig === null ? count : count / part.most);
  const { rate, reason } = rateFor(found, key, held, asked, book);
  const isSliced = asked.mig !== null;
  const pricedShare = isSliced
    ? { numerator: count, denominator: held * part.most }
    : { numerator: 1, denominator: 1 };
  const host = hostFitOf(need.host, hostOf(machine.facts, pricedShare));
  return {
    option: {
      provider: card.provider,
      type: machine.type,
      gpuKey: key,
      devices,
      machineGpus: listed,
      rate,
      pricedShare,
      basis: isSliced ? 'gpus-at-work' : 'machine',
      assessment: onHost(host, assess(need, devices, asked.dtype)),
      host,
      notes: [
        ...(gpus === 'attached' ? [attachedNote(card.provider)] : []),
        ...(isSliced ? [migNote(part.most, need.gpus.length)] : []),
        ...(reason === null ? [] : [reason]),
        ...(rate?.purchase === 'spot' ? [spotNote] : []),
        ...(!isSliced && listed !== null && count < listed
          ? [
              `The work would use ${count} of its ${listed} GPUs, and the price is that of the whole machine.`,
            ]
          : []),
      ],
    },
  };
}

/** What of the host comes with the price; how much of it goes with one of any number of GPUs is not said. */
function hostOf(
  { gpus, vcpus, memory_gib: memoryGib }: FoundMachine['machine']['facts'],
  { numerator, denominator }: WhatifOption['pricedShare'],
): Pick<HostFit, 'vcpus' | 'memoryGib'> {
  const part = (value: number | undefined): number | null =>
    gpus === 'any' || value === undefined ? null : (value * numerator) / denominator;
  return { vcpus: part(vcpus), memoryGib: part(memoryGib) };
}

/** On a host with less than was used the work is slower, by how much at most nothing tells. */
function onHost({ verdict }: HostFit, assessment: Assessment): Assessment {
  const { slowdown } = assessment;
  if (verdict !== 'too-small' || slowdown === null) return assessment;
  return { ...assessment, slowdown: { low: slowdown.low, high: null } };
}

function attachedNote(provider: string): string {
  return `${provider}: machine and GPUs are sold apart and their prices added; which counts go together is up to the provider and not on the card.`;
}

const spotNote =
  'Spot: the price alone is compared. The machine can be taken away at any time (notice: 2 min on AWS, 30 s on Google Cloud and Azure), its price moves, and work since the last checkpoint is done again.';

function migNote(most: number, gpusAtWork: number): string {
  const atWork = gpusAtWork === 1 ? 'the GPU' : `the ${gpusAtWork} GPUs`;
  return `MIG: counted is 1/${most} of a GPU for each slice, ${most === 1 ? 'so all of it' : `as if others paid for the rest; a slice alone costs the whole GPU, ${most} times as much`}. Compared with it is the price of ${atWork} at work here, not that of the whole machine.`;
}

function partOf(key: string, share: string | null, mig: string | null): GpuPart | null {
  const spec = gpuByKey(key);
  const entry = builtInGpus().gpus[key];
  if (spec === null || entry === undefined) return null;
  if (mig !== null) return migPart(spec, entry, mig);
  return share === null ? { spec, most: 1, isPart: false } : sharedPart(spec, share);
}

function rateFor(
  { card, machine }: FoundMachine,
  key: string,
  gpus: number,
  { purchase }: Asked,
  { cards, region, discounts, exchange, nowMs }: PriceBook,
): { readonly rate: MachineRate | null; readonly reason: string | null } {
  const { vcpus = null, memory_gib: memoryGib = null } = machine.facts;
  // A region's name is its provider's: where this one does not have it, its usual one is meant.
  const isSold = machine.prices.some((price) => price.region === region);
  const resolution = resolveRate(cards, {
    provider: card.provider,
    type: machine.type,
    region: isSold ? region : null,
    purchase,
    visibleGpus: [{ key, count: gpus }],
    vcpus,
    memoryGib,
    atMs: nowMs,
    nowMs,
  });
  if (resolution.rate === null) return { rate: null, reason: resolution.reason };
  return { rate: adjustRate(resolution.rate, discounts, exchange), reason: null };
}
