import { describe, expect, it } from 'vitest';
import { tickBuilder } from '../../src/sample/tick-builder.ts';

type Seen = readonly [number, readonly number[]];

function builder(): { ticks: Seen[]; rows: ReturnType<typeof tickBuilder> } {
  const ticks: Seen[] = [];
  return { ticks, rows: tickBuilder((t, rows) => ticks.push([t, rows.map((r) => r.position)])) };
}
const row = (
  position: number,
  stampMs: number | null = null,
): {
  position: number;
  index: number;
  stampMs: number | null;
  values: readonly number[];
} => ({ position, index: position, stampMs, values: [] });

describe('rows become ticks', () => {
  it('one tick a query, at the arrival of its first row', () => {
    const { ticks, rows } = builder();
    rows.add(row(0), 1000);
    rows.settle(2);
    rows.add(row(1), 1003);
    rows.settle(2);
    expect(ticks).toEqual([[1000, [0, 1]]]);
  });

  it('a missing GPU does not hold the tick beyond the next query', () => {
    const { ticks, rows } = builder();
    rows.add(row(0), 1000);
    rows.settle(2);
    rows.add(row(0), 2000);
    rows.settle(2);
    expect(ticks).toEqual([[1000, [0]]]);
    rows.flush();
    expect(ticks).toEqual([
      [1000, [0]],
      [2000, [0]],
    ]);
  });

  it('queries that arrive in one burst are set apart by their stamps', () => {
    const { ticks, rows } = builder();
    for (const stamp of [10_000, 11_000, 12_000]) rows.add(row(0, stamp), 50_000);
    rows.settle(1);
    expect(ticks.map(([t]) => t)).toEqual([48_000, 49_000, 50_000]);
  });

  it('time never runs back, whatever the stamps say', () => {
    const { ticks, rows } = builder();
    rows.add(row(0, 10_000), 49_500);
    rows.settle(1);
    for (const stamp of [11_000, 5000, 12_000]) rows.add(row(0, stamp), 50_000);
    rows.settle(1);
    const times = ticks.map(([t]) => t);
    expect(times).toEqual([49_500, 49_501, 49_502, 50_000]);
  });
});
