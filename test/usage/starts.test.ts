import { describe, expect, it } from 'vitest';
import { segmentTime } from '../../src/usage/segments.ts';
import type { GpuUsage } from '../../src/usage/usage.ts';
import { identityOf, type Reading, recordingOf, tenOClock } from '../kit/samples.ts';
import { usageOf } from '../kit/usage-of.ts';

type Part = readonly [minutes: number, utilizationPct: number, memoryMib: number];

function readingsOf(parts: readonly Part[]): Reading[] {
  let timeMs = tenOClock;
  return parts.flatMap(([minutes, utilizationGpuPct, memoryUsedMib]) =>
    Array.from({ length: minutes * 60 }, () => {
      timeMs += 1_000;
      return { timeMs, utilizationGpuPct, memoryUsedMib, powerDrawW: 100 + 6 * utilizationGpuPct };
    }),
  );
}

async function gpuOf(parts: readonly Part[], facts: object = {}): Promise<GpuUsage> {
  const recording = recordingOf(new Map([[identityOf(), readingsOf(parts)]]), {
    startedAt: tenOClock,
    ...facts,
  });
  const [gpu] = (await usageOf([recording])).gpus;
  if (!gpu) throw new Error('no GPU');
  return gpu;
}

const minutesOf = ({ starts }: GpuUsage) =>
  starts.map(({ startMs, endMs, by }) => [
    by,
    (startMs - tenOClock) / 60_000,
    (endMs - tenOClock) / 60_000,
  ]);

const shapeOf = (gpu: GpuUsage) =>
  segmentTime(gpu, gpu.cells).segments.map(({ kind, startMs, endMs }) => [
    kind,
    Math.round((endMs - startMs) / 6_000) / 10,
  ]);

describe('findStarts', () => {
  it('goes from the first memory held to the first steady minute', async () => {
    const gpu = await gpuOf([
      [10, 0, 0],
      [6, 0, 8_000],
      [30, 95, 40_000],
      [10, 0, 0],
    ]);
    expect(minutesOf(gpu)).toEqual([['process', 10, 16]]);
    expect(shapeOf(gpu)).toEqual([
      ['emptyIdle', 10],
      ['startUp', 6],
      ['active', 30],
      ['emptyIdle', 10],
    ]);
  });

  it('counts trial steps and a light first level as part of the start', async () => {
    const gpu = await gpuOf([
      [10, 0, 0],
      [2, 0, 8_000],
      [0.5, 95, 8_000],
      [2, 0, 8_000],
      [10, 6, 20_000],
      [60, 95, 40_000],
    ]);
    expect(minutesOf(gpu)).toEqual([['process', 10, 24.5]]);
  });

  it('begins with a wrapped command, whoever holds the GPU', async () => {
    const gpu = await gpuOf(
      [
        [8, 0, 0],
        [30, 95, 40_000],
      ],
      { wrapsCommand: true },
    );
    expect(minutesOf(gpu)).toEqual([['command', 0, 8]]);
  });

  it('knows none where its beginning was not seen, or where it follows work', async () => {
    const gpu = await gpuOf([
      [10, 0, 8_000],
      [30, 95, 40_000],
      [20, 0, 8_000],
      [30, 95, 40_000],
    ]);
    expect(minutesOf(gpu)).toEqual([]);
  });
});

describe('segmentTime', () => {
  it('names levels, pauses, idle time and the end, and adds up to what was billed', async () => {
    const gpu = await gpuOf([
      [5, 95, 40_000],
      [2, 0, 40_000],
      [20, 95, 40_000],
      [10, 40, 40_000],
      [2, 0, 40_000],
      [60, 0, 0],
    ]);
    expect(shapeOf(gpu)).toEqual([
      ['active', 5],
      ['pause', 2],
      ['active', 20],
      ['active', 10],
      ['tearDown', 2],
      ['emptyIdle', 60],
    ]);
    const { segments } = segmentTime(gpu, gpu.cells);
    expect(segments.reduce((sum, s) => sum + s.endMs - s.startMs, 0)).toBe(gpu.total.billedMs);
    expect(segments.map((s) => Math.round(s.utilizationPct ?? -1))).toEqual([95, 0, 95, 40, 0, 0]);
    expect(segments[0]?.effectiveMs).toBeGreaterThan(0);
  });

  it('names what was not observed, and clips to the time asked for', async () => {
    const before = readingsOf([[5, 95, 40_000]]);
    const after = before.map((r) => ({ ...r, timeMs: r.timeMs + 3_600_000 }));
    const recording = recordingOf(new Map([[identityOf(), [...before, ...after]]]));
    const [gpu] = (await usageOf([recording])).gpus;
    if (!gpu) throw new Error('no GPU');
    expect(shapeOf(gpu).map(([kind]) => kind)).toEqual(['active', 'unobserved', 'active']);
    const part = { startMs: tenOClock + 60_000, endMs: tenOClock + 120_000 };
    expect(segmentTime(gpu, [part]).segments).toMatchObject([{ kind: 'active', ...part }]);
  });

  it('joins the shortest where there are too many, and says below what', async () => {
    const parts = Array.from({ length: 150 }, (): readonly Part[] => [
      [1, 95, 40_000],
      [1, 0, 40_000],
    ]).flat();
    const gpu = await gpuOf([...parts, [60, 95, 40_000]]);
    const { segments, joinedBelowMs } = segmentTime(gpu, gpu.cells);
    expect(segments.length).toBeLessThanOrEqual(100);
    expect(joinedBelowMs).toBeGreaterThan(0);
    expect(segments.reduce((sum, s) => sum + s.endMs - s.startMs, 0)).toBe(gpu.total.billedMs);
  });
});
