import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openLogFile } from '../../src/store/log/open-log.ts';
import type { LogOptions } from '../../src/store/log/options.ts';
import { hasShared, shared } from '../kit/shared.ts';
import { usageOf } from '../kit/usage-of.ts';

interface Case {
  readonly file: string;
  readonly gpus: number;
  /** Columns of the independent reading: time, GPU (null: one GPU, or taking turns), utilization. */
  readonly time: number;
  readonly gpu: number | null;
  readonly utilization: number;
  readonly options?: LogOptions;
}

/** Written before the code ran: what is in each file, by looking at it. The rest is refused, see test/store/log. */
const cases: readonly Case[] = [
  {
    file: 'nvidia-smi/series/card11g-win-unknown-utf16.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 3,
  },
  {
    file: 'nvidia-smi/series/rtx2070-unknown-akshay1.csv',
    gpus: 1,
    time: 0,
    gpu: 1,
    utilization: 4,
  },
  {
    file: 'nvidia-smi/series/rtx2070-unknown-akshay2.csv',
    gpus: 1,
    time: 0,
    gpu: 1,
    utilization: 4,
  },
  {
    file: 'nvidia-smi/series/rtx4090-unknown-vlm.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'nvidia-smi/series/unknown-ei-falcon-7b-b.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'nvidia-smi/series/unknown-ei-falcon-7b-c.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'nvidia-smi/series/unknown-ei-llama2-13b.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'nvidia-smi/series/unknown-ei-mistral-7b.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'nvidia-smi/series/unknown-ei-falcon-40b.csv',
    gpus: 3,
    time: 0,
    gpu: null,
    utilization: 2,
    options: { gpuCount: 3 },
  },
  {
    file: 'nvidia-smi/series/unknown-ei-llama2-70b.csv',
    gpus: 4,
    time: 0,
    gpu: null,
    utilization: 2,
    options: { gpuCount: 4 },
  },
  {
    file: 'nvidia-smi/series/unknown-ei-mixtral.csv',
    gpus: 3,
    time: 0,
    gpu: null,
    utilization: 2,
    options: { gpuCount: 3 },
  },
  {
    file: 'nvidia-smi/series/unknown20g-unknown-plato-noheader.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 1,
    options: {
      fields: [
        'timestamp',
        'utilization.gpu',
        'utilization.memory',
        'memory.used',
        'memory.free',
        'temperature.gpu',
        'power.draw',
      ],
    },
  },
  {
    file: 'traces/t4-cifar-lightning/results-file.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 8,
  },
  { file: 'traces/landct-utf16/gpu_log.csv', gpus: 1, time: 0, gpu: null, utilization: 3 },
  {
    file: 'traces/nanogpt-8gpu-colocated/gpu_metrics.csv.gz',
    gpus: 8,
    time: 0,
    gpu: 1,
    utilization: 3,
  },
  { file: 'traces/rtx2070-desktop/gpu_usage.csv', gpus: 1, time: 0, gpu: 1, utilization: 4 },
  { file: 'traces/rtx2070-desktop/gpu_usage1.csv', gpus: 1, time: 0, gpu: 1, utilization: 4 },
  {
    file: 'traces/rtx4080s-gpuburn-wallmeter/gpu_log_19_12_2025.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 2,
  },
  {
    file: 'traces/t4-translation-epochs/gpu_usage.csv',
    gpus: 1,
    time: 0,
    gpu: null,
    utilization: 1,
  },
];

interface Hours {
  readonly billed: number;
  readonly busy: number;
  readonly idle: number;
  readonly unobserved: number;
}

/** Every line with a time in it, whatever else the file holds. */
function rowsOf(c: Case): { timeMs: number; gpu: string; utilization: number }[] {
  const bytes = readFileSync(shared(c.file));
  const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  const text =
    plain[0] === 0xff && plain[1] === 0xfe ? plain.toString('utf16le') : plain.toString('utf8');
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const complete = text.endsWith('\n') ? lines : lines.slice(0, -1);
  const columns = Math.max(c.time, c.utilization, c.gpu ?? 0);
  let turn = 0;
  return complete.flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const time = cells[c.time] ?? '';
    const timeMs = /^\d{9,}(\.\d+)?$/.test(time)
      ? Math.round(Number(time) * 1_000)
      : Date.parse(time.includes('T') ? time : `${time.replace(/\//g, '-').replace(' ', 'T')}Z`);
    if (Number.isNaN(timeMs) || cells.length <= columns) return [];
    const turns = c.options?.gpuCount ?? 1;
    const gpu = c.gpu === null ? String(turn++ % turns) : (cells[c.gpu] ?? '');
    return [{ timeMs, gpu, utilization: Number.parseFloat(cells[c.utilization] ?? '') }];
  });
}

/**
 * The accounts by another method than the product's: a ruler is laid over the whole time and each of its marks looks
 * for the next reading. No owned intervals, no windows, no stretches.
 */
function byRuler(c: Case): Hours {
  const rows = rowsOf(c);
  const gpus = new Map<string, typeof rows>();
  for (const row of rows) {
    const own = gpus.get(row.gpu) ?? [];
    gpus.set(row.gpu, own);
    if (row.timeMs > (own.at(-1)?.timeMs ?? -Infinity)) own.push(row);
  }
  const nominal = Math.max(
    ...Array.from(gpus.values(), (own) =>
      median(own.slice(1).map((r, i) => r.timeMs - (own[i]?.timeMs ?? 0))),
    ),
  );
  const limit = Math.max(2.5 * nominal, nominal + 3_000);
  const start = Math.min(...rows.map((r) => r.timeMs)) - nominal;
  const end = Math.max(...rows.map((r) => r.timeMs));
  const step = Math.min(nominal / 20, (end - start) / 20_000);
  const sum = { billed: 0, busy: 0, idle: 0, unobserved: 0 };
  for (const own of gpus.values()) {
    let next = 0;
    for (let mark = start + step / 2; mark < end; mark += step) {
      while (next < own.length && (own[next]?.timeMs ?? 0) < mark) next++;
      const reading = own[next];
      const previous = own[next - 1];
      const reach = previous ? limit : nominal;
      sum.billed += step;
      if (!reading || reading.timeMs - mark > reach || Number.isNaN(reading.utilization))
        sum.unobserved += step;
      else {
        const share = reading.utilization > 1 ? reading.utilization / 100 : 0;
        sum.busy += share * step;
        sum.idle += (1 - share) * step;
      }
    }
  }
  return sum;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

describe.skipIf(!hasShared)('accounts of real logs, against an independent calculation', () => {
  it.each(cases)('$file', async (c) => {
    const usage = await usageOf([await openLogFile(shared(c.file), c.options)]);
    expect(usage.gpus).toHaveLength(c.gpus);
    const sum = { billed: 0, busy: 0, idle: 0, unobserved: 0 };
    for (const { total } of usage.gpus) {
      sum.billed += total.billedMs;
      sum.busy += total.busyMs;
      sum.idle += total.byState.waiting + total.byState.heldIdle + total.byState.emptyIdle;
      sum.unobserved += total.byState.unobserved;
    }
    const ruler = byRuler(c);
    for (const key of ['billed', 'busy', 'idle', 'unobserved'] as const) {
      expect(
        Math.abs(sum[key] - ruler[key]),
        `${key}: ${sum[key]} against ${ruler[key]}`,
      ).toBeLessThanOrEqual(0.01 * ruler.billed);
      // Within 1 % of the figure itself too, where it is more than a sliver of the whole.
      if (ruler[key] > 0.02 * ruler.billed) expect(sum[key] / ruler[key], key).toBeCloseTo(1, 1.7);
    }
  });

  it('finds the 883 idle seconds at the end of t4-cifar-lightning', async () => {
    const usage = await usageOf([
      await openLogFile(shared('traces/t4-cifar-lightning/results-file.csv')),
    ]);
    const tail = usage.gpus[0]?.idleStretches.at(-1);
    expect((tail?.heldMs ?? 0) + (tail?.emptyMs ?? 0)).toBeGreaterThan(875_000);
    expect((tail?.heldMs ?? 0) + (tail?.emptyMs ?? 0)).toBeLessThan(892_000);
  });
});
