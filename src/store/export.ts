import {
  type GpuColumn,
  type GpuIdentity,
  gpuColumns,
  type SampleBlock,
} from '../sample/columns.ts';
import type { Recording, RecordingItem, SignalBlock } from './recording.ts';

export type ExportFormat = 'csv' | 'jsonl';

/** About so much text is handed over at a time. */
const pieceLength = 64 * 1024;

/**
 * A recording as text, piece by piece. `csv`: one row for each sample of a GPU, ordered by time within a segment;
 * an empty cell is a missing reading. `jsonl`: one object for each sample, host and job reading, process list and event.
 */
export async function* exportRecording(
  recording: Recording,
  format: ExportFormat,
): AsyncGenerator<string> {
  const rows = newRowMaker(format);
  let piece = format === 'csv' ? `${csvHeader}\n` : '';
  for await (const item of recording.items()) {
    for (const row of rows.add(item)) {
      piece += `${row}\n`;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
  }
  for (const row of rows.finish()) piece += `${row}\n`;
  yield piece;
}

const csvHeader = ['time', 'gpu', 'uuid', 'name', ...gpuColumns].join(',');

interface RowMaker {
  add(item: RecordingItem): Iterable<string>;
  finish(): Iterable<string>;
}

/** Blocks come GPU by GPU; readers of a table expect time to go on, so one block of each GPU is held and merged. */
function newRowMaker(format: ExportFormat): RowMaker {
  let gpus = new Map<string, GpuIdentity>();
  let held = new Map<string, SampleBlock>();

  function* release(): Generator<string> {
    const blocks = [...held.values()];
    held = new Map();
    const next = blocks.map(() => 0);
    for (;;) {
      let at = -1;
      for (let b = 0; b < blocks.length; b++) {
        const t = timeAt(blocks[b], next[b]);
        if (t !== null && (at < 0 || t < (timeAt(blocks[at], next[at]) ?? t))) at = b;
      }
      const block = blocks[at];
      const i = next[at];
      if (!block || i === undefined) return;
      next[at] = i + 1;
      yield sampleRow(format, block, i, gpus.get(block.gpu) ?? null);
    }
  }

  function* add(item: RecordingItem): Generator<string> {
    if (item.kind === 'samples') {
      if (held.has(item.block.gpu)) yield* release();
      held.set(item.block.gpu, item.block);
      return;
    }
    yield* release();
    if (item.kind === 'gpus') gpus = new Map(item.gpus.map((gpu) => [gpu.id, gpu]));
    if (format === 'jsonl') yield* otherRows(item);
  }

  return { add, finish: release };
}

function timeAt(block: SampleBlock | undefined, i: number | undefined): number | null {
  if (!block || i === undefined || i >= block.length) return null;
  return block.timeMs[i] ?? null;
}

function sampleRow(
  format: ExportFormat,
  block: SampleBlock,
  i: number,
  gpu: GpuIdentity | null,
): string {
  const time = isoTime(block.timeMs[i]);
  if (format === 'csv') {
    const facts = [gpu?.index ?? '', gpu?.uuid ?? '', gpu?.name ?? ''].map(csvCell);
    let row = `${time},${facts.join(',')}`;
    for (const name of gpuColumns) row += `,${valueAt(block.columns, name, i) ?? ''}`;
    return row;
  }
  const values: Partial<Record<GpuColumn, number | null>> = {};
  for (const name of gpuColumns) values[name] = valueAt(block.columns, name, i);
  const { index = null, uuid = null, name = null } = gpu ?? {};
  return JSON.stringify({ kind: 'sample', time, gpu: index, uuid, name, ...values });
}

function* otherRows(item: RecordingItem): Generator<string> {
  switch (item.kind) {
    case 'host':
      yield* signalRows({ kind: 'host' }, item.block);
      return;
    case 'job':
      yield* signalRows(
        { kind: 'job', pid: item.pid, name: item.name, gpus: item.gpus },
        item.block,
      );
      return;
    case 'processes': {
      const { timeMs, visible, processes } = item;
      yield JSON.stringify({ kind: 'processes', time: isoTime(timeMs), visible, processes });
      return;
    }
    case 'waits': {
      const { timeMs, ...waits } = item;
      const { kind, ...waited } = waits;
      yield JSON.stringify({ kind, time: isoTime(timeMs), ...waited });
      return;
    }
    case 'shares': {
      const rows = item.rows.map(([gpu, pid, smPct]) => ({ gpu, pid, smPct }));
      yield JSON.stringify({ kind: 'shares', time: isoTime(item.timeMs), rows });
      return;
    }
    case 'event': {
      const { t, code, message } = item.event;
      yield JSON.stringify({ kind: 'event', time: isoTime(t), code, message });
      return;
    }
    case 'progress': {
      const { t, unit, label, count, total, done } = item.reading;
      yield JSON.stringify({ kind: 'progress', time: isoTime(t), unit, label, count, total, done });
      return;
    }
    case 'gpus':
    case 'samples':
    case 'warning':
    case 'end':
      return;
  }
}

function* signalRows(what: object, block: SignalBlock<string>): Generator<string> {
  for (let i = 0; i < block.length; i++) {
    const values: Record<string, number | null> = {};
    for (const name of Object.keys(block.columns)) values[name] = valueAt(block.columns, name, i);
    yield JSON.stringify({ ...what, time: isoTime(block.timeMs[i]), ...values });
  }
}

function valueAt(
  columns: Readonly<Partial<Record<string, Float64Array>>>,
  name: string,
  i: number,
): number | null {
  const value = columns[name]?.[i] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}

function isoTime(timeMs: number | undefined): string {
  return new Date(timeMs ?? Number.NaN).toISOString();
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
