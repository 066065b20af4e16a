import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeGpu } from '../../src/usage/close.ts';
import { type Cuts, noCuts } from '../../src/usage/cuts.ts';
import { UsagePart } from '../../src/usage/part.ts';
import type { Tally } from '../../src/usage/tally.ts';
import { sumNames } from '../../src/usage/windows.ts';
import { blockOf, everySecond, identityOf, type Reading, tenOClock } from '../kit/samples.ts';

/** Time steps and utilizations that meet every branch: gaps, duplicates, steps backwards, faint activity, long idle. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 900, max: 1_100 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -5_000, 4_000, 4_001, 20_000) },
);
const stretch = fc.record({
  utilization: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 3) },
    { weight: 3, arbitrary: fc.constantFrom(1, 5, 6, 50, 97, 100, NaN) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 100, noNaN: true }) },
  ),
  steps: fc.oneof(
    { weight: 6, arbitrary: fc.array(step, { minLength: 1, maxLength: 14 }) },
    { weight: 1, arbitrary: fc.array(step, { minLength: 140, maxLength: 320 }) },
  ),
  memory: fc.constantFrom(0, 300, 20_000, NaN),
  power: fc.constantFrom(70, 120, 400, 699.7, NaN),
  processes: fc.constantFrom(0, 2, NaN),
  reasons: fc.constantFrom(0, 0x4, 0x20, NaN),
  counter: fc.constantFrom(0, 500_000, NaN),
  lanes: fc.constantFrom(16, 8, NaN),
  eccUncorrected: fc.constantFrom(0, 0, 2, 5, NaN),
});

const readings = fc.array(stretch, { minLength: 1, maxLength: 14 }).map((stretches) => {
  const result: Reading[] = [];
  let timeMs = tenOClock + 3_300_000;
  let counter = 0;
  for (const s of stretches) {
    for (const ms of s.steps) {
      timeMs += ms;
      counter += s.counter;
      result.push({
        timeMs,
        utilizationGpuPct: s.utilization,
        memoryUsedMib: s.memory,
        powerDrawW: s.power,
        powerLimitW: 700,
        computeProcesses: s.processes,
        eventReasons: s.reasons,
        slowdownCounterUs: counter,
        clockSmMhz: 1_000 + s.steps.length,
        pcieLinkGen: 5,
        pcieLinkWidth: s.lanes,
        eccUncorrected: s.eccUncorrected,
      });
    }
  }
  return result;
});

/** A known floor, so that the power estimator is at work. */
const powerFacts = { powerLimitW: 700, idleContextW: 100 };

function partOf(samples: readonly Reading[], cuts: Cuts = noCuts): UsagePart {
  const part = new UsagePart(5_000, cuts);
  part.addBlock(blockOf(samples), everySecond);
  return part;
}

/** Everything that a tally holds, as plain values. */
function contents(tally: Tally) {
  const { rows } = tally;
  return {
    rows: Array.from({ length: rows.length }, (_, i) => [
      rows.window[i],
      rows.segment[i],
      rows.memoryPeak[i],
      ...sumNames.map((name) => rows.get(i, name)),
    ]).filter((row) => row.slice(3).some((v) => v !== 0)),
    fragments: tally.fragments,
    floor: tally.idlePower.distribution(),
    clock: tally.usualClock.distribution(),
    utilization: tally.utilization.distribution(),
    memory: [tally.memoryMibMs, tally.memoryMs, tally.memoryPeakMib, tally.memoryLowMib],
    power: [tally.powerDwMs, tally.powerMs, tally.powerPeakW],
    samples: tally.samples,
    loaded: tally.loaded.result(),
    eccErrors: tally.eccErrors,
    ends: [tally.firstStartMs, tally.lastEndMs],
  };
}

/** Drops readings in time that is already counted, as the whole recording would: a cut can't know of them. */
function ascending(samples: readonly Reading[]): Reading[] {
  let last = -Infinity;
  return samples.filter((s) => {
    if (s.timeMs <= last) return false;
    last = s.timeMs;
    return true;
  });
}

describe('UsagePart', () => {
  it('gives the same sums wherever a recording is cut and merged', () => {
    fc.assert(
      fc.property(
        readings,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        (all, at) => {
          const samples = ascending(all);
          const cuts = at.map((share) => Math.round(share * samples.length)).sort((a, b) => a - b);
          const bounds = [0, ...cuts, samples.length];
          const parts = bounds.slice(1).map((end, i) => partOf(samples.slice(bounds[i], end)));
          const merged = parts.reduce((a, b) => UsagePart.merge(a, b));
          expect(contents(merged.close())).toEqual(contents(partOf(samples).close()));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('merges in any grouping', () => {
    fc.assert(
      fc.property(
        readings,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, x, y) => {
          const samples = ascending(all);
          const [i, j] = [x, y]
            .map((s) => Math.round(s * samples.length))
            .sort((a, b) => a - b) as [number, number];
          const [a, b, c] = [samples.slice(0, i), samples.slice(i, j), samples.slice(j)].map((s) =>
            partOf(s),
          ) as [UsagePart, UsagePart, UsagePart];
          const left = UsagePart.merge(UsagePart.merge(a, b), c);
          const right = UsagePart.merge(a, UsagePart.merge(b, c));
          expect(contents(left.close())).toEqual(contents(right.close()));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('places every owned millisecond once, in states that are never negative', () => {
    fc.assert(
      fc.property(readings, (samples) => {
        const tally = partOf(samples).close();
        const closed = closeGpu(tally, identityOf(), powerFacts);
        let owned = 0;
        for (const c of closed.cells) {
          for (const [name, ms] of Object.entries(c)) expect(ms, name).toBeGreaterThanOrEqual(0);
          expect(Number.isInteger(c.observedMs)).toBe(true);
          expect(c.busyMs + c.waitingMs + c.heldMs + c.emptyMs).toBe(c.observedMs);
          expect(c.effectiveMs + c.throttledMs).toBeLessThanOrEqual(c.busyMs);
          expect(c.effectiveLowMs).toBeLessThanOrEqual(c.effectiveMs);
          expect(c.effectiveMs).toBeLessThanOrEqual(c.effectiveHighMs);
          expect(c.effectiveHighMs).toBeLessThanOrEqual(c.busyMs);
          owned += c.observedMs + c.unreadMs;
        }
        expect(owned).toBe(ownedBySamples(samples));
      }),
      { numRuns: 300 },
    );
  });

  it('cuts at any instant into parts that add up', () => {
    fc.assert(
      fc.property(readings, fc.double({ min: 0, max: 1, noNaN: true }), (samples, share) => {
        const first = (samples[0]?.timeMs ?? 0) - 1_000;
        const last = Math.max(...samples.map((s) => s.timeMs));
        const at = Math.round(first + share * (last - first));
        const whole = closeGpu(partOf(samples).close(), identityOf(), powerFacts).cells;
        const before = closeGpu(
          partOf(samples, { startMs: -Infinity, endMs: at, atMs: [] }).close(),
          identityOf(),
          powerFacts,
        ).cells;
        const after = closeGpu(
          partOf(samples, { startMs: at, endMs: Infinity, atMs: [] }).close(),
          identityOf(),
          powerFacts,
        ).cells;
        expect(add([...before, ...after])).toEqual(add(whole));
      }),
      { numRuns: 300 },
    );
  });
});

/** The time that samples own, by DESIGN section 3, the slow and obvious way. */
function ownedBySamples(samples: readonly Reading[]): number {
  let last: number | null = null;
  let owned = 0;
  for (const { timeMs } of samples) {
    if (last !== null && timeMs <= last) continue;
    owned += last === null ? 1_000 : Math.min(timeMs - last, 4_000);
    last = timeMs;
  }
  return owned;
}

function add(cells: readonly object[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const cell of cells) {
    for (const [name, ms] of Object.entries(cell) as [string, number][]) {
      if (name !== 'segment') sum[name] = (sum[name] ?? 0) + ms;
    }
  }
  return sum;
}
