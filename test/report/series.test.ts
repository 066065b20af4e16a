import { describe, expect, it } from 'vitest';
import { toSeries } from '../../src/report/series.ts';
import type { Windows } from '../../src/usage/usage.ts';

/** Windows of 5 s at these numbers on the grid; utilization is the number, all of it held idle. */
function windowsAt(numbers: readonly number[]): Windows {
  const ms = (value: number) => new Uint32Array(numbers.length).fill(value);
  const unknown = () => new Float32Array(numbers.length).fill(NaN);
  return {
    windowMs: 5000,
    length: numbers.length,
    startMs: Float64Array.from(numbers, (n) => n * 5000),
    observedMs: ms(5000),
    busyMs: ms(1000),
    waitingMs: ms(500),
    heldMs: ms(3500),
    emptyMs: ms(0),
    effectiveMs: ms(600),
    effectiveLowMs: ms(500),
    effectiveHighMs: ms(1000),
    throttledMs: ms(100),
    utilizationPct: Float32Array.from(numbers, (n) => n % 100),
    utilizationMemoryPct: unknown(),
    powerW: Float32Array.from(numbers, () => 300),
    load: unknown(),
    memoryUsedMib: unknown(),
    clockSmMhz: unknown(),
    pcieMibPerS: unknown(),
    smActivityShare: unknown(),
    dramActivityShare: unknown(),
    tensorActivityShare: unknown(),
    linkLowMs: null,
  };
}

const upTo = (length: number) => Array.from({ length }, (_, i) => i);

describe('toSeries', () => {
  it('keeps windows as they are while they are few', () => {
    const series = toSeries('g1', windowsAt([0, 1, 7]));
    expect(series).toMatchObject({ gpu: 'g1', windowMs: 5000, start: [0, 5000, 35_000] });
    expect(series.utilizationPctMax).toEqual([0, 1, 7]);
    expect(series.load).toEqual([null, null, null]);
    expect(series.stateMs).toEqual({
      effective: [600, 600, 600],
      underfilled: [300, 300, 300],
      throttled: [100, 100, 100],
      waiting: [500, 500, 500],
      heldIdle: [3500, 3500, 3500],
      emptyIdle: [0, 0, 0],
    });
  });

  it('joins many by lowest, highest and sum', () => {
    const series = toSeries('g1', windowsAt(upTo(8000)));
    expect(series.windowMs).toBe(10_000);
    expect(series.start).toHaveLength(4000);
    expect(series.utilizationPctMin.slice(0, 3)).toEqual([0, 2, 4]);
    expect(series.utilizationPctMax.slice(0, 3)).toEqual([1, 3, 5]);
    expect(series.stateMs.heldIdle[0]).toBe(7000);
  });

  it('reaches over no gap that is longer than a point', () => {
    const numbers = [...upTo(3999), ...upTo(4001).map((i) => i + 100_000)];
    const { start, windowMs, stateMs } = toSeries('g1', windowsAt(numbers));
    expect(windowMs).toBe(20_000);
    start.forEach((at, i) => {
      const next = start[i + 1];
      if (next !== undefined) expect(next - at).toBeGreaterThanOrEqual(windowMs);
      const sum = Object.values(stateMs).reduce((total, ms) => total + (ms[i] ?? 0), 0);
      expect(sum).toBeLessThanOrEqual(windowMs);
    });
    expect(start.filter((at) => at > 19_996_000 && at < 500_000_000)).toEqual([]);
  });

  it('of nothing is empty', () => {
    expect(toSeries('g1', windowsAt([])).start).toEqual([]);
  });
});
