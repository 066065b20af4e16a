import { decimalFromNanos } from '../../bill/money.ts';

/** One price that an import found. */
export interface PriceRow {
  readonly type: string;
  readonly region: string;
  readonly purchase: string;
  readonly part: 'per_hour' | 'per_gpu_hour' | 'per_vcpu_hour' | 'per_gib_hour';
  /** Plain decimal of at most 9 places. */
  readonly price: string;
  /** The day on which the price held, where the source says. */
  readonly asOf: string | null;
  /** Why it is doubtful; null where it is not. */
  readonly doubt: string | null;
}

/** What a source says of a machine beside its prices; unknown is null. */
export interface MachineFacts {
  readonly gpu: string | null;
  readonly gpus: number | 'any' | 'attached' | null;
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
}

/** What a format's reader found, before it becomes a card. */
export interface Imported {
  readonly provider: string;
  readonly currency: string;
  readonly rows: readonly PriceRow[];
  readonly facts: ReadonlyMap<string, MachineFacts>;
  /** Prices of GPUs that are attached to hosts, by GPU key. */
  readonly accelerators: readonly PriceRow[];
}

/** A price as plain text of at most 9 places, rounded half up; null for what is no plain number. */
export function plainPrice(text: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,30}))?$/.exec(text.trim());
  if (match === null) return null;
  const places = (match[2] ?? '').padEnd(10, '0');
  const nanos = BigInt(`${match[1]}${places.slice(0, 9)}`);
  return decimalFromNanos(nanos + ((places[9] ?? '0') >= '5' ? 1n : 0n));
}

/** A number of a cell such as `8`, `8.0` or `''`; null where there is none. */
export function cellNumber(text: string): number | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
