import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byState, coarser, columnsIn, pointAt } from '../../../src/render/html/columns.ts';
import { intervalPath, pathsIn } from '../../../src/render/html/paths.ts';
import type { Track } from '../../../src/render/html/track.ts';

/** Ten points of 100 ms; the fifth is missing. */
function aTrack(change: Partial<Track> = {}): Track {
  const at = [0, 1, 2, 3, 5, 6, 7, 8, 9];
  return {
    gpu: 'g1',
    start: at.map((i) => i * 100),
    end: at.map((i) => (i + 1) * 100),
    states: {
      ...byState(() => at.map(() => 0)),
      effective: at.map((i) => (i < 5 ? 40 : 0)),
      heldIdle: at.map((i) => (i < 5 ? 60 : 100)),
    },
    utilizationPct: { band: { low: at, high: at.map((i) => i * 10) }, top: 100 },
    loadPct: null,
    powerW: null,
    memoryMib: null,
    ...change,
  };
}

describe('columnsIn', () => {
  it('gives the points themselves where they are few enough', () => {
    const columns = columnsIn(aTrack(), { from: 0, to: 1000 }, 10);
    expect(columns.start).toEqual([0, 100, 200, 300, 500, 600, 700, 800, 900]);
    expect(columns.bands.utilizationPct?.high).toEqual([0, 10, 20, 30, 50, 60, 70, 80, 90]);
  });

  it('joins to lowest, highest and sums', () => {
    const columns = columnsIn(aTrack(), { from: 0, to: 1000 }, 2);
    expect(columns.start).toEqual([0, 500]);
    expect(columns.end).toEqual([400, 1000]);
    expect(columns.bands.utilizationPct).toEqual({ low: [0, 5], high: [30, 90] });
    expect(columns.states.effective).toEqual([160, 0]);
    expect(columns.states.heldIdle).toEqual([240, 500]);
  });

  it('takes every point that touches the view, and none beside it', () => {
    const in_ = (from: number, to: number) => columnsIn(aTrack(), { from, to }, 10).start;
    expect(in_(150, 350)).toEqual([100, 200, 300]);
    expect(in_(200, 300)).toEqual([200]);
    expect(in_(410, 490)).toEqual([]);
    expect(in_(950, 5000)).toEqual([900]);
  });

  it('keeps every peak, however coarse', () => {
    const values = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (high, limit) => {
        const track = aTrack({
          start: high.map((_, i) => i * 100),
          end: high.map((_, i) => (i + 1) * 100),
          states: byState(() => high.map(() => 1)),
          utilizationPct: { band: { low: high, high }, top: 100 },
        });
        const { bands, states, start } = columnsIn(
          track,
          { from: 0, to: high.length * 100 },
          limit,
        );
        expect(Math.max(...(bands.utilizationPct?.high ?? []).map(Number))).toBe(Math.max(...high));
        expect(Math.min(...(bands.utilizationPct?.low ?? []).map(Number))).toBe(Math.min(...high));
        expect(states.waiting.reduce((sum, ms) => sum + ms, 0)).toBe(high.length);
        expect(start.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('leaves unknown values unknown', () => {
    const low = [null, null, 3, null, 1, 1, 1, 1, 1];
    const track = aTrack({ utilizationPct: { band: { low, high: low }, top: 100 } });
    expect(columnsIn(track, { from: 0, to: 400 }, 2).bands.utilizationPct?.low).toEqual([null, 3]);
  });
});

it('coarser joins a whole track, and leaves one alone that is short enough', () => {
  const track = aTrack();
  expect(coarser(track, 9)).toBe(track);
  expect(coarser(track, 2)).toMatchObject({
    start: [0, 500],
    utilizationPct: { band: { low: [0, 5], high: [30, 90] }, top: 100 },
    powerW: null,
  });
});

it('pointAt finds the point that holds an instant, or none in a gap', () => {
  expect([0, 99, 100, 399, 450, 500, 999, 1000].map((ms) => pointAt(aTrack(), ms))).toEqual([
    0, 0, 1, 3, -1, 4, 8, -1,
  ]);
});

describe('pathsIn', () => {
  const paths = pathsIn(aTrack(), { from: 0, to: 1000 }, 2);

  it('draws a band as steps, broken by a gap', () => {
    expect(paths.bands.utilizationPct).toBe('M0 200V140H4000V200H0ZM5000 190V20H10000V190H5000Z');
    expect(paths.areas.utilizationPct).toBe('M0 200V140H4000V200ZM5000 200V20H10000V200Z');
    expect(paths.bands.powerW).toBe('');
  });

  it('stacks the states; what was not observed stays bare', () => {
    expect(paths.states.effective).toBe('M0 120H4000V200H0Z');
    expect(paths.states.heldIdle).toBe('M0 0H4000V120H0ZM5000 0H10000V200H5000Z');
    expect(paths.states.waiting).toBe('');
  });

  it('clips to the view', () => {
    const zoomed = pathsIn(aTrack(), { from: 550, to: 750 }, 10);
    expect(zoomed.states.heldIdle).toBe('M0 0H10000V200H0Z');
  });

  it('joins neighbours of the same height to one box', () => {
    const whole = pathsIn(aTrack(), { from: 0, to: 1000 }, 10);
    expect(whole.states.heldIdle).toBe('M0 0H4000V120H0ZM5000 0H10000V200H5000Z');
  });
});

it('intervalPath marks what lies in the view', () => {
  const intervals = [
    { from: 0, to: 100 },
    { from: 400, to: 700 },
  ];
  expect(intervalPath(intervals, { from: 500, to: 1500 })).toBe('M0 0H2000V200H0Z');
});
