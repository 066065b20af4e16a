import { describe, expect, it } from 'vitest';
import { findPhases, type PhaseSignals } from '../../src/usage/phases.ts';
import { findStalls } from '../../src/usage/stalls.ts';
import type { RecurringStall, Windows } from '../../src/usage/usage.ts';
import { normalOf, randomOf } from '../kit/random.ts';

const windowMs = 5_000;
const none: PhaseSignals = { host: null, job: null, jobNames: [], waits: null };

/** Windows of 5 s with a utilization each, all of the idle part waiting. */
function windowsOf(utilizationPct: readonly number[]): Windows {
  const { length } = utilizationPct;
  const clamped = utilizationPct.map((pct) => Math.min(100, Math.max(0, pct)));
  const unknown = () => new Float32Array(length).fill(NaN);
  const ms = (of: (pct: number) => number) => Uint16Array.from(clamped, of);
  const busy = (pct: number) => Math.round((pct / 100) * windowMs);
  return {
    windowMs,
    length,
    startMs: Float64Array.from({ length }, (_, i) => i * windowMs),
    observedMs: ms(() => windowMs),
    busyMs: ms(busy),
    waitingMs: ms((pct) => windowMs - busy(pct)),
    heldMs: ms(() => 0),
    emptyMs: ms(() => 0),
    effectiveMs: ms(busy),
    effectiveLowMs: ms(busy),
    effectiveHighMs: ms(busy),
    throttledMs: ms(() => 0),
    utilizationPct: Float32Array.from(clamped),
    utilizationMemoryPct: unknown(),
    powerW: unknown(),
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

function stallsIn(utilizationPct: readonly number[], nominalMs = 1_000): RecurringStall[] {
  const w = windowsOf(utilizationPct);
  return findStalls(w, findPhases(w, none), nominalMs, none);
}

/** Mean utilization of each window of a signal given second by second. */
function inWindows(seconds: number, at: (second: number) => number): number[] {
  return Array.from({ length: Math.floor(seconds / 5) }, (_, i) => {
    let sum = 0;
    for (let s = 0; s < 5; s++) sum += at(5 * i + s);
    return sum / 5;
  });
}

interface Shape {
  readonly periodS: number;
  readonly stallS: number;
  readonly hours: number;
  /** Deviation of each period, a share of it. */
  readonly jitter?: number;
  readonly noisePct?: number;
}

function withStalls(shape: Shape, seed: number): number[] {
  const { periodS, stallS, hours, jitter = 0, noisePct = 2 } = shape;
  const random = randomOf(seed);
  const seconds = hours * 3_600;
  const stalled = new Set<number>();
  let start = periodS * (0.2 + 0.6 * random());
  while (start < seconds) {
    for (let s = 0; s < stallS; s++) stalled.add(Math.floor(start + s));
    start += periodS * (1 + jitter * normalOf(random));
  }
  return inWindows(seconds, (s) => (stalled.has(s) ? 0 : 95 + noisePct * normalOf(random)));
}

describe('findStalls', () => {
  it.each([
    { periodS: 30, stallS: 6, hours: 0.5 },
    { periodS: 60, stallS: 3, hours: 1 },
    { periodS: 312, stallS: 41, hours: 1 },
    { periodS: 312, stallS: 41, hours: 4, jitter: 0.03 },
    { periodS: 312, stallS: 41, hours: 4, jitter: 0.03, noisePct: 8 },
    { periodS: 900, stallS: 120, hours: 8, jitter: 0.02 },
    { periodS: 3_600, stallS: 60, hours: 24 },
  ])('finds the period of $stallS s every $periodS s', (shape) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [stall, ...more] = stallsIn(withStalls(shape, seed));
      expect(more).toEqual([]);
      expect(stall).toBeDefined();
      expect((stall?.periodMs ?? 0) / 1_000 / shape.periodS).toBeCloseTo(1, 1);
      expect(Math.abs((stall?.stallMs ?? 0) / 1_000 - shape.stallS)).toBeLessThanOrEqual(
        Math.max(2.5, 0.1 * shape.stallS),
      );
      const lost = shape.stallS / shape.periodS;
      expect(Math.abs((stall?.share ?? 0) - lost)).toBeLessThan(0.08);
      expect(stall?.chance).toBeLessThan(0.001);
    }
  });

  it('keeps the period where some stalls are missing or come in between', () => {
    const random = randomOf(7);
    const regular = withStalls({ periodS: 300, stallS: 30, hours: 6 }, 7);
    const some = regular.map((pct, i) =>
      pct < 50 && Math.floor(i / 60) % 7 === 3 ? 95 : random() < 0.002 ? 10 : pct,
    );
    expect(Math.round((stallsIn(some)[0]?.periodMs ?? 0) / 10_000)).toBe(30);
  });

  it('needs five stalls, and a period of four windows', () => {
    expect(stallsIn(withStalls({ periodS: 600, stallS: 40, hours: 4 / 6 }, 1))).toEqual([]);
    expect(stallsIn(withStalls({ periodS: 10, stallS: 5, hours: 1 }, 1))).toEqual([]);
  });

  it('needs a stall of two samples where samples are far apart', () => {
    const shape = { periodS: 300, stallS: 15, hours: 3 };
    expect(stallsIn(withStalls(shape, 1), 5_000)).toHaveLength(1);
    expect(stallsIn(withStalls(shape, 1), 10_000)).toEqual([]);
  });

  /** What has no period: the share of series in which one is claimed. */
  const noises: Readonly<Record<string, (random: () => number) => number[]>> = {
    'white noise': (random) => inWindows(3_600, () => 85 + 12 * normalOf(random)),
    'noise with a memory': (random) => {
      let x = 0;
      return inWindows(7_200, () => {
        x = 0.97 * x + 4 * normalOf(random);
        return 80 + x;
      });
    },
    'a random walk between 20 and 100': (random) => {
      let x = 60;
      return inWindows(7_200, () => {
        x = Math.min(100, Math.max(20, x + 3 * normalOf(random)));
        return x;
      });
    },
    'stalls at random times': (random) => {
      let left = 0;
      const rate = 1 / (40 + 400 * random());
      const lengthS = 5 + 60 * random();
      return inWindows(10_800, () => {
        if (left <= 0 && random() < rate) left = lengthS * (0.5 + random());
        left--;
        return left > 0 ? 2 : 95 + 2 * normalOf(random);
      });
    },
    'bursts of stalls': (random) => {
      let burst = 0;
      let left = 0;
      return inWindows(10_800, () => {
        if (burst <= 0 && random() < 1 / 900) burst = 180;
        burst--;
        if (burst > 0 && left <= 0 && random() < 1 / 15) left = 8;
        left--;
        return left > 0 ? 5 : 95 + 2 * normalOf(random);
      });
    },
  };

  it.each(Object.entries(noises))('claims no period in %s', (_, noise) => {
    const series = 200;
    let claimed = 0;
    for (let seed = 1; seed <= series; seed++) {
      if (stallsIn(noise(randomOf(seed * 7919))).length > 0) claimed++;
    }
    // The test asks for 1 in 1,000; measured is 1 in the 1,000 series of the five kinds.
    expect(claimed).toBeLessThanOrEqual(1);
  });
});
