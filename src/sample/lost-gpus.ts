/** Which GPUs have stopped answering while others go on. */
export interface LostGpus {
  /** The GPU gave a row; true if it was lost before. */
  seen(position: number, t: number): boolean;
  /** The GPU said that it is lost; true if that is new. */
  mark(position: number): boolean;
  /** GPUs that are newly silent for too long at a tick at `t`. */
  overdue(t: number): readonly number[];
  /** Nobody answered for a while: start counting anew. */
  restart(t: number): void;
  count(): number;
}

/** A GPU is lost when its gap begins: the longest time that a sample may own. */
export function longestSampleMs(intervalMs: number): number {
  return Math.max(2.5 * intervalMs, intervalMs + 3000);
}

export function lostGpus(intervalMs: number): LostGpus {
  const lastSeen = new Map<number, number>();
  const lost = new Set<number>();
  return {
    seen(position, t) {
      lastSeen.set(position, t);
      return lost.delete(position);
    },
    mark(position) {
      if (lost.has(position)) return false;
      lost.add(position);
      return true;
    },
    overdue(t) {
      const late = [...lastSeen]
        .filter(([position, seen]) => !lost.has(position) && t - seen > longestSampleMs(intervalMs))
        .map(([position]) => position);
      for (const position of late) lost.add(position);
      return late;
    },
    restart(t) {
      for (const [position, seen] of lastSeen) lastSeen.set(position, Math.max(seen, t));
    },
    count: () => lost.size,
  };
}
