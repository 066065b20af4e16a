import type { BillableMachine } from '../../src/bill/machine-bill.ts';
import { nanosFromDecimal } from '../../src/bill/money.ts';
import type { MachineRate } from '../../src/bill/rate.ts';
import type { State } from '../../src/usage/states.ts';
import type { Cell, Run } from '../../src/usage/usage.ts';

/** Epoch milliseconds of a time of day ("10:00:45") on the day that the tests use. */
export function at(time: string): number {
  return Date.parse(`2026-11-23T${time}Z`);
}

const states0: Readonly<Record<State, number>> = {
  effective: 0,
  underfilled: 0,
  throttled: 0,
  waiting: 0,
  heldIdle: 0,
  emptyIdle: 0,
  unobserved: 0,
  rounding: 0,
};

/** A cell; the effective band is the estimate unless given. */
export function aCell(
  startMs: number,
  endMs: number,
  byState: Partial<Record<State, number>>,
  band: { readonly low?: number; readonly high?: number } = {},
): Cell {
  const full = { ...states0, ...byState };
  return {
    startMs,
    endMs,
    billedMs: endMs - startMs + full.rounding,
    byState: full,
    unobservedBy: {
      beforeFirstSample: 0,
      gap: full.unobserved,
      hiddenGpus: 0,
      driver: 0,
      notReported: 0,
      machineOff: 0,
    },
    busyMs: full.effective + full.underfilled + full.throttled,
    effectiveLowMs: band.low ?? full.effective,
    effectiveHighMs: band.high ?? full.effective,
  };
}

export function aRun(startMs: number, endMs: number, more: Partial<Run> = {}): Run {
  return {
    startMs,
    fullStartMs: startMs,
    endMs,
    startedBy: 'launch',
    billedMs: endMs - startMs,
    ...more,
  };
}

export function aMachine(
  runs: readonly Run[],
  gpus: Readonly<Record<string, readonly Cell[]>>,
  hiddenGpus = 0,
): BillableMachine {
  return {
    runs,
    gpus: Object.entries(gpus).map(([id, cells]) => ({ identity: { id }, cells })),
    hiddenGpus,
  };
}

/** A rate of one part; `parts` sets several, whose prices add up. */
export function aRate(
  perHour: string | readonly string[],
  more: Partial<MachineRate> = {},
): MachineRate {
  const prices = (typeof perHour === 'string' ? [perHour] : perHour).map((price) => {
    const nanos = nanosFromDecimal(price);
    if (nanos === null) throw new Error(`not a price: ${price}`);
    return nanos;
  });
  return {
    provider: 'aws',
    type: 'test.large',
    region: 'us-east-1',
    purchase: 'on-demand',
    currency: 'USD',
    parts: prices.map((perHourNanos) => ({
      name: 'machine',
      quantity: 1,
      unit: 'machine' as const,
      perUnitHourNanos: perHourNanos,
      perHourNanos,
      asOf: '2026-07-20',
      source: 'made up for tests',
      confidence: 'high' as const,
    })),
    perHourNanos: prices.reduce((sum, nanos) => sum + nanos, 0n),
    bills: 'machine',
    gpuCount: null,
    gpuShare: null,
    gpuKey: null,
    incrementMs: 1000,
    minimumMs: 60_000,
    charged: 'while-allocated',
    ending: [],
    warnings: [],
    ...more,
  };
}
