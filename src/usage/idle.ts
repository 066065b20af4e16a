import { sumSlot } from './windows.ts';

/** What an idle millisecond is, once its stretch is closed. */
export const idleClass = { empty: 0, held: 1, byMemory: 2, waiting: 3 } as const;
export type IdleClass = (typeof idleClass)[keyof typeof idleClass];

export const idleSum = [
  sumSlot.emptyMs,
  sumSlot.heldMs,
  sumSlot.byMemoryMs,
  sumSlot.waitingMs,
] as const;

/** Held or empty idle time without a break; contiguous fragments are one stretch. */
export interface IdleFragment {
  startMs: number;
  endMs: number;
  emptyMs: number;
  heldMs: number;
  byMemoryMs: number;
  /** Highest memory in use, MiB; −1 unknown. */
  memoryMib: number;
}
