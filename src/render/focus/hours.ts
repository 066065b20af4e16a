import type { Report, ReportMachine } from '../../report/report.ts';
import type { State } from '../../usage/states.ts';

type Amounts = Readonly<Record<State, number>>;

/** One machine over at most a clock hour: its GPUs together, the hidden ones as unobserved. */
export interface MachineHour {
  readonly machine: ReportMachine;
  readonly gpuModels: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Hours of the machine, what the billing increment added included. */
  readonly machineHours: number;
  readonly gpuHours: Amounts;
  readonly effectiveLowGpuHours: number;
  readonly effectiveHighGpuHours: number;
  readonly billedGpuHours: number;
  /** Micros of the rate's currency, by state; they add up to what the machine billed. */
  readonly micros: Readonly<Record<State, bigint>>;
}

/** The report's GPU hours added up by machine and clock hour, in order of machines and time. */
export function machineHours(report: Report): MachineHour[] {
  return report.machines.flatMap((machine) => {
    const gpus = report.gpus.filter((gpu) => gpu.machine === machine.id);
    const ids = new Set(gpus.map(({ id }) => id));
    const names = gpus.map(({ name }) => name ?? 'unknown');
    const gpuModels = [...new Set(names)].join(', ');
    const periods = report.periods.filter(({ gpu }) => ids.has(gpu));
    const starts = new Map<number, Report['periods'][number][]>();
    for (const period of periods) {
      const hour = hourOf(period.start);
      starts.set(hour, [...(starts.get(hour) ?? []), period]);
    }
    return [...starts.entries()]
      .sort(([a], [b]) => a - b)
      .map(([hour, parts]) => {
        const hidden = (machine.hiddenGpus.periods ?? []).filter(
          ({ start }) => hourOf(start) === hour,
        );
        const hiddenOf = (state: State, rounding: number, whole: number): number =>
          state === 'rounding' ? rounding : state === 'unobserved' ? whole - rounding : 0;
        const billed = sum(parts.map(({ gpuHours }) => gpuHours.billed));
        return {
          machine,
          gpuModels,
          startMs: Math.min(...parts.map(({ start }) => Date.parse(start))),
          endMs: Math.max(...parts.map(({ end }) => Date.parse(end))),
          machineHours: billed / new Set(parts.map(({ gpu }) => gpu)).size,
          billedGpuHours: billed + sum(hidden.map(({ gpuHours }) => gpuHours)),
          effectiveLowGpuHours: sum(parts.map(({ gpuHours }) => gpuHours.effective.low)),
          effectiveHighGpuHours: sum(parts.map(({ gpuHours }) => gpuHours.effective.high)),
          gpuHours: byState(
            (state) =>
              sum(parts.map(({ gpuHours }) => gpuHours.byState[state])) +
              sum(hidden.map((h) => hiddenOf(state, h.roundingGpuHours, h.gpuHours))),
          ),
          micros: byState((state) =>
            BigInt(
              sum(parts.map(({ cost }) => microsOf(cost?.byState[state] ?? 0))) +
                sum(
                  hidden.map((h) =>
                    hiddenOf(state, microsOf(h.roundingCost ?? 0), microsOf(h.cost ?? 0)),
                  ),
                ),
            ),
          ),
        };
      });
  });
}

function hourOf(iso: string): number {
  return Math.floor(Date.parse(iso) / 3_600_000);
}

/** The report's amounts are micros as doubles: whole again up to a billion of a currency. */
function microsOf(amount: number): number {
  return Math.round(amount * 1e6);
}

function byState<T>(value: (state: State) => T): Record<State, T> {
  return {
    effective: value('effective'),
    underfilled: value('underfilled'),
    throttled: value('throttled'),
    waiting: value('waiting'),
    heldIdle: value('heldIdle'),
    emptyIdle: value('emptyIdle'),
    unobserved: value('unobserved'),
    rounding: value('rounding'),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
