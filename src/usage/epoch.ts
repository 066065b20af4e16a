import type { Holder } from './holder.ts';

/** What a GPU's time is divided by among the processes on it. */
export const splitBases = ['alone', 'smUtilization', 'memory', 'equal'] as const;

export type SplitBasis = (typeof splitBases)[number];

/** Milliseconds by basis. */
export type BasisMs = Record<SplitBasis, number>;

/** A holder's part of an epoch; the parts of an epoch add up to its length, for work and for idle memory apart. */
export interface HolderPart {
  readonly holder: Holder;
  readonly work: BasisMs;
  readonly held: BasisMs;
}

/** A span in which the same processes were on the GPU. */
export interface Epoch {
  startMs: number;
  endMs: number;
  /** False where the driver's pids are not ours. */
  readonly visible: boolean;
  parts: readonly HolderPart[];
}

/** A process as a list names it. */
export interface Present {
  readonly holder: Holder;
  readonly memoryMib: number | null;
}

/** SM utilization by pid, per cent. */
export type SmShares = ReadonlyMap<number, number>;

/** Divides an epoch: all of it to one process; several by SM utilization where known, else by memory, else equally. */
export function partsOf(
  present: readonly Present[],
  ms: number,
  shares: SmShares | null,
): readonly HolderPart[] {
  const [first] = present;
  if (first === undefined) return [];
  if (present.length === 1) {
    return [{ holder: first.holder, work: basisMs('alone', ms), held: basisMs('alone', ms) }];
  }
  const sm = present.map(({ holder }) => shares?.get(holder.pid) ?? 0);
  const smSum = sm.reduce((sum, value) => sum + value, 0);
  const memory = present.map(({ memoryMib }) => memoryMib ?? Number.NaN);
  const memorySum = memory.reduce((sum, value) => sum + value, 0);
  const byMemory: SplitBasis = memorySum > 0 ? 'memory' : 'equal';
  return present.map(({ holder }, i) => {
    const heldMs =
      byMemory === 'memory' ? (ms * (memory[i] ?? 0)) / memorySum : ms / present.length;
    const held = basisMs(byMemory, heldMs);
    const work = smSum > 0 ? basisMs('smUtilization', (ms * (sm[i] ?? 0)) / smSum) : { ...held };
    return { holder, work, held };
  });
}

export function basisMs(basis: SplitBasis, ms: number): BasisMs {
  return { alone: 0, smUtilization: 0, memory: 0, equal: 0, [basis]: ms };
}

export function sumOfBases(ms: BasisMs): number {
  return ms.alone + ms.smUtilization + ms.memory + ms.equal;
}

/** Adds an epoch to the one before it. */
export function joinEpoch(last: Epoch, next: Epoch): void {
  const parts = new Map<string, HolderPart>();
  for (const part of [...last.parts, ...next.parts]) {
    const before = parts.get(part.holder.key);
    parts.set(
      part.holder.key,
      before
        ? {
            holder: part.holder,
            work: added(before.work, part.work),
            held: added(before.held, part.held),
          }
        : part,
    );
  }
  last.endMs = next.endMs;
  last.parts = [...parts.values()];
}

function added(a: BasisMs, b: BasisMs): BasisMs {
  return {
    alone: a.alone + b.alone,
    smUtilization: a.smUtilization + b.smUtilization,
    memory: a.memory + b.memory,
    equal: a.equal + b.equal,
  };
}
