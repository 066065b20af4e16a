import type { BilledFrom } from '../bill/runs.ts';
import type { ProgressSource } from '../progress/source.ts';
import type { FocusVersion } from '../render/focus/versions.ts';
import type { Format } from '../render/formats.ts';
import type { LiveOrder } from '../render/live-order.ts';
import type { GroupBy } from '../report/groups.ts';

/** What the command line gave, parsed; a flag that was not given is left out. */
export interface PriceFlags {
  readonly machine?: string;
  readonly rates?: readonly string[];
  readonly purchase?: string;
  readonly region?: string;
  readonly network: boolean;
}

export interface OutputFlags {
  readonly format?: Format;
  readonly json?: boolean;
  readonly output?: readonly string[];
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly focusVersion?: FocusVersion;
}

export interface GateFlags {
  readonly maxWaste?: number;
  readonly minEffective?: number;
  readonly maxCost?: number;
  readonly strict?: boolean;
  readonly failOn?: readonly string[];
}

export interface ReportFlags extends PriceFlags, OutputFlags, GateFlags {
  readonly since?: number;
  readonly until?: number;
  readonly by?: GroupBy;
  readonly series?: boolean;
  readonly billedFrom?: BilledFrom;
  readonly fields?: readonly string[];
  readonly interval?: number;
  readonly gpus?: number;
  readonly timeZone?: string;
  readonly invoice?: string;
  readonly resource?: string;
}

export interface WatchFlags extends PriceFlags, OutputFlags {
  readonly sort?: LiveOrder;
  readonly idleAfter?: number;
  readonly onIdle?: string;
  readonly interval: number;
  readonly duration?: number;
  readonly gpus?: readonly string[];
  readonly billedFrom?: BilledFrom;
  readonly progress?: ProgressSource;
}
