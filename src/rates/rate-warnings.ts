import type { RatePart } from '../bill/rate.ts';
import type { Machine, Price } from './card.ts';
import type { RateWarning } from './choose-price.ts';

/** A price older than this is warned of: RunPod's H100 went from 3.29 to 3.99 USD within 62 days of 2026. */
export const staleAfterDays = 90;

interface Priced {
  readonly machine: Machine;
  readonly prices: readonly Price[];
  readonly parts: readonly RatePart[];
  readonly query: {
    readonly visibleGpus?:
      | readonly { readonly key: string | null; readonly count: number }[]
      | null;
    readonly nowMs: number;
  };
}

/** What a reader of the bill must know about its prices. */
export function rateWarnings({ machine, prices, parts, query }: Priced): readonly RateWarning[] {
  return [
    ...parts.flatMap((part) => ageWarning(part, query.nowMs)),
    ...parts.flatMap(confidenceWarning),
    ...prices.flatMap(priceWarnings),
    ...gpuWarnings(machine, query.visibleGpus ?? null),
  ];
}

/** Whole days from a date to now; negative for a date in the future. */
export function ageDays(asOf: string, nowMs: number): number {
  return Math.floor((nowMs - Date.parse(`${asOf}T00:00:00Z`)) / 86_400_000);
}

function ageWarning(part: RatePart, nowMs: number): readonly RateWarning[] {
  if (part.asOf === null) {
    const message = `${part.name}: the date of the price is not known (${part.source})`;
    return [{ code: 'rate-undated', message }];
  }
  const days = ageDays(part.asOf, nowMs);
  if (days <= staleAfterDays) return [];
  const message = `${part.name}: the price is ${days} days old (${part.asOf}, ${part.source})`;
  return [{ code: 'rate-stale', message }];
}

function confidenceWarning(part: RatePart): readonly RateWarning[] {
  if (part.confidence === 'high') return [];
  const message = `${part.name}: confidence in the price is ${part.confidence} (${part.source})`;
  return [{ code: 'rate-doubtful', message }];
}

function priceWarnings(price: Price): readonly RateWarning[] {
  const { statistic, quota, own, note } = price.terms;
  const warnings: RateWarning[] = [];
  if (statistic !== undefined) {
    warnings.push({ code: 'rate-statistic', message: `the price is no list price: ${statistic}` });
  }
  if (price.discount !== null) {
    const most = Math.round(Number(price.discount.upTo) * 100);
    const message = `up to ${most} % less by the provider's automatic ${price.discount.id} discount over a whole month, which is not applied`;
    warnings.push({ code: 'rate-automatic-discount', message });
  }
  if (quota !== undefined) {
    const message = `the quota is the scarce thing: ${quota.hours} hours a ${quota.per}`;
    warnings.push({ code: 'rate-quota', message });
  }
  if (own?.energy !== undefined) {
    const message = `energy is billed beside the price an hour, by measurement: ${own.energy.per_kwh} a kWh`;
    warnings.push({ code: 'rate-energy', message });
  }
  if (note !== undefined && price.confidence !== 'high') {
    warnings.push({ code: 'rate-note', message: note });
  }
  return warnings;
}

function gpuWarnings(
  machine: Machine,
  visible: readonly { readonly key: string | null; readonly count: number }[] | null,
): readonly RateWarning[] {
  if (visible === null) return [];
  const { gpu, gpus } = machine.facts;
  const warnings: RateWarning[] = [];
  const others = visible.flatMap(({ key }) => (key === null || key === gpu ? [] : [key]));
  if (gpu !== undefined && others.length > 0) {
    const message = `${machine.type} has ${gpu}, but ${[...new Set(others)].join(', ')} is seen: is it the right machine type?`;
    warnings.push({ code: 'gpu-differs', message });
  }
  const seen = visible.reduce((sum, { count }) => sum + count, 0);
  if (typeof gpus === 'number' && seen > gpus) {
    const message = `${machine.type} has ${gpus} GPUs, but ${seen} are seen: is it the right machine type?`;
    warnings.push({ code: 'gpu-differs', message });
  }
  return warnings;
}
