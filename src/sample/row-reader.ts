import { type GpuColumn, type GpuIdentity, gpuColumns } from './columns.ts';
import {
  fieldOfHeader,
  headerName,
  maskOfFlags,
  type NumericFact,
  type TextFact,
} from './fields.ts';
import { parseText, saysGpuLost } from './parse-value.ts';
import type { QueriedField } from './supported-fields.ts';
import { parseTimestamp } from './timestamp.ts';

/** One row of `--query-gpu`: one GPU at one instant. */
export interface GpuRow {
  readonly uuid: string;
  readonly index: number | null;
  /** nvidia-smi's own time of the row, local time read as UTC: good for differences only. */
  readonly stampMs: number | null;
  /** In the order of the reader's columns; null is a missing reading. */
  readonly values: (number | null)[];
  /** Equal as long as the GPU's facts are equal. */
  readonly factsKey: string;
  readonly cells: readonly string[];
}

export type RowResult =
  | { readonly kind: 'row'; readonly row: GpuRow }
  /** The GPU answers only that it is lost or needs a reset. */
  | { readonly kind: 'lost'; readonly index: number | null; readonly words: string }
  | { readonly kind: 'header' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RowReader {
  readonly columns: readonly GpuColumn[];
  read(line: string): RowResult;
  identity(row: GpuRow): GpuIdentity;
  driver(row: GpuRow): string | null;
}

/** A cell that is neither a value nor a known absence. */
export type OddCell = (field: string, cell: string) => void;

/** GPU UUIDs as NVML prints them; anything else in that cell is a torn row or an error. */
const uuidForm = /^(GPU|MIG)-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** Facts whose change is worth a new GPU list; limits and links may move all the time. */
const lastingFacts: ReadonlySet<NumericFact | TextFact | undefined> = new Set([
  'index',
  'uuid',
  'name',
  'pciBusId',
  'memoryTotalMib',
  'persistenceMode',
  'displayActive',
  'migMode',
] as const);

/** Reads the rows of one query; `queried` names its columns in order. */
export function rowReader(queried: readonly QueriedField[], onOddCell: OddCell): RowReader {
  const fed = new Set(queried.map(({ field }) => field.column));
  const hasFlags = queried.some(({ field }) => field.reasonBit !== undefined);
  const columns = gpuColumns.filter((c) => fed.has(c) || (c === 'eventReasons' && hasFlags));
  const reasonAt = columns.indexOf('eventReasons');
  const at = (fact: NumericFact | TextFact): number =>
    queried.findIndex(({ field }) => (field.fact ?? field.textFact) === fact);
  const metaAt = (meta: 'timestamp' | 'driver'): number =>
    queried.findIndex(({ field }) => field.meta === meta);
  const uuidAt = at('uuid');
  const indexAt = at('index');
  const stampAt = metaAt('timestamp');
  const driverAt = metaAt('driver');
  const lasting = queried.flatMap(({ field }, i) =>
    lastingFacts.has(field.fact) || lastingFacts.has(field.textFact) ? [i] : [],
  );
  // Lower ranks first: a later field fills only what is still missing.
  const readings = queried
    .map(({ field, name }, cell) => ({ field, name, cell }))
    .filter(({ field }) => field.column !== undefined)
    .sort((a, b) => a.field.rank - b.field.rank)
    .map((r) => ({
      ...r,
      at: columns.findIndex((c) => c === r.field.column),
      adds: r.field.adds === true,
    }));
  const flags = queried.flatMap(({ field, name }, cell) =>
    field.reasonBit === undefined ? [] : [{ field, name, cell, bit: field.reasonBit }],
  );
  const factCells = queried
    .flatMap(({ field: { fact, rank } }, cell) =>
      fact === undefined ? [] : [{ fact, rank, cell }],
    )
    .sort((a, b) => a.rank - b.rank);
  const addends = new Map<number, number>();
  for (const r of readings) if (r.adds) addends.set(r.at, (addends.get(r.at) ?? 0) + 1);

  const number = (cells: readonly string[], cell: number): number | null => {
    const asked = queried[cell];
    const text = cells[cell];
    if (asked === undefined || text === undefined) return null;
    return readCell(asked, text);
  };
  const readCell = (asked: QueriedField, text: string): number | null => {
    const value = asked.field.parse(text);
    if (value !== undefined) return value;
    onOddCell(asked.name, text);
    return null;
  };

  const readValues = (cells: readonly string[]): (number | null)[] => {
    const values: (number | null)[] = columns.map(() => null);
    const missing = new Map(addends);
    for (const { field, name, cell, at: position, adds } of readings) {
      if (!adds && values[position] !== null) continue;
      const value = readCell({ field, name }, cells[cell] ?? '');
      if (value === null) continue;
      if (adds) missing.set(position, (missing.get(position) ?? 0) - 1);
      values[position] = adds ? (values[position] ?? 0) + value : value;
    }
    for (const [position, left] of missing) if (left > 0) values[position] = null;
    if (reasonAt >= 0 && values[reasonAt] === null && flags.length > 0) {
      values[reasonAt] = readFlags(cells);
    }
    return values;
  };

  const readFlags = (cells: readonly string[]): number | null => {
    let active = 0;
    let known = 0;
    for (const { cell, bit } of flags) {
      const value = number(cells, cell);
      if (value === null) continue;
      known |= bit;
      if (value === 1) active |= bit;
    }
    return maskOfFlags(active, known);
  };

  return {
    columns,
    read(line) {
      const cells = line.split(',');
      if (cells.length !== queried.length) {
        return {
          kind: 'failed',
          reason: `a row with ${cells.length} columns, expected ${queried.length}: ${excerpt(line)}`,
        };
      }
      for (let i = 0; i < cells.length; i++) cells[i] = (cells[i] ?? '').trim();
      const uuid = cells[uuidAt] ?? '';
      if (cells.some(saysGpuLost)) {
        return {
          kind: 'lost',
          index: number(cells, indexAt),
          words: cells.find(saysGpuLost) ?? '',
        };
      }
      if (!uuidForm.test(uuid)) {
        if (isHeader(cells, queried)) return { kind: 'header' };
        return { kind: 'failed', reason: `a row without a GPU's UUID: ${excerpt(line)}` };
      }
      return {
        kind: 'row',
        row: {
          uuid,
          index: number(cells, indexAt),
          stampMs: stampAt < 0 ? null : parseTimestamp(cells[stampAt] ?? ''),
          values: readValues(cells),
          factsKey: lasting.map((i) => cells[i]).join(','),
          cells,
        },
      };
    },
    identity({ cells, uuid, index }) {
      const fact = (name: NumericFact): number | null => {
        for (const { cell } of factCells.filter((f) => f.fact === name)) {
          const value = number(cells, cell);
          if (value !== null) return value;
        }
        return null;
      };
      const flag = (name: NumericFact): boolean | null => {
        const value = fact(name);
        return value === null ? null : value === 1;
      };
      const words = (name: TextFact): string | null => {
        const cell = cells[at(name)];
        return cell === undefined ? null : parseText(cell);
      };
      return {
        id: uuid,
        uuid,
        index,
        name: words('name'),
        pciBusId: words('pciBusId'),
        memoryTotalMib: fact('memoryTotalMib'),
        powerLimitW: fact('powerLimitW'),
        clockSmMaxMhz: fact('clockSmMaxMhz'),
        clockMemoryMaxMhz: fact('clockMemoryMaxMhz'),
        pcieLinkGenMax: fact('pcieLinkGenMax'),
        pcieLinkWidthMax: fact('pcieLinkWidthMax'),
        persistenceMode: flag('persistenceMode'),
        displayActive: flag('displayActive'),
        migMode: flag('migMode'),
      };
    },
    driver: ({ cells }) => (driverAt < 0 ? null : parseText(cells[driverAt] ?? '')),
  };
}

/** The header must name exactly what was asked, in that order. */
function isHeader(cells: readonly string[], queried: readonly QueriedField[]): boolean {
  return cells.every((cell, i) => {
    const asked = queried[i];
    return (
      asked !== undefined &&
      (headerName(cell) === asked.name || fieldOfHeader(cell) === asked.field)
    );
  });
}

/** Enough of a line to recognise it in a message. */
export function excerpt(line: string): string {
  const text = line.trim();
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
