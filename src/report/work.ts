import { microsOf, numberFromMicros } from '../bill/money.ts';
import { meanPerHourNanos } from '../bill/price-periods.ts';
import type { Span } from '../usage/accounts.ts';
import type { CountedWork, Rest } from '../usage/work.ts';
import { workOf } from '../usage/work.ts';
import { hoursOf } from './amounts.ts';
import type { AuditedMachine } from './build.ts';
import type { Report, ReportCost, ReportGpuHours } from './report.ts';
import { workOnce } from './work-once.ts';

type ReportWork = NonNullable<Report['work']>;
type Counted = ReportWork['counters'][number];
type Per = Counted['secondsPer'];

/** What the run counted, with hours and money for one; the time of every machine of the report counts. */
export function toWork(
  machines: readonly AuditedMachine[],
  billed: { readonly gpuHours: ReportGpuHours; readonly cost: ReportCost | null },
): ReportWork | null {
  const work = workOf(workOnce(machines).tracks);
  if (work === null) return null;
  const { main, others, rest } = work;
  const pace = paceOf(machines, main.spans);
  const shown = toCounted(main, machines);
  return {
    ...shown,
    start: iso(Math.min(...main.spans.map((span) => span.startMs))),
    end: iso(Math.max(...main.spans.map((span) => span.endMs))),
    billedGpuHoursPer: billed.gpuHours.billed / shown.count,
    billedCostPer: billed.cost && billed.cost.billed / shown.count,
    counters: others.map((other) => toCounted(other, machines)),
    projected: rest && projectedOf(rest, main, pace, billed),
  };
}

function toCounted(work: CountedWork, machines: readonly AuditedMachine[]): Counted {
  const scale = work.unit === 'token' ? 1e6 : 1;
  const pace = paceOf(machines, work.spans);
  const { gpuHoursPerMs, costPerMs } = pace;
  return {
    unit: work.unit === 'token' ? 'million-tokens' : work.unit,
    label: work.label,
    count: work.count / scale,
    secondsPer: scaled(work.msPer, scale / 1000),
    gpuHoursPer: scaled(work.msPer, scale * gpuHoursPerMs),
    costPer: costPerMs === null ? null : scaled(work.msPer, scale * costPerMs),
  };
}

interface Pace {
  readonly gpuHoursPerMs: number;
  readonly costPerMs: number | null;
}

/** What a millisecond of some time holds and costs: the mean over the spans, of all machines that were billed then. */
function paceOf(machines: readonly AuditedMachine[], spans: readonly Span[]): Pace {
  const ms = spans.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
  const currencies = new Set(machines.map(({ rate }) => rate?.currency ?? null));
  let gpuMs = 0;
  let micros = 0n;
  for (const { usage, rate } of machines) {
    const billed = usage.runs.flatMap((run) => spans.flatMap((span) => common(run, span)));
    const billedMs = billed.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
    gpuMs += billedMs * (usage.gpus.length + usage.hiddenGpus);
    if (rate) micros += microsOf(meanPerHourNanos(rate, billed), billedMs);
  }
  const isPriced = currencies.size === 1 && !currencies.has(null);
  return {
    gpuHoursPerMs: hoursOf(gpuMs) / ms,
    costPerMs: isPriced ? numberFromMicros(micros) / ms : null,
  };
}

function common(a: Span, b: Span): Span[] {
  const startMs = Math.max(a.startMs, b.startMs);
  const endMs = Math.min(a.endMs, b.endMs);
  return startMs < endMs ? [{ startMs, endMs }] : [];
}

function projectedOf(
  rest: Rest,
  main: CountedWork,
  { gpuHoursPerMs, costPerMs }: Pace,
  { gpuHours, cost }: { readonly gpuHours: ReportGpuHours; readonly cost: ReportCost | null },
): ReportWork['projected'] {
  const lastMs = Math.max(...main.spans.map((span) => span.endMs));
  const plus = (billed: number, part: number | null): number | null =>
    part === null ? null : billed + part;
  const total = (billed: number, perMs: number): Per => ({
    estimate: billed + rest.ms.estimate * perMs,
    low: plus(billed, rest.ms.low === null ? null : rest.ms.low * perMs),
    high: plus(billed, rest.ms.high === null ? null : rest.ms.high * perMs),
  });
  return {
    unit: rest.unit === 'token' ? 'million-tokens' : rest.unit,
    count: rest.count,
    total: rest.total,
    ended: rest.hasEnded,
    end: iso(Math.round(lastMs + rest.ms.estimate)),
    gpuHours: total(gpuHours.billed, gpuHoursPerMs),
    cost: cost && costPerMs !== null ? total(cost.billed, costPerMs) : null,
  };
}

function scaled(band: CountedWork['msPer'], by: number): Per {
  return {
    estimate: band.estimate * by,
    low: band.low === null ? null : band.low * by,
    high: band.high === null ? null : band.high * by,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
