import type { GpuColumn } from '../../sample/columns.ts';
import { type Field, fields, headerName, maskOfFlags } from '../../sample/fields.ts';
import type { CellParser } from '../../sample/parse-value.ts';
import { type LogOnly, logFieldOf } from './log-fields.ts';
import { exampleCommand, quoted, refusal } from './refusal.ts';

/** What the row reader does with a cell. */
export const op = { skip: 0, time: 1, quantity: 2, words: 3, identity: 4 } as const;

/** How a column's value comes out of the readings of a row; NaN is missing. */
type ColumnValue = (row: Float64Array) => number;

export interface PlannedColumn {
  readonly column: GpuColumn;
  /** The reading that is the value, or -1 where `value` has to combine several. */
  readonly slot: number;
  readonly value: ColumnValue;
}

export interface IdentityCell {
  readonly kind: 'uuid' | 'pciBusId' | 'index';
  readonly cell: number;
}

/** What the cells of a row mean: made once from a header or from `--fields`. */
export interface Plan {
  readonly names: readonly string[];
  /** By cell. */
  readonly ops: readonly number[];
  readonly slots: readonly number[];
  readonly units: readonly (Uint8Array | null)[];
  readonly parsers: readonly (CellParser | null)[];
  readonly slotCount: number;
  readonly columns: readonly PlannedColumn[];
  readonly timeCell: number;
  readonly countCell: number;
  /** By preference: uuid, bus id, index. */
  readonly identities: readonly IdentityCell[];
  readonly facts: readonly { readonly field: Field; readonly cell: number }[];
  /** Names that gpucost does not know; harmless unless one was a typing error. */
  readonly unknown: readonly string[];
  readonly derivesMemory: boolean;
}

interface Placed {
  readonly field: Field;
  readonly cell: number;
  readonly byAlias: boolean;
}

/**
 * Works out what each cell means.
 * @throws UsageError where utilization.gpu is missing or two columns claim the same place
 */
export function makePlan(source: string, line: number | null, names: readonly string[]): Plan {
  const placed: Placed[] = [];
  const logOnly = new Map<LogOnly, number>();
  const unknown: string[] = [];
  names.forEach((name, cell) => {
    const meant = logFieldOf(name);
    if (meant === null) unknown.push(headerName(name));
    else if (meant.kind === 'log-only') logOnly.set(meant.name, cell);
    else placed.push({ field: meant.field, cell, byAlias: meant.byAlias });
  });
  requireUtilization(source, line, names, placed);
  refuseRivals(source, line, names, placed);

  const cells = cellTables(names.length);
  const slotOf = (field: Field, cell: number): number => {
    const known = cells.slots[cell] ?? -1;
    if (known >= 0) return known;
    cells.ops[cell] =
      field.unit === null && field.name !== 'temperature.gpu' ? op.words : op.quantity;
    cells.slots[cell] = cells.slotCount;
    cells.units[cell] = field.unit === null ? null : Buffer.from(field.unit, 'latin1');
    cells.parsers[cell] = field.parse;
    cells.slotCount += 1;
    return cells.slotCount - 1;
  };
  const columns = columnValues(placed, slotOf);
  const memory = derivedMemory(placed, logOnly, slotOf);
  if (memory !== null) columns.push(memory);

  const timeCell = placed.find(({ field }) => field.meta === 'timestamp')?.cell ?? -1;
  if (timeCell >= 0) cells.ops[timeCell] = op.time;
  return {
    ...cells,
    names: names.map(headerName),
    columns,
    timeCell,
    countCell: logOnly.get('count') ?? -1,
    identities: (['uuid', 'pciBusId', 'index'] as const).flatMap((kind) => {
      const cell = placed.find(({ field }) => (field.textFact ?? field.fact) === kind)?.cell;
      return cell === undefined ? [] : [{ kind, cell }];
    }),
    facts: placed.filter(({ field }) => field.fact !== undefined || field.textFact !== undefined),
    unknown,
    derivesMemory: memory !== null,
  };
}

function cellTables(length: number) {
  const all = <T>(value: T): T[] => Array.from({ length }, () => value);
  return {
    ops: all<number>(op.skip),
    slots: all(-1),
    units: all<Uint8Array | null>(null),
    parsers: all<CellParser | null>(null),
    slotCount: 0,
  };
}

function columnValues(
  placed: readonly Placed[],
  slotOf: (field: Field, cell: number) => number,
): PlannedColumn[] {
  const planned: PlannedColumn[] = [];
  const columns = new Set(placed.flatMap(({ field }) => field.column ?? []));
  for (const column of columns) {
    const sources = placed
      .filter(({ field }) => field.column === column)
      .sort((a, b) => a.field.rank - b.field.rank);
    const parts = fields.filter((field) => field.column === column && field.adds === true);
    if (parts.length > 0 && !parts.every((part) => sources.some((s) => s.field === part))) continue;
    const slots = sources.map(({ field, cell }) => slotOf(field, cell));
    const [slot = -1] = slots;
    const value: ColumnValue =
      parts.length > 0
        ? (row) => slots.reduce((sum, s) => sum + (row[s] ?? Number.NaN), 0)
        : (row) => slots.map((s) => row[s]).find((v) => !Number.isNaN(v)) ?? Number.NaN;
    planned.push({ column, slot: slots.length === 1 ? slot : -1, value });
  }
  const flags = placed.flatMap(({ field, cell }) =>
    field.reasonBit === undefined ? [] : { bit: field.reasonBit, slot: slotOf(field, cell) },
  );
  if (flags.length > 0 && !columns.has('eventReasons')) {
    planned.push({ column: 'eventReasons', slot: -1, value: (row) => maskOfRow(row, flags) });
  }
  return planned;
}

function maskOfRow(
  row: Float64Array,
  flags: readonly { readonly bit: number; readonly slot: number }[],
): number {
  let known = 0;
  let active = 0;
  for (const { bit, slot } of flags) {
    const value = row[slot] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    known |= bit;
    if (value === 1) active |= bit;
  }
  return maskOfFlags(active, known) ?? Number.NaN;
}

/**
 * Memory in use where the log has total, free and reserved. On drivers 590 to 610, total = used + free +
 * reserved within 2 MiB (each is rounded up). Without `reserved` nothing is derived: driver 510 on a T4 prints
 * 0 used and 14910 free of 15360 MiB, so the difference would read 450 MiB on an empty GPU.
 */
function derivedMemory(
  placed: readonly Placed[],
  logOnly: ReadonlyMap<LogOnly, number>,
  slotOf: (field: Field, cell: number) => number,
): PlannedColumn | null {
  const total = placed.find(({ field }) => field.column === 'memoryTotalMib');
  const freeCell = logOnly.get('memory.free');
  const reservedCell = logOnly.get('memory.reserved');
  const hasUsed = placed.some(({ field }) => field.column === 'memoryUsedMib');
  if (hasUsed || total === undefined || freeCell === undefined || reservedCell === undefined) {
    return null;
  }
  const totalSlot = slotOf(total.field, total.cell);
  const free = slotOf(total.field, freeCell);
  const reserved = slotOf(total.field, reservedCell);
  return {
    column: 'memoryUsedMib',
    slot: -1,
    value: (row) => {
      const used =
        (row[totalSlot] ?? Number.NaN) - (row[free] ?? Number.NaN) - (row[reserved] ?? Number.NaN);
      return used < 0 && used >= -2 ? 0 : used;
    },
  };
}

function requireUtilization(
  source: string,
  line: number | null,
  names: readonly string[],
  placed: readonly Placed[],
): void {
  if (placed.some(({ field }) => field.column === 'utilizationGpuPct')) return;
  const listed = quoted(names.map(headerName).join(', '));
  const isWide = names.filter((name) => /gpu[ _.]?\d+/i.test(name)).length > 1;
  throw refusal(
    source,
    line,
    isWide
      ? `one column for each GPU (${listed})`
      : `the columns ${listed} without utilization.gpu`,
    isWide
      ? 'one row for each GPU and time, with a utilization.gpu column'
      : 'a utilization.gpu column, without which busy and idle time cannot be told apart',
    isWide
      ? `Rewrite it as one row for each GPU, or record with: ${exampleCommand}`
      : `If a column holds it under another name, name all columns with --fields; to record a readable log: ${exampleCommand}`,
  );
}

/** Aliases of nvidia-smi's own (power.draw and its variants) rank; a home-made name beside another one is a guess. */
function refuseRivals(
  source: string,
  line: number | null,
  names: readonly string[],
  placed: readonly Placed[],
): void {
  for (const a of placed) {
    const b = placed.find((other) => other.field === a.field && other.cell !== a.cell);
    if (b === undefined || (!a.byAlias && !b.byAlias)) continue;
    throw refusal(
      source,
      line,
      `two columns that can both be ${a.field.name}: ${quoted(names[a.cell] ?? '')} and ${quoted(names[b.cell] ?? '')}`,
      'one',
      "Name the columns in order with --fields, with '-' for each that is to be left out.",
    );
  }
}
