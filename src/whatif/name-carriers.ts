import { microsOf, numberFromNanos } from '../bill/money.ts';
import type { MachineRate } from '../bill/rate.ts';
import { findGpu } from '../rates/gpus.ts';
import type { Evidence, Finding, Remedy } from '../rules/rule.ts';
import type { MachineUsage } from '../usage/usage.ts';
import type { HostSize } from './host-need.ts';
import { type Need, needOf } from './need.ts';
import type { PriceBook, WhatifOption } from './option.ts';
import { breakEvenOf, costOf, type Here, rankMachines } from './options.ts';

/** So many machines are named, of different GPUs. */
const mostNamed = 3;

/**
 * The findings, `oversized-gpu` with the machines of the same provider that would carry the work for less,
 * in all of their range or in a part of it. Named only where all of the machine's work is oversized and its need is known.
 */
export function nameCarriers(
  findings: readonly Finding[],
  usage: MachineUsage,
  rate: MachineRate | null,
  hostSize: HostSize | null,
  book: PriceBook,
): readonly Finding[] {
  const oversized = findings.find(({ rule }) => rule === 'oversized-gpu');
  if (oversized === undefined || rate === null) return findings;
  const working = usage.gpus.filter((gpu) => gpu.phases.length > 0);
  if (!working.every(({ identity }) => oversized.gpus.includes(identity.id))) return findings;
  const { need } = needOf({ usage, findings, hostSize }, ({ identity }) =>
    findGpu(identity.name ?? '', identity.memoryTotalMib),
  );
  if (need === null) return findings;
  const here: Here = { rate, gpus: usage.gpus.length };
  const carriers = cheaper(need, rate, book);
  const [best] = carriers;
  if (best === undefined) return findings;
  const remedy: Remedy = {
    action: `Take a cheaper machine, such as ${nameOf(best)}.`,
    detail: `${carriers.map((option) => carrierText(need, here, option)).join('; ')}. \`gpucost whatif\` has more, with sources. Try it for some minutes first.`,
  };
  const named: Finding = {
    ...oversized,
    evidence: [...oversized.evidence, ...evidenceOf(need, here, best)],
    remediation: [remedy, ...oversized.remediation],
  };
  return findings.map((finding) => (finding === oversized ? named : finding));
}

function cheaper(need: Need, rate: MachineRate, book: PriceBook): readonly WhatifOption[] {
  const { provider, purchase } = rate;
  const asked = { provider, purchase, gpus: null, mig: null, dtype: null };
  const here = microsOf(rate.perHourNanos, Math.round(need.workMs));
  const seen = new Set<string>();
  return rankMachines(need, asked, book)
    .options.filter((option) => {
      const cost = costOf(need, option);
      const { key } = option.devices.spec;
      if (option.host.verdict === 'too-small') return false;
      if (cost === null || cost.currency !== rate.currency || cost.high === null) return false;
      if (cost.low >= here) return false;
      if (option.assessment.memory.verdict !== 'fits' || seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, mostNamed);
}

function nameOf({ provider, type, devices }: WhatifOption): string {
  return `${provider}/${type} (${devices.count} × ${devices.spec.key})`;
}

function carrierText(need: Need, here: Here, option: WhatifOption): string {
  const { rate, assessment } = option;
  const { low = 1, high = null } = assessment.slowdown ?? {};
  const times = `${low.toFixed(2)} to ${(high ?? low).toFixed(2)} times as long`;
  const [part] = rate?.parts ?? [];
  const dated = part?.asOf == null ? 'price of unknown date' : `price of ${part.asOf}`;
  const perHour =
    rate === null
      ? ''
      : `, ${numberFromNanos(rate.perHourNanos)} ${rate.currency} an hour (${dated})`;
  const breakEven = breakEvenOf(need, here, option);
  const isSure = breakEven !== null && (high ?? Infinity) < breakEven;
  const less = isSure
    ? ', cheaper in all of that range'
    : `, cheaper below ${breakEven?.toFixed(2) ?? '?'} times`;
  return `${nameOf(option)}: ${times}${perHour}${less}`;
}

function evidenceOf(need: Need, here: Here, best: WhatifOption): readonly Evidence[] {
  const { slowdown } = best.assessment;
  const breakEven = breakEvenOf(need, here, best);
  if (slowdown === null || breakEven === null) return [];
  const times = (signal: string, value: number): Evidence => ({
    signal: `${best.type}: ${signal}`,
    value,
    unit: 'times',
    threshold: null,
    comparison: null,
  });
  return [
    times('time of the same work, at least', slowdown.low),
    times('time of the same work, at most', slowdown.high ?? slowdown.low),
    times('time at which it costs as much as here', breakEven),
  ];
}
