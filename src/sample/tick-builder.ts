/** One row of a tick: the GPU's position and its readings. */
export interface TickRow {
  readonly position: number;
  readonly values: readonly (number | null)[];
}

export interface ArrivedRow extends TickRow {
  /** nvidia-smi's index: rows of one query come in its order. */
  readonly index: number | null;
  /** nvidia-smi's own time of the row. */
  readonly stampMs: number | null;
}

export interface TickBuilder {
  add(row: ArrivedRow, arrivedMs: number): void;
  /** All lines of one arrival are in: hands over what is complete. */
  settle(expectedRows: number): void;
  /** Hands over what there is, complete or not. */
  flush(): void;
}

interface PendingTick {
  readonly arrivedMs: number;
  readonly stampMs: number | null;
  readonly rows: ArrivedRow[];
}

/** Longer than any burst that a buffering pipe can hold back; beyond it the stamps' clock has stepped. */
const longestBurstMs = 10 * 60_000;

/**
 * Puts the rows of one query into one tick at the time of its arrival. Where several queries arrive at once
 * (a pipe that buffers), they are set apart by nvidia-smi's own stamps, so that no time is lost.
 */
export function tickBuilder(onTick: (t: number, rows: readonly TickRow[]) => void): TickBuilder {
  let pending: PendingTick | null = null;
  let complete: PendingTick[] = [];
  let lastT = Number.NEGATIVE_INFINITY;

  const close = (): void => {
    if (pending !== null) complete.push(pending);
    pending = null;
  };
  const handOver = (): void => {
    const ticks = complete;
    complete = [];
    const last = ticks.at(-1);
    for (const tick of ticks) {
      const t = Math.max(lastT + 1, tick.arrivedMs - delayOf(tick, last));
      lastT = t;
      onTick(t, tick.rows);
    }
  };

  return {
    add(row, arrivedMs) {
      if (pending !== null && startsNewQuery(pending.rows, row)) close();
      pending ??= { arrivedMs, stampMs: row.stampMs, rows: [] };
      pending.rows.push(row);
    },
    settle(expectedRows) {
      if (pending !== null && pending.rows.length >= expectedRows) close();
      handOver();
    },
    flush() {
      close();
      handOver();
    },
  };
}

function startsNewQuery(rows: readonly ArrivedRow[], row: ArrivedRow): boolean {
  const before = rows.at(-1);
  return (
    rows.some(({ position }) => position === row.position) ||
    (before !== undefined &&
      before.index !== null &&
      row.index !== null &&
      row.index <= before.index)
  );
}

/** How long before the last tick of the same arrival this one was taken. */
function delayOf(tick: PendingTick, last: PendingTick | undefined): number {
  if (last === undefined || last.arrivedMs !== tick.arrivedMs) return 0;
  if (last.stampMs === null || tick.stampMs === null) return 0;
  const delayMs = last.stampMs - tick.stampMs;
  return delayMs > 0 && delayMs <= longestBurstMs ? delayMs : 0;
}
