import type { SeriesKey } from './block.ts';
import { type Fields, isFields } from './fields-check.ts';
import type { ReadHeader } from './header.ts';
import { isPositions, isReadings, timeOf } from './line-check.ts';
import { type Columns, newSeries, type Series } from './series.ts';

/** Gathers tick, host and job lines into series, for blocks to be made of. */
export interface Gathering {
  /** Takes a tick, host or job line; false where it is not what its kind says. */
  add(line: Fields, gpuCount: number): boolean;
  /** Readings in the longest series. */
  readonly longest: number;
  /** Hands over what was gathered, host and jobs first: about a moment they must be known before its samples. */
  take(): readonly { readonly key: SeriesKey; readonly taken: Columns }[];
}

export function newGathering(header: ReadHeader): Gathering {
  let host: Series | null = null;
  let jobs = new Map<string, { key: SeriesKey; series: Series }>();
  let gpus = new Map<number, Series>();
  let longest = 0;

  const addTick = (t: number, rows: unknown, gpuCount: number): boolean => {
    if (!Array.isArray(rows)) return false;
    // All rows or none: a line that is wrong anywhere is a failed reading.
    for (const row of rows) {
      if (!isReadings(row) || row.length !== header.columns.length + 1) return false;
      const gpu = row[0];
      if (!Number.isInteger(gpu) || typeof gpu !== 'number' || gpu < 0 || gpu >= gpuCount)
        return false;
    }
    for (const row of rows) {
      if (!isReadings(row)) return false;
      const gpu = row[0] ?? 0;
      let series = gpus.get(gpu);
      if (!series) {
        series = newSeries(header.columns);
        gpus.set(gpu, series);
      }
      series.add(t, row, 1);
      longest = Math.max(longest, series.length);
    }
    return true;
  };

  const addHost = (t: number, values: unknown): boolean => {
    if (!isReadings(values) || values.length !== header.hostColumns.length) return false;
    host ??= newSeries(header.hostColumns);
    host.add(t, values, 0);
    longest = Math.max(longest, host.length);
    return true;
  };

  const addJob = (t: number, line: Fields, gpuCount: number): boolean => {
    const { pid, name, gpus: positions, values } = line;
    if (typeof pid !== 'number' || typeof name !== 'string' || !isPositions(positions))
      return false;
    if (!isReadings(values) || values.length !== header.jobColumns.length) return false;
    if (positions.some((position) => position >= gpuCount)) return false;
    const id = `${pid} ${positions.join(',')} ${name}`;
    let job = jobs.get(id);
    if (!job) {
      job = {
        key: { series: 'job', pid, name, gpus: positions },
        series: newSeries(header.jobColumns),
      };
      jobs.set(id, job);
    }
    job.series.add(t, values, 0);
    longest = Math.max(longest, job.series.length);
    return true;
  };

  return {
    add(line, gpuCount) {
      const t = timeOf(line);
      if (t === null) return false;
      if (line['kind'] === 'tick') return addTick(t, line['rows'], gpuCount);
      if (line['kind'] === 'host') return addHost(t, line['values']);
      return isFields(line) && addJob(t, line, gpuCount);
    },
    get longest() {
      return longest;
    },
    take() {
      const taken = [
        ...(host ? [{ key: { series: 'host' } as const, taken: host.take() }] : []),
        ...[...jobs.values()].map(({ key, series }) => ({ key, taken: series.take() })),
        ...[...gpus].map(([gpu, series]) => ({
          key: { series: 'gpu', gpu } as const,
          taken: series.take(),
        })),
      ];
      host = null;
      jobs = new Map();
      gpus = new Map();
      longest = 0;
      return taken;
    },
  };
}
