import type { State } from '../usage/states.ts';

/** What a set of GPU-time cost, by state; byState adds up to billedMicros exactly. */
export interface CostMicros {
  readonly billedMicros: bigint;
  readonly byState: Readonly<Record<State, bigint>>;
  /** The part of the busy states' money that the effective band's ends stand for. */
  readonly effectiveLowMicros: bigint;
  readonly effectiveHighMicros: bigint;
}

/** One machine's bill, apportioned machine → GPU → period → state. */
export interface MachineBill {
  readonly currency: string;
  readonly total: CostMicros;
  /** Of GPUs that could not be seen: all of it is unobserved. */
  readonly hidden: CostMicros;
  /** Of the hidden GPUs' cells, which add up to `hidden`. */
  readonly hiddenCells: readonly CostMicros[];
  /** By GpuUsage.identity.id. */
  readonly gpus: ReadonlyMap<
    string,
    { readonly total: CostMicros; readonly cells: readonly CostMicros[] }
  >;
}
