import { type GpuColumn, gpuColumns } from './columns.ts';
import { type DmonColumn, dmonColumns } from './dmon.ts';

type Cells = readonly (number | null)[];

/** What else is known of a GPU at a tick, beside its row of the query. */
export interface BesideRow {
  readonly dmon: Readonly<Partial<Record<DmonColumn, number | null>>> | null;
  readonly computeProcesses: number | null;
}

/** The columns of a session's ticks, and rows in their order, whatever the query brings. */
export interface TickColumns {
  readonly columns: readonly GpuColumn[];
  /** A row's values by `from`, the query's columns, in the order of the ticks; null where the query lacks one. */
  readonly project: (from: readonly GpuColumn[], values: Cells) => Cells;
  /** A projected row with what the query can't know. */
  readonly complete: (projected: Cells, beside: BesideRow) => Cells;
}

const isDmonColumn = (column: GpuColumn): column is DmonColumn =>
  dmonColumns.some((c) => c === column);

/** The ticks' columns where the query reads `queried`: these, what dmon may bring, and the number of processes. */
export function tickColumns(queried: readonly GpuColumn[]): TickColumns {
  const columns = gpuColumns.filter(
    (c) => queried.includes(c) || isDmonColumn(c) || c === 'computeProcesses',
  );
  let projectedFrom: readonly GpuColumn[] = [];
  let projection: readonly number[] = [];
  return {
    columns,
    project(from, values) {
      // The query's columns change only when the driver rejects one.
      if (from !== projectedFrom) {
        projectedFrom = from;
        projection = columns.map((c) => from.indexOf(c));
      }
      return projection.map((i) => values[i] ?? null);
    },
    complete: (projected, { dmon, computeProcesses }) =>
      columns.map((column, i) => {
        if (isDmonColumn(column)) return dmon?.[column] ?? null;
        return column === 'computeProcesses' ? computeProcesses : (projected[i] ?? null);
      }),
  };
}
