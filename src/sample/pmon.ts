import { count } from './parse-value.ts';

/** SM utilization of one process on one GPU; null where pmon printed none. */
export interface PmonRow {
  readonly index: number;
  readonly pid: number;
  readonly smPct: number | null;
}

export interface PmonReader {
  /** One process, or null for headers, idle GPUs, errors and anything else. */
  read(line: string): PmonRow | null;
}

/** Reads `pmon`'s scrolling table by its first header line; the last column, a name, may hold blanks. */
export function pmonReader(): PmonReader {
  let names: readonly string[] = [];
  return {
    read(line) {
      const words = line.trim().split(/\s+/);
      if (words[0]?.startsWith('#') === true) {
        const header = line.replace('#', ' ').trim().split(/\s+/);
        if (header[0]?.toLowerCase() === 'gpu') names = header;
        return null;
      }
      const index = count(words[0] ?? '');
      const pid = count(words[names.indexOf('pid')] ?? '');
      const sm = count(words[names.indexOf('sm')] ?? '');
      if (typeof index !== 'number' || typeof pid !== 'number' || words.length < names.length) {
        return null;
      }
      return { index, pid, smPct: typeof sm === 'number' && sm >= 0 ? Math.min(100, sm) : null };
    },
  };
}
