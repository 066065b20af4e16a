import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { shared } from './shared.ts';

/** One GPU of a 10 Hz DCGM trace: what nvidia-smi would have shown, and what the chip did. */
export interface LabelledGpu {
  readonly index: number;
  readonly readings: readonly {
    readonly timeMs: number;
    readonly utilizationGpuPct: number;
    readonly utilizationMemoryPct: number;
    readonly memoryUsedMib: number;
    readonly powerW: number;
    /** SM activity, or DRAM activity / 0.8 where larger; NaN where the trace has none. */
    readonly truth: number;
  }[];
}

/** Reads shared traces/h100x8-dcgm: 8 H100 with measured SM and DRAM activity. */
export function readLabelledTrace(name: 'b1' | 't2' | 'e2'): LabelledGpu[] {
  const text = gunzipSync(
    readFileSync(shared(`traces/h100x8-dcgm/${name}_telemetry.csv.gz`)),
  ).toString();
  const [head = '', ...lines] = text.trim().split('\n');
  const columns = head.split(',');
  const at = (name: string) => columns.indexOf(name);
  const gpus = new Map<number, LabelledGpu['readings'][number][]>();
  for (const line of lines) {
    const cells = line.split(',');
    const number = (column: string) => {
      const cell = cells[at(column)] ?? '';
      return cell === '' ? NaN : Number(cell);
    };
    const index = number('gpu');
    const readings = gpus.get(index) ?? [];
    gpus.set(index, readings);
    readings.push({
      timeMs: Math.round(number('timestamp') * 1_000),
      utilizationGpuPct: number('gpu_util_pct'),
      utilizationMemoryPct: number('mem_util_pct'),
      memoryUsedMib: number('mem_used_mib'),
      powerW: number('power_w'),
      truth: Math.min(1, Math.max(number('sm_active'), number('dram_active') / 0.8)),
    });
  }
  return Array.from(gpus, ([index, readings]) => ({ index, readings })).sort(
    (a, b) => a.index - b.index,
  );
}

/** The log that `nvidia-smi -l` would have written: the nearest reading to each tick, in nvidia-smi's own form. */
export function toNvidiaSmiLog(gpus: readonly LabelledGpu[], periodMs: number): string {
  const rows = [
    'timestamp, index, uuid, name, utilization.gpu [%], utilization.memory [%], memory.used [MiB], memory.total [MiB], power.draw [W], power.limit [W]',
  ];
  const start = Math.max(...gpus.map((g) => g.readings[0]?.timeMs ?? 0));
  const end = Math.min(...gpus.map((g) => g.readings.at(-1)?.timeMs ?? 0));
  for (let tick = start; tick <= end; tick += periodMs) {
    for (const gpu of gpus) {
      const r = nearest(gpu.readings, tick);
      const cell = (value: number, unit: string, digits = 0) =>
        Number.isNaN(value) ? '[N/A]' : `${value.toFixed(digits)} ${unit}`;
      rows.push(
        [
          stamp(tick),
          gpu.index,
          `GPU-00000000-0000-0000-0000-00000000000${gpu.index}`,
          'NVIDIA H100 80GB HBM3',
          cell(r.utilizationGpuPct, '%'),
          cell(r.utilizationMemoryPct, '%'),
          cell(r.memoryUsedMib, 'MiB'),
          '81559 MiB',
          cell(r.powerW, 'W', 2),
          '700.00 W',
        ].join(', '),
      );
    }
  }
  return `${rows.join('\n')}\n`;
}

function nearest(
  readings: LabelledGpu['readings'],
  timeMs: number,
): LabelledGpu['readings'][number] {
  let low = 0;
  let high = readings.length - 1;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((readings[mid]?.timeMs ?? 0) < timeMs) low = mid + 1;
    else high = mid;
  }
  const after = readings[low];
  const before = readings[low - 1] ?? after;
  if (!after || !before) throw new Error('a GPU without readings');
  return after.timeMs - timeMs < timeMs - before.timeMs ? after : before;
}

/** nvidia-smi's own form of a time: 2026/01/31 23:59:59.123, here in UTC. */
function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/-/g, '/').replace('T', ' ').replace('Z', '');
}
