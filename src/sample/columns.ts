/**
 * The readings of one GPU at one instant that a session can hold, in the order in which they are stored.
 * Pct is 0–100 as nvidia-smi prints it, Share is 0–1; a reading that is not there is null (NaN in blocks), never 0.
 */
export const gpuColumns = [
  'utilizationGpuPct',
  'utilizationMemoryPct',
  'memoryUsedMib',
  'memoryTotalMib',
  'powerDrawW',
  /** The limit that the driver enforces, else the requested one. */
  'powerLimitW',
  'clockSmMhz',
  'clockMemoryMhz',
  'temperatureC',
  /** P-state number: 0 is the fastest. */
  'pstate',
  'pcieLinkGen',
  'pcieLinkWidth',
  /** Bit mask of clocks_event_reasons.active (NVML nvmlClocksEventReasons), see event-reasons.ts. */
  'eventReasons',
  /** Cumulative microseconds, sum of hw_thermal, sw_thermal and hw_power_brake slowdown counters. */
  'slowdownCounterUs',
  /** Cumulative microseconds of the ordinary power cap (sw_power_cap). */
  'powerCapCounterUs',
  /** Cumulative uncorrected ECC errors since the driver was loaded. */
  'eccUncorrected',
  /** PCIe throughput seen by the GPU, from dmon -s t. */
  'pcieRxMibPerS',
  'pcieTxMibPerS',
  /** GPM (Hopper and later), from dmon --gpm-metrics. */
  'smActivityShare',
  'smOccupancyShare',
  'tensorActivityShare',
  'dramActivityShare',
  /** Number of compute processes on this GPU; null where they are not visible. */
  'computeProcesses',
] as const;

export type GpuColumn = (typeof gpuColumns)[number];

/** What does not change while a GPU is watched; null where the driver does not say. */
export interface GpuIdentity {
  /** Stable key: the UUID, or where a log has none `<source>#<index>`. */
  readonly id: string;
  readonly uuid: string | null;
  readonly index: number | null;
  readonly name: string | null;
  readonly pciBusId: string | null;
  readonly memoryTotalMib: number | null;
  readonly powerLimitW: number | null;
  readonly clockSmMaxMhz: number | null;
  readonly clockMemoryMaxMhz: number | null;
  readonly pcieLinkGenMax: number | null;
  readonly pcieLinkWidthMax: number | null;
  readonly persistenceMode: boolean | null;
  readonly displayActive: boolean | null;
  readonly migMode: boolean | null;
}

/**
 * Samples of one GPU as columns, in the order in which they were taken.
 * A column that is left out was never reported; NaN is a missing reading. Only the first `length` entries count.
 */
export interface SampleBlock {
  readonly gpu: string;
  readonly length: number;
  /** Integer epoch milliseconds, UTC. */
  readonly timeMs: Float64Array;
  readonly columns: Readonly<Partial<Record<GpuColumn, Float64Array>>>;
}
