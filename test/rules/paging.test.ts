import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/run.ts';
import { hasShared, shared } from '../kit/shared.ts';
import { usageOfLog } from '../kit/usage-of.ts';

/** One configuration of a batch sweep on a 12 GB card: means over its run. */
interface Configuration {
  readonly name: string;
  readonly utilization: number;
  readonly memoryUtilization: number;
  readonly memoryMib: number;
  readonly watts: number;
  /** The truth: it is at most half as fast as the same job with a smaller batch. */
  readonly collapsed: boolean;
}

const idleWatts = 15.7;

function readSweep(): readonly Configuration[] {
  const path = shared('traces/mfu-sweep/mfu_aggregated_per_config_4070.csv.gz');
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const columns = head.split(',');
  const rows = lines
    .map((line) => {
      const cells = line.split(',');
      const text = (column: string) => cells[columns.indexOf(column)] ?? '';
      return { text, number: (column: string) => Number(text(column)), cells };
    })
    .filter(({ text }) => text('model_name') !== 'baseline');
  const job = (row: (typeof rows)[number]) =>
    columns
      .slice(0, columns.indexOf('tokens_per_second_mean'))
      .filter((column) => column !== 'batch_size')
      .map((column) => row.text(column))
      .join();
  return rows.map((row) => {
    const smaller = rows.filter(
      (other) => job(other) === job(row) && other.number('batch_size') < row.number('batch_size'),
    );
    const best = Math.max(0, ...smaller.map((other) => other.number('tokens_per_second_mean')));
    return {
      name: `${job(row)}, batch ${row.text('batch_size')}`,
      utilization: row.number('gpu_utilization_mean'),
      memoryUtilization: row.number('memory_utilization_mean'),
      memoryMib: row.number('memory_used_mb_mean'),
      watts: row.number('power_draw_watts_mean'),
      collapsed: row.number('tokens_per_second_mean') < best / 2,
    };
  });
}

/** A steady log of 80 s after 20 s in which the job held its memory and did nothing. */
function toLog(c: Configuration): string {
  const row = (second: number, utilization: number, memory: number, watts: number) => {
    const time = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const stamp = time.replaceAll('-', '/').replace('T', ' ').replace('Z', '');
    return `${stamp}, NVIDIA GeForce RTX 4070 Ti, ${utilization} %, ${memory} %, ${c.memoryMib.toFixed(0)} MiB, 12282 MiB, ${watts.toFixed(2)} W, 285.00 W`;
  };
  return [
    'timestamp, name, utilization.gpu [%], utilization.memory [%], memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W]',
    ...Array.from({ length: 20 }, (_, i) => row(i, 0, 0, idleWatts)),
    ...Array.from({ length: 80 }, (_, i) =>
      row(20 + i, Math.round(c.utilization), Math.round(c.memoryUtilization), c.watts),
    ),
    '',
  ].join('\n');
}

describe.skipIf(!hasShared)('a batch sweep on a card of 12 GB', () => {
  test('memory-oversubscribed is found where throughput collapsed, and nowhere else', async () => {
    const sweep = readSweep();
    const collapsed = sweep.filter((configuration) => configuration.collapsed);
    expect(collapsed).toHaveLength(8);
    const found = new Map<string, readonly string[]>();
    for (const configuration of sweep) {
      const usage = await usageOfLog(toLog(configuration));
      const { findings } = judge(
        usage,
        (gpu) => ({ spec: null, intervalMs: gpu.nominalMs }),
        {},
        rules,
      );
      found.set(
        configuration.name,
        findings.map(({ rule }) => rule),
      );
    }
    const paging = [...found].filter(([, ids]) => ids.includes('memory-oversubscribed'));
    expect(paging.map(([name]) => name).sort()).toEqual(collapsed.map(({ name }) => name).sort());
    for (const [, ids] of paging) expect(ids).toEqual(['memory-oversubscribed']);
  }, 120_000);
});
