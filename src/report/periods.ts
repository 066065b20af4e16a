import type { CostMicros } from '../bill/bill.ts';
import { sumOfCosts } from '../bill/cost.ts';
import { numberFromMicros } from '../bill/money.ts';
import { sumStateMs } from '../usage/accounts.ts';
import type { GpuUsage } from '../usage/usage.ts';
import { hoursOf, toCost, toGpuHours } from './amounts.ts';
import type { AuditedMachine } from './build.ts';
import type { Report, ReportHiddenPeriod } from './report.ts';

/** The clock hours of the GPUs that could not be seen, together. */
export function toHiddenPeriods({ usage, bill }: AuditedMachine): ReportHiddenPeriod[] {
  return byHour(usage.hiddenCells).map((cells) => {
    const parts = cells.flatMap((i) => usage.hiddenCells[i] ?? []);
    const total = sumStateMs(parts);
    const cost = bill && sumOfCosts(cells.flatMap((i) => bill.hiddenCells[i] ?? []));
    return {
      start: iso(Math.min(...parts.map((c) => c.startMs))),
      end: iso(Math.max(...parts.map((c) => c.endMs))),
      gpuHours: hoursOf(total.billedMs),
      roundingGpuHours: hoursOf(total.byState.rounding),
      cost: cost && numberFromMicros(cost.billedMicros),
      roundingCost: cost && numberFromMicros(cost.byState.rounding),
    };
  });
}

/** Positions of cells that lie in one clock hour, hour by hour. */
function byHour(cells: readonly { readonly startMs: number }[]): readonly (readonly number[])[] {
  const hours = new Map<number, number[]>();
  cells.forEach(({ startMs }, i) => {
    const hour = Math.floor(startMs / 3_600_000);
    const known = hours.get(hour);
    if (known) known.push(i);
    else hours.set(hour, [i]);
  });
  return [...hours.values()];
}

/** The GPU's clock hours; an hour in which several runs lie is one period. */
export function toPeriods(m: AuditedMachine, gpu: GpuUsage, id: string): Report['periods'] {
  const costs = m.bill?.gpus.get(gpu.identity.id)?.cells;
  return byHour(gpu.cells).map((cells) => {
    const parts = cells.flatMap((i) => gpu.cells[i] ?? []);
    const usage = sumStateMs(parts);
    const cost: CostMicros | null = costs ? sumOfCosts(cells.flatMap((i) => costs[i] ?? [])) : null;
    return {
      start: iso(Math.min(...parts.map((c) => c.startMs))),
      end: iso(Math.max(...parts.map((c) => c.endMs))),
      gpu: id,
      gpuHours: toGpuHours(usage, gpu.basis),
      cost: m.bill && cost ? toCost(m.bill.currency, cost, usage) : null,
    };
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
