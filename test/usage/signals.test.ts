import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SignalTrack } from '../../src/usage/signals.ts';
import '../kit/property-seed.ts';

const names = ['a', 'b'] as const;
const stepMs = 5_000;
const reading = fc.constantFrom(null, 0, 1, 7);

test('means are those of the readings that are there, in whatever blocks they come and whichever is missing', () => {
  const values = fc.array(fc.record({ a: reading, b: reading }), { minLength: 1, maxLength: 60 });
  const property = fc.property(values, fc.integer({ min: 1, max: 60 }), (rows, blockLength) => {
    const track = new SignalTrack(names);
    for (let from = 0; from < rows.length; from += blockLength) {
      const part = rows.slice(from, from + blockLength);
      const columnOf = (name: 'a' | 'b') => Float64Array.from(part, (row) => row[name] ?? NaN);
      const timeMs = Float64Array.from(part, (_, i) => (from + i + 1) * stepMs);
      const columns = { a: columnOf('a'), ...(from % 2 === 0 ? { b: columnOf('b') } : {}) };
      track.add({ length: part.length, timeMs, columns }, stepMs, 2 * stepMs);
    }
    const means = track.means(0, 60 * stepMs);
    const steps = track.steps('a', 0, 60 * stepMs);
    for (const name of names) {
      const known = rows.flatMap((row, i) => {
        const isThere = name === 'a' || (Math.floor(i / blockLength) * blockLength) % 2 === 0;
        return isThere ? (row[name] ?? []) : [];
      });
      const sum = known.reduce<number>((total, value) => total + value, 0);
      if (known.length === 0) expect(means[name]).toBeUndefined();
      else expect(means[name]).toBeCloseTo(sum / known.length, 5);
    }
    const withReading = rows.flatMap((row, i) => (row.a === null ? [] : Math.floor(i / 4)));
    expect([...steps.keys()]).toEqual([...new Set(withReading)]);
  });
  fc.assert(property);
});

test('a reading that comes late goes in between', () => {
  const track = new SignalTrack(names);
  const at = (timeMs: number, a: number) =>
    track.add(
      { length: 1, timeMs: Float64Array.of(timeMs), columns: { a: Float64Array.of(a) } },
      stepMs,
      Infinity,
    );
  at(100_000, 4);
  at(200_000, 0);
  at(10_000, 8);
  at(20_000, 2);
  expect(track.steps('a', 0, 200_000)).toEqual(
    new Map([
      [0, 2],
      [4, 4],
      [7, 0],
    ]),
  );
});
