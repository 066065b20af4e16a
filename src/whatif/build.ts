import { microsOf, numberFromMicros, numberFromNanos } from '../bill/money.ts';
import type { MachineRate } from '../bill/rate.ts';
import { findGpu } from '../rates/gpus.ts';
import type { AuditedMachine } from '../report/build.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { memoryReserve } from './assess.ts';
import { type Need, needOf } from './need.ts';
import { optionHere, optionsOf, type PriceBook, type WhatifOption } from './option.ts';
import {
  breakEvenOf,
  type CostRange,
  costHere,
  costOf,
  type Here,
  type Ranking,
  rankMachines,
  type Search,
} from './options.ts';
import type { Whatif, WhatifMachine, WhatifOptionEntry } from './schema.ts';

export interface WhatifQuestion extends Search {
  /** `[provider/]type` of another machine; null for the same one, or for all of the cards where nothing else is asked. */
  readonly machine: string | null;
}

const hourMs = 3_600_000;

/**
 * What other machines would make of the recorded work of each machine.
 * Throws UsageError for a machine type or MIG profile that does not exist.
 */
export function buildWhatif(
  machines: readonly AuditedMachine[],
  question: WhatifQuestion,
  book: PriceBook,
  facts: { readonly version: string; readonly warnings: Whatif['warnings'] },
): Whatif {
  const { machine, mig, gpus, purchase, dtype, provider } = question;
  return {
    schema: 'gpucost.whatif/1',
    tool: { name: 'gpucost', version: facts.version },
    generatedAt: new Date(book.nowMs).toISOString(),
    asked: { machine, mig, gpus, purchase, dtype, provider },
    machines: machines.map((one) => machineEntry(one, question, book)),
    // What report says of a missing type names report's flag; the machine's notes name ours.
    warnings: facts.warnings.filter(({ code }) => code !== 'no-rate'),
  };
}

function machineEntry(m: AuditedMachine, question: WhatifQuestion, book: PriceBook): WhatifMachine {
  const { need, refused } = needOf(m, specOf);
  const current = currentOf(m, need);
  const base = { id: m.usage.id, host: m.host, current, refused };
  if (need === null) return { ...base, work: null, options: [], leftOut: null, notes: [] };
  const found = optionsFor(need, m, question, book);
  return {
    ...base,
    work: workOf(need, m.rate),
    options: found.options.map((option) => optionEntry(need, hereOf(m), option)),
    leftOut: found.leftOut,
    notes: [...need.notes, ...hostNotes(need), ...found.notes, ...withoutRate(m)],
  };
}

function hostNotes({ host }: Need): readonly string[] {
  const unknown = [
    ...(host.cores === null ? ['CPU'] : []),
    ...(host.memoryGib === null ? ['RAM'] : []),
  ];
  if (unknown.length === 0) return [];
  return [
    `${unknown.join(' and ')} not compared: what the work used of them was not recorded (sessions of \`gpucost watch\` hold it). See that the machine has enough.`,
  ];
}

function withoutRate({ rate, type }: AuditedMachine): readonly string[] {
  if (rate !== null) return [];
  return [
    type === null
      ? 'What the work costs here is not known: name the machine that was recorded with --current provider/type.'
      : `What the work costs here is not known: there is no price for ${type}.`,
  ];
}

function optionsFor(
  need: Need,
  m: AuditedMachine,
  question: WhatifQuestion,
  book: PriceBook,
): { options: Ranking['options']; leftOut: Ranking['leftOut'] | null; notes: readonly string[] } {
  const { machine, gpus, mig, purchase } = question;
  const isSameMachine = machine === null && (gpus !== null || mig !== null || purchase !== null);
  if (machine === null && !isSameMachine) {
    return { ...rankMachines(need, question, book), notes: [] };
  }
  const type = machine ?? (m.rate === null ? null : `${m.rate.provider}/${m.rate.type}`);
  const results =
    type === null
      ? [optionHere(need, m.usage.gpus.length, question)]
      : optionsOf(need, type, { ...question, purchase: purchase ?? sameTerms(m, machine) }, book);
  const options = results.flatMap(({ option }) => option ?? []);
  const sameKind = options.filter(({ gpuKey }) => gpuKey === need.spec.key);
  return {
    // A machine that takes several kinds of GPUs keeps the kind that it has.
    options: machine === null && options.length > 1 ? sameKind : options,
    leftOut: null,
    notes: results.flatMap((result) => (result.option === null ? [result.reason] : [])),
  };
}

/** Another size of the same machine is bought as this one is, unless it is said otherwise. */
function sameTerms(m: AuditedMachine, machine: string | null): string | null {
  return machine === null ? (m.rate?.purchase ?? null) : null;
}

function specOf({ identity }: GpuUsage) {
  return findGpu(identity.name ?? '', identity.memoryTotalMib);
}

function currentOf(m: AuditedMachine, need: Need | null): WhatifMachine['current'] {
  const { rate, usage } = m;
  return {
    provider: rate?.provider ?? m.provider,
    type: rate?.type ?? m.type,
    region: rate?.region ?? m.region,
    purchase: rate?.purchase ?? m.purchase,
    gpu: need?.spec.key ?? usage.gpus[0]?.identity.name ?? null,
    gpus: usage.gpus.length,
    rate: rate && rateEntry(rate),
  };
}

function workOf(need: Need, rate: MachineRate | null): WhatifMachine['work'] {
  const stretches = need.gpus.flatMap((gpu) => gpu.stretches);
  const all = stretches.reduce((sum, { ms }) => sum + ms, 0);
  const mean = (read: (index: number) => number) =>
    stretches.reduce((sum, { ms }, i) => sum + ms * read(i), 0) / all;
  const hasLoad = stretches.every(({ demand }) => demand.load !== null);
  return {
    hours: need.workMs / hourMs,
    idleHours: need.idleMs / hourMs,
    gpusAtWork: need.gpus.length,
    busyShare: Math.min(
      1,
      mean((i) => stretches[i]?.demand.busyShare ?? 0),
    ),
    load: hasLoad
      ? Math.min(
          1,
          mean((i) => stretches[i]?.demand.load ?? 0),
        )
      : null,
    memoryPeakMib: Math.max(...need.gpus.map(({ memoryPeakMib }) => memoryPeakMib)),
    host: { cores: need.host.cores, memoryGib: need.host.memoryGib },
    cost: rate && numberFromMicros(microsOf(rate.perHourNanos, Math.round(need.workMs))),
  };
}

/** A price of an allocation is that of the GPUs that are seen; a machine's is that of all it has, seen or not. */
function hereOf({ rate, usage }: AuditedMachine): Here {
  const seen = usage.gpus.length;
  return { rate, gpus: rate?.bills === 'machine' ? (rate.gpuCount ?? seen) : seen };
}

function optionEntry(need: Need, here: Here, option: WhatifOption): WhatifOptionEntry {
  const { assessment, devices, rate } = option;
  const { memory } = assessment;
  // Work that does not fit does not run: it takes no time and costs nothing that could be compared.
  const runs = memory.verdict !== 'too-small';
  const slowdown = runs ? assessment.slowdown : null;
  const cost = runs ? costOf(need, option) : null;
  const workHours = need.workMs / hourMs;
  return {
    provider: option.provider,
    type: option.type,
    region: rate?.region ?? null,
    purchase: rate?.purchase ?? null,
    gpu: devices.spec.key,
    gpusUsed: devices.count,
    machineGpus: option.machineGpus,
    memory: {
      verdict: memory.verdict,
      neededMib: { ...memory.neededMib },
      deviceMib: memory.deviceMib,
      reserveShare: memoryReserve,
    },
    host: { ...option.host },
    slowdown: slowdown && { low: slowdown.low, high: slowdown.high },
    ratios: assessment.ratios.map((ratio) => ({ ...ratio })),
    hours: slowdown && {
      low: workHours * slowdown.low,
      high: slowdown.high === null ? null : workHours * slowdown.high,
    },
    cost: cost && {
      low: numberFromMicros(cost.low),
      high: cost.high === null ? null : numberFromMicros(cost.high),
      currency: cost.currency,
    },
    basis: option.basis,
    cheaper: runs ? cheaperOf(need, here, option, cost) : 'no',
    breakEvenSlowdown: runs ? breakEvenOf(need, here, option) : null,
    rate: rate && rateEntry(rate),
    notes: [...option.notes, ...assessment.notes],
  };
}

function cheaperOf(
  need: Need,
  here: Here,
  { basis }: WhatifOption,
  cost: CostRange | null,
): WhatifOptionEntry['cheaper'] {
  const same = costHere(need, here, basis);
  if (same === null || cost === null || here.rate?.currency !== cost.currency) return null;
  if (cost.high !== null && cost.high < same) return 'yes';
  return cost.low < same ? 'maybe' : 'no';
}

const confidences = ['none', 'low', 'medium', 'high'] as const;

function rateEntry(rate: MachineRate): NonNullable<WhatifOptionEntry['rate']> {
  const dates = rate.parts.map(({ asOf }) => asOf);
  const known = dates.flatMap((date) => date ?? []).toSorted();
  return {
    currency: rate.currency,
    perHour: numberFromNanos(rate.perHourNanos),
    asOf: known.length < dates.length ? null : (known[0] ?? null),
    source: [...new Set(rate.parts.map(({ source }) => source))].join('; '),
    confidence:
      confidences.find((level) => rate.parts.some(({ confidence }) => confidence === level)) ??
      'none',
  };
}
