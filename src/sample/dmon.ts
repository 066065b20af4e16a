import type { GpuColumn } from './columns.ts';
import { count } from './parse-value.ts';

/** Columns that `nvidia-smi dmon` feeds. */
export const dmonColumns = [
  'pcieRxMibPerS',
  'pcieTxMibPerS',
  'smActivityShare',
  'smOccupancyShare',
  'tensorActivityShare',
  'dramActivityShare',
] as const satisfies readonly GpuColumn[];

export type DmonColumn = (typeof dmonColumns)[number];

export const gpmColumns: readonly DmonColumn[] = dmonColumns.slice(2);

/**
 * dmon's column names (driver 555 and later): `rxpci`/`txpci` from -s t, the rest from
 * --gpm-metrics=2,3,5,10 (nvml.h, nvmlGpmMetricId_t: SM activity, SM occupancy, any tensor, DRAM bandwidth).
 */
const columnOfName: Readonly<Record<string, DmonColumn>> = {
  rxpci: 'pcieRxMibPerS',
  txpci: 'pcieTxMibPerS',
  smutil: 'smActivityShare',
  smocc: 'smOccupancyShare',
  mmaact: 'tensorActivityShare',
  dram: 'dramActivityShare',
};

export interface DmonRow {
  readonly index: number;
  readonly values: Readonly<Partial<Record<DmonColumn, number | null>>>;
}

export interface DmonReader {
  /** The readings of one GPU, or null for headers, errors and anything else. */
  read(line: string): DmonRow | null;
}

/** Reads `dmon`'s scrolling table by its two header lines, which come again every few rows. */
export function dmonReader(): DmonReader {
  let names: readonly string[] = [];
  let units: readonly string[] = [];
  return {
    read(line) {
      const words = line.trim().split(/\s+/);
      if (words[0]?.startsWith('#') === true) {
        const [first = '', ...rest] = words;
        const header = first === '#' ? rest : [first.slice(1), ...rest];
        if (header[0]?.toLowerCase() === 'gpu') names = header;
        else units = header;
        return null;
      }
      const index = count(words[0] ?? '');
      if (typeof index !== 'number' || names.length === 0 || words.length !== names.length) {
        return null;
      }
      const values: Partial<Record<DmonColumn, number | null>> = {};
      names.forEach((name, i) => {
        const column = columnOfName[name];
        if (column !== undefined) values[column] = reading(column, words[i] ?? '', units[i] ?? '');
      });
      return { index, values };
    },
  };
}

/** GPM prints whole percents; up to 129 % was seen under MIG (NVIDIA/DCGM#152), so a share is cut at 1. */
function reading(column: DmonColumn, word: string, unit: string): number | null {
  const value = count(word);
  if (typeof value !== 'number') return null;
  if (!gpmColumns.includes(column)) return value;
  return unit.endsWith('%') && value >= 0 ? Math.min(1, value / 100) : null;
}
