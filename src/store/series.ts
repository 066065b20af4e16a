/** Readings of one series as growing columns: what lines are gathered into before they become a block. */
export interface Series {
  /** Adds one reading; `valueAt` gives the value of a column, null where it is missing. */
  add(timeMs: number, values: readonly (number | null)[], offset: number): void;
  readonly length: number;
  /** Hands the columns over and starts anew; columns without any reading are left out. */
  take(): Columns;
}

export interface Columns {
  readonly length: number;
  readonly timeMs: Float64Array;
  readonly columns: Readonly<Record<string, Float64Array>>;
}

/** Makes a series of the columns named; `null` skips a column that this version does not know. */
export function newSeries(names: readonly (string | null)[]): Series {
  let capacity = 64;
  let length = 0;
  let timeMs: Float64Array = new Float64Array(capacity);
  let columns: Float64Array[] = names.map(() => new Float64Array(capacity));
  let isKnown = new Uint8Array(names.length);

  const grow = (): void => {
    capacity *= 2;
    timeMs = grown(timeMs, capacity);
    columns = columns.map((column) => grown(column, capacity));
  };

  return {
    add(time, values, offset) {
      if (length === capacity) grow();
      timeMs[length] = time;
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i];
        if (!column) continue;
        const value = values[i + offset] ?? null;
        column[length] = value ?? Number.NaN;
        if (value !== null) isKnown[i] = 1;
      }
      length++;
    },
    get length() {
      return length;
    },
    take() {
      const kept: Record<string, Float64Array> = {};
      names.forEach((name, i) => {
        const column = columns[i];
        if (name !== null && column && isKnown[i] === 1) kept[name] = column;
      });
      const taken = { length, timeMs, columns: kept };
      capacity = 64;
      length = 0;
      timeMs = new Float64Array(capacity);
      columns = names.map(() => new Float64Array(capacity));
      isKnown = new Uint8Array(names.length);
      return taken;
    },
  };
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
