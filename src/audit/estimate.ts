import { meanPerHourNanos } from '../bill/price-periods.ts';
import type { Estimate } from '../bill/reconcile.ts';
import type { AuditedMachine } from '../report/build.ts';

/** What an invoice is held against: one machine's bill, exact, and what tells the machine on the invoice. */
export interface MachineEstimate {
  /** The report's id of the machine. */
  readonly machine: string;
  readonly host: string | null;
  /** As it is known of the machine; not the region that a rate falls back to. */
  readonly region: string | null;
  /** From the first billed moment to the last, epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** Null without a rate. */
  readonly estimate: Estimate | null;
}

export function estimateOf({ usage, bill, rate, host, region }: AuditedMachine): MachineEstimate {
  return {
    machine: usage.id,
    host,
    region,
    startMs: Math.min(...usage.runs.map((run) => run.startMs)),
    endMs: Math.max(...usage.runs.map((run) => run.endMs)),
    estimate: rate &&
      bill && {
        currency: bill.currency,
        billedMicros: bill.total.billedMicros,
        billedMs: usage.runs.reduce((sum, run) => sum + run.billedMs, 0),
        perHourNanos: meanPerHourNanos(rate, usage.runs),
        type: rate.type,
        // Discounts of the project file are parts below zero.
        isListPrice:
          rate.purchase === 'on-demand' && rate.parts.every((part) => part.perHourNanos >= 0n),
      },
  };
}
