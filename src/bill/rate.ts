/** One part of a machine's price per hour; parts add up. */
export interface RatePart {
  readonly name: string;
  readonly quantity: number;
  readonly unit: 'machine' | 'GPU' | 'vCPU' | 'GiB' | 'compute unit' | 'kWh';
  /** Price of one unit for one hour in billionths of the currency (at most 9 decimals on the card). */
  readonly perUnitHourNanos: bigint;
  /** quantity × perUnitHourNanos, exact for the card's decimals. */
  readonly perHourNanos: bigint;
  readonly asOf: string | null;
  readonly source: string;
  readonly confidence: 'high' | 'medium' | 'low' | 'none';
}

/** What one machine costs, resolved from the rate cards. */
export interface MachineRate {
  readonly provider: string;
  readonly type: string;
  readonly region: string;
  readonly purchase: string;
  readonly currency: string;
  readonly parts: readonly RatePart[];
  /** Sum of the parts, at the start of the billed time: for the whole machine, or with `allocation` for what this container or job holds. */
  readonly perHourNanos: bigint;
  /**
   * Where the price changes during the billed runs: every price that holds in them, ascending, from before the window
   * where that cut a run's head. Left out where there is one price.
   */
  readonly pricePeriods?: readonly PricePeriod[];
  readonly bills: 'machine' | 'allocation';
  /** Devices that nvidia-smi lists on the whole machine; null where any count is sold. */
  readonly gpuCount: number | null;
  /** Part of one physical GPU per device, such as "1/8"; null for whole GPUs. */
  readonly gpuShare: string | null;
  readonly gpuKey: string | null;
  readonly incrementMs: number;
  readonly minimumMs: number;
  readonly charged: 'while-allocated' | 'always';
  /** The term that was committed to, epoch milliseconds; left out for prices without one. */
  readonly commitment?: { readonly fromMs: number; readonly untilMs: number };
  /** Of a machine of your own: billed by measured energy, apart from the parts; null or left out elsewhere. */
  readonly energy?: EnergyTerms | null;
  /** What each way of ending leaves on the bill. */
  readonly ending: readonly Ending[];
  /** Things to tell the user: stale prices, doubtful sources, discounts that are not applied. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** A price and the instant (epoch milliseconds) from which it holds, until the next one. */
export interface PricePeriod {
  readonly fromMs: number;
  readonly rate: MachineRate;
}

/** What measured energy costs: (GPU watts + host watts) × pue × tariff. */
export interface EnergyTerms {
  readonly perKwhNanos: bigint;
  /** Power usage effectiveness of the room, 1 or more. */
  readonly pue: number;
  /** What the machine draws beside its GPUs while it runs. */
  readonly hostWatts: number;
}

export interface Ending {
  readonly action: string;
  readonly compute: 'ends' | 'continues';
  readonly keeps: readonly string[];
  readonly note: string | null;
}
