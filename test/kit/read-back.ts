import type { Recording, RecordingItem } from '../../src/store/recording.ts';

/** A recording's readings as plain data that tests compare; a missing reading is left out. */
export interface ReadBack {
  /** By series, then by time and order: the values by column. */
  readonly readings: ReadonlyMap<string, readonly (readonly [number, Record<string, number>])[]>;
  readonly items: readonly RecordingItem[];
  readonly endMs: number | null;
}

/** Reads all of a recording. */
export async function readBack(recording: Recording): Promise<ReadBack> {
  const readings = new Map<string, (readonly [number, Record<string, number>])[]>();
  const items: RecordingItem[] = [];
  let endMs: number | null = null;
  for await (const item of recording.items()) {
    items.push(item);
    if (item.kind === 'end') endMs = item.timeMs;
    if (item.kind !== 'samples' && item.kind !== 'host' && item.kind !== 'job') continue;
    const key = seriesName(item);
    const list = readings.get(key) ?? [];
    readings.set(key, list);
    const { block } = item;
    for (let i = 0; i < block.length; i++) {
      const values: Record<string, number> = {};
      for (const [name, column] of Object.entries(block.columns)) {
        const value = column[i] ?? Number.NaN;
        if (!Number.isNaN(value)) values[name] = value;
      }
      list.push([block.timeMs[i] ?? Number.NaN, values]);
    }
  }
  return { readings, items, endMs };
}

function seriesName(item: RecordingItem & { kind: 'samples' | 'host' | 'job' }): string {
  if (item.kind === 'samples') return `gpu ${item.block.gpu}`;
  return item.kind === 'host' ? 'host' : `job ${item.pid} ${item.name} ${item.gpus.join(',')}`;
}
