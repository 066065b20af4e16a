import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { shared } from './shared.ts';

export type SweptCard = 'L40' | 'L4' | '4070';

interface CardFacts {
  readonly name: string;
  readonly memoryMib: number;
  readonly limitW: number;
}

export const sweptCards: Readonly<Record<SweptCard, CardFacts>> = {
  L40: { name: 'NVIDIA L40', memoryMib: 46_068, limitW: 300 },
  L4: { name: 'NVIDIA L4', memoryMib: 23_034, limitW: 72 },
  4070: { name: 'NVIDIA GeForce RTX 4070 Ti', memoryMib: 12_282, limitW: 285 },
};

/** One configuration of a batch sweep: means over its run, and what it measured. */
export interface Configuration {
  readonly card: SweptCard;
  /** All that the job was told but the batch size. */
  readonly job: string;
  readonly model: string;
  readonly dtype: string;
  /** Tokens of a sequence and of the context. */
  readonly context: string;
  readonly batch: number;
  readonly utilization: number;
  readonly memoryUtilization: number;
  readonly memoryMib: number;
  readonly watts: number;
  /** The card's power with nothing on it. */
  readonly idleWatts: number;
  readonly tokensPerS: number;
  /** The truth of paging: it is at most half as fast as the same job with a smaller batch. */
  readonly collapsed: boolean;
}

/** Reads shared traces/mfu-sweep: throughput by model, number format and batch size, measured on three cards. */
export function readSweep(card: SweptCard): readonly Configuration[] {
  const path = shared(`traces/mfu-sweep/mfu_aggregated_per_config_${card}.csv.gz`);
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const columns = head.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    const text = (column: string) => cells[columns.indexOf(column)] ?? '';
    return { text, number: (column: string) => Number(text(column)) };
  });
  const baseline = rows.find(({ text }) => text('model_name') === 'baseline');
  const told = columns
    .slice(0, columns.indexOf('tokens_per_second_mean'))
    .filter((column) => column !== 'batch_size');
  const job = (row: (typeof rows)[number]) => told.map((column) => row.text(column)).join();
  const jobs = rows
    .filter(({ text }) => text('model_name') !== 'baseline')
    .map((row) => ({
      card,
      job: job(row),
      model: row.text('model_name'),
      dtype: row.text('dtype'),
      context: `${row.text('sequence_length')}/${row.text('context_window')}`,
      batch: row.number('batch_size'),
      utilization: row.number('gpu_utilization_mean'),
      memoryUtilization: row.number('memory_utilization_mean'),
      memoryMib: row.number('memory_used_mb_mean'),
      watts: row.number('power_draw_watts_mean'),
      idleWatts: baseline?.number('power_draw_watts_mean') ?? Number.NaN,
      tokensPerS: row.number('tokens_per_second_mean'),
    }));
  return jobs.map((configuration) => {
    const smaller = jobs.filter(
      (other) => other.job === configuration.job && other.batch < configuration.batch,
    );
    const best = Math.max(0, ...smaller.map(({ tokensPerS }) => tokensPerS));
    return { ...configuration, collapsed: configuration.tokensPerS < best / 2 };
  });
}

/** A steady log of 80 s after 20 s in which the job held its memory and did nothing, in nvidia-smi's own form. */
export function toSteadyLog(c: Configuration): string {
  const card = sweptCards[c.card];
  const row = (second: number, utilization: number, memory: number, watts: number) => {
    const time = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const stamp = time.replaceAll('-', '/').replace('T', ' ').replace('Z', '');
    const held = `${c.memoryMib.toFixed(0)} MiB, ${card.memoryMib} MiB`;
    return `${stamp}, ${card.name}, ${utilization} %, ${memory} %, ${held}, ${watts.toFixed(2)} W, ${card.limitW.toFixed(2)} W`;
  };
  return [
    'timestamp, name, utilization.gpu [%], utilization.memory [%], memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W]',
    ...Array.from({ length: 20 }, (_, i) => row(i, 0, 0, c.idleWatts)),
    ...Array.from({ length: 80 }, (_, i) =>
      row(20 + i, Math.round(c.utilization), Math.round(c.memoryUtilization), c.watts),
    ),
    '',
  ].join('\n');
}
