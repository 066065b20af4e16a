import type { Holder } from './holder.ts';

/** What a GPU's time is divided by among the processes on it. */
export const splitBases = ['alone', 'smUtilization', 'memory', 'equal'] as const;

export type SplitBasis = (typeof splitBases)[number];

/** Milliseconds by basis. */
export type BasisMs = Record<SplitBasis, number>;

/** A span in which the same processes were on the GPU. */
export interface Epoch {
  startMs: number;
  endMs: number;
  /** False where the driver's pids are not ours. */
  readonly visible: boolean;
  holders: readonly Holder[];
  /**
   * The holders' parts, `partLength` numbers each: work by basis in the order of `splitBases`, then idle memory.
   * Objects in their place take four times the memory, of which a week has tens of thousands.
   */
  ms: number[];
}

export const partLength = 2 * splitBases.length;

/** A process as a list names it. */
export interface Present {
  readonly holder: Holder;
  readonly memoryMib: number | null;
}

/** SM utilization by pid, per cent. */
export type SmShares = ReadonlyMap<number, number>;

const [smAt, memoryAt, equalAt] = [1, 2, 3];

/**
 * Adds a span to the parts of those present: all of it to one process; several divide it by SM utilization where known,
 * else by memory, else equally.
 */
export function addSpan(
  ms: number[],
  present: readonly Present[],
  spanMs: number,
  shares: SmShares | null,
): void {
  const count = present.length;
  if (count === 1) {
    add(ms, 0, spanMs);
    add(ms, splitBases.length, spanMs);
    return;
  }
  let smSum = 0;
  let memorySum = 0;
  for (const { holder, memoryMib } of present) {
    smSum += shares?.get(holder.pid) ?? 0;
    memorySum += memoryMib ?? Number.NaN;
  }
  for (let i = 0; i < count; i++) {
    const process = present[i];
    if (!process) continue;
    const work = i * partLength;
    const isByMemory = memorySum > 0;
    const heldAt = isByMemory ? memoryAt : equalAt;
    const heldMs = isByMemory ? (spanMs * (process.memoryMib ?? 0)) / memorySum : spanMs / count;
    add(ms, work + splitBases.length + heldAt, heldMs);
    if (smSum > 0) {
      add(ms, work + smAt, (spanMs * (shares?.get(process.holder.pid) ?? 0)) / smSum);
    } else add(ms, work + heldAt, heldMs);
  }
}

function add(ms: number[], at: number, value: number): void {
  ms[at] = (ms[at] ?? 0) + value;
}

/** Parts of a number of holders that have nothing yet. */
export function noParts(holders: number): number[] {
  return Array.from({ length: holders * partLength }, () => 0);
}

export function basisMs(basis: SplitBasis, ms: number): BasisMs {
  return { alone: 0, smUtilization: 0, memory: 0, equal: 0, [basis]: ms };
}

export function isSameHolders(a: readonly Holder[], b: readonly Holder[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((holder, i) => holder.key === b[i]?.key);
}

/** Adds an epoch to the one before it. */
export function joinEpoch(last: Epoch, next: Epoch): void {
  last.endMs = next.endMs;
  if (isSameHolders(last.holders, next.holders)) {
    next.ms.forEach((value, i) => {
      add(last.ms, i, value);
    });
    return;
  }
  const holders = [...last.holders];
  const at = new Map(holders.map(({ key }, i) => [key, i]));
  const ms = [...last.ms];
  next.holders.forEach((holder, i) => {
    const to = at.get(holder.key) ?? holders.push(holder) - 1;
    for (let p = 0; p < partLength; p++) {
      add(ms, to * partLength + p, next.ms[i * partLength + p] ?? 0);
    }
  });
  last.holders = holders;
  last.ms = ms;
}
