import { describe, expect, it } from 'vitest';
import type { LogOptions } from '../../../src/store/log/options.ts';
import { matching } from '../../kit/matching.ts';
import { readLog } from '../../kit/read-log.ts';

// Made-up logs of three GPUs without an identity: GPU k is always at k × 10 percent.
const header = 'timestamp, utilization.gpu [%]\n';
const t0 = Date.UTC(2026, 0, 31, 10);
const stamp = (ms: number): string =>
  new Date(t0 + ms).toISOString().replaceAll('-', '/').replace('T', ' ').slice(0, -1);
const row = (reading: number, gpu: number): string =>
  `${stamp(reading * 1000 + gpu * 5)}, ${gpu * 10} %\n`;
const reading = (n: number): string => row(n, 0) + row(n, 1) + row(n, 2);
const readings = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => reading(from + i)).join('');

async function busyByGpu(content: string, options: LogOptions) {
  const log = await readLog(content, options);
  return new Map(
    [...log.samples].map(([gpu, rows]) => [
      gpu,
      { rows: rows.length, values: [...new Set(rows.map((r) => r.values.utilizationGpuPct))] },
    ]),
  );
}

const three = (rows: number) =>
  new Map([
    ['test.csv#0', { rows, values: [0] }],
    ['test.csv#1', { rows, values: [10] }],
    ['test.csv#2', { rows, values: [20] }],
  ]);

describe('rows of several GPUs without an identity', () => {
  it('are refused, naming what is missing', async () => {
    const error = await readLog(header + readings(0, 20)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'UsageError',
      message:
        'test.csv: found rows of 3 GPUs in turn, and no column that says which row is whose; expected an index or uuid column',
      hint: matching('--gpus 3'),
    });
  });

  it('are refused by equal times', async () => {
    const same = `${header}${stamp(0)}, 1 %\n${stamp(0)}, 2 %\n`;
    await expect(readLog(same)).rejects.toThrow(/rows of 2 GPUs in turn/);
  });

  it('are refused where the memory of the card changes', async () => {
    const content =
      'timestamp, utilization.gpu [%], memory.total [MiB]\n' +
      `${stamp(0)}, 1 %, 81559 MiB\n${stamp(900)}, 2 %, 24564 MiB\n`;
    await expect(readLog(content)).rejects.toThrow(
      /:3: found memory.total of 24564 MiB after 81559/,
    );
    expect((await readLog(content, { gpuCount: 1 })).samples.size).toBe(1);
  });

  it('cannot be on a machine that counts one GPU', async () => {
    const content = (count: number): string =>
      `timestamp, count, utilization.gpu [%]\n${stamp(0)}, ${count}, 1 %\n${stamp(0)}, ${count}, 2 %\n`;
    await expect(readLog(content(4))).rejects.toThrow(/rows of 2 GPUs in turn/);
    expect((await readLog(content(1))).samples.size).toBe(1);
  });

  it('are divided with --gpus', async () => {
    expect(await busyByGpu(header + readings(0, 20), { gpuCount: 3 })).toEqual(three(20));
  });

  it('are read as one GPU where the user says so', async () => {
    const log = await readLog(header + readings(0, 20), { gpuCount: 1 });
    expect(log.samples.get('test.csv#0')).toHaveLength(60);
  });

  it.each([2, 4])('are refused with --gpus %i', async (gpuCount) => {
    await expect(readLog(header + readings(0, 20), { gpuCount })).rejects.toThrow(
      new RegExp(`groups of 3 by time; expected groups of ${gpuCount}`),
    );
  });

  it('start over at a header', async () => {
    const cut = row(20, 0) + header + readings(21, 30);
    const found = await busyByGpu(header + readings(0, 20) + cut, { gpuCount: 3 });
    expect(found.get('test.csv#0')).toEqual({ rows: 30, values: [0] });
    expect(found.get('test.csv#1')).toEqual({ rows: 29, values: [10] });
    expect(found.get('test.csv#2')).toEqual({ rows: 29, values: [20] });
  });

  it('are left out after a failed row until the next reading', async () => {
    const broken = `${row(20, 0)}Unable to determine the device handle\n${row(20, 2)}`;
    const content = header + readings(0, 20) + broken + readings(21, 30);
    const found = await busyByGpu(content, { gpuCount: 3 });
    expect(found.get('test.csv#0')).toEqual({ rows: 30, values: [0] });
    expect(found.get('test.csv#1')).toEqual({ rows: 29, values: [10] });
    expect(found.get('test.csv#2')).toEqual({ rows: 29, values: [20] });
  });

  it('find back into step where a row went missing without a trace', async () => {
    const content = header + readings(0, 4000) + row(4000, 0) + row(4000, 2) + readings(4001, 4500);
    const log = await readLog(content, { gpuCount: 3 });
    const wrong = [...log.samples].flatMap(([gpu, rows]) =>
      rows.filter((r) => r.values.utilizationGpuPct !== Number(gpu.at(-1)) * 10),
    );
    // Noticed after two readings that begin in the middle.
    expect(wrong.length).toBeLessThanOrEqual(6);
    expect(log.warnings).toMatchObject([{ code: 'order-lost' }]);
  });

  it('that begin in the middle of a long log are refused, too', async () => {
    const one = Array.from({ length: 20_000 }, (_, i) => row(i, 0)).join('');
    await expect(readLog(header + one + readings(20_000, 23_000))).rejects.toThrow(
      /rows of 3 GPUs in turn/,
    );
  });

  it('are divided without times by --interval', async () => {
    const log = await readLog('utilization.gpu [%]\n0 %\n10 %\n20 %\n0 %\n10 %\n20 %\n', {
      gpuCount: 3,
      intervalMs: 1000,
    });
    expect([...log.samples].map(([gpu, rows]) => [gpu, rows.map((r) => r.timeMs)])).toEqual([
      ['test.csv#0', [1000, 2000]],
      ['test.csv#1', [1000, 2000]],
      ['test.csv#2', [1000, 2000]],
    ]);
  });
});
