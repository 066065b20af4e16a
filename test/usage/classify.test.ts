import { describe, expect, it } from 'vitest';
import { closeGpu } from '../../src/usage/close.ts';
import { noCuts } from '../../src/usage/cuts.ts';
import { UsagePart } from '../../src/usage/part.ts';
import { blockOf, everySecond, identityOf, type Reading, tenOClock } from '../kit/samples.ts';

type Values = Omit<Reading, 'timeMs'>;

/** One reading a second, `seconds` of each. */
function every(...stretches: readonly (readonly [number, Values])[]): Reading[] {
  const readings: Reading[] = [];
  for (const [seconds, values] of stretches) {
    for (let i = 0; i < seconds; i++) {
      readings.push({ timeMs: tenOClock + 1_000 * (readings.length + 1), ...values });
    }
  }
  return readings;
}

function classify(readings: readonly Reading[], identity = identityOf(), source = everySecond) {
  const part = new UsagePart(5_000, noCuts);
  part.addBlock(blockOf(readings), source);
  const closed = closeGpu(part.close(), identity, null);
  const sum = (name: keyof (typeof closed.cells)[number]) =>
    closed.cells.reduce((total, cell) => total + cell[name], 0) / 1_000;
  return {
    busy: sum('busyMs'),
    waiting: sum('waitingMs'),
    held: sum('heldMs'),
    empty: sum('emptyMs'),
    unread: sum('unreadMs'),
    throttled: sum('throttledMs'),
    observed: sum('observedMs'),
    closed,
  };
}

const busy = { utilizationGpuPct: 100, memoryUsedMib: 20_000 };
const idle = { utilizationGpuPct: 0, memoryUsedMib: 20_000 };
const gone = { utilizationGpuPct: 0, memoryUsedMib: 4 };

describe('idle time', () => {
  it('waits in a pause of just under five minutes between work', () => {
    expect(classify(every([60, busy], [299, idle], [60, busy]))).toMatchObject({
      busy: 120,
      waiting: 299,
      held: 0,
    });
  });

  it('is held from five minutes on', () => {
    expect(classify(every([60, busy], [300, idle], [60, busy]))).toMatchObject({
      busy: 120,
      waiting: 0,
      held: 300,
    });
  });

  it('is held or empty at an edge whatever its length', () => {
    expect(classify(every([20, idle], [60, busy], [30, gone]))).toMatchObject({
      waiting: 0,
      held: 20,
      empty: 30,
    });
  });

  it('waits at the edges of a wrapped command', () => {
    const wrapped = { ...everySecond, wrapsCommand: true };
    const at = classify(every([20, idle], [60, busy], [30, gone]), identityOf(), wrapped);
    expect(at).toMatchObject({ waiting: 50, held: 0, empty: 0 });
  });

  it('is not ended by ten seconds of activity at 5 %', () => {
    const faint = { utilizationGpuPct: 5, memoryUsedMib: 20_000 };
    const at = classify(every([60, busy], [200, idle], [10, faint], [100, idle], [60, busy]));
    expect(at).toMatchObject({ busy: 120.5, waiting: 0, held: 309.5 });
    expect(at.closed.idleStretches).toHaveLength(1);
    expect(at.closed.idleStretches[0]).toMatchObject({ heldMs: 300_000, emptyMs: 0 });
  });

  it('is ended by eleven seconds of it, or by 6 %', () => {
    for (const [seconds, utilizationGpuPct] of [
      [11, 5],
      [1, 6],
    ] as const) {
      const blip = { utilizationGpuPct, memoryUsedMib: 20_000 };
      const at = classify(every([60, busy], [200, idle], [seconds, blip], [100, idle], [60, busy]));
      expect(at.held).toBe(0);
      expect(at.waiting).toBeCloseTo(300 + seconds * (1 - utilizationGpuPct / 100), 1);
    }
  });

  it('is idle at 1 % and not at 2 %', () => {
    const at = (utilizationGpuPct: number) =>
      classify(every([400, { utilizationGpuPct, memoryUsedMib: 20_000 }]));
    expect(at(1)).toMatchObject({ busy: 0, held: 400 });
    expect(at(2)).toMatchObject({ busy: 8, held: 0 });
  });

  it('goes by processes where they are visible, and by memory where that contradicts an empty list', () => {
    const nobody = { ...gone, computeProcesses: 0 };
    const somebody = { ...gone, computeProcesses: 1 };
    const unseen = { ...idle, computeProcesses: 0 };
    expect(classify(every([400, nobody]))).toMatchObject({ held: 0, empty: 400 });
    expect(classify(every([400, somebody]))).toMatchObject({ held: 400, empty: 0 });
    expect(classify(every([400, unseen]))).toMatchObject({ held: 400, empty: 0 });
  });

  it('goes by 256 MiB of memory where they are not, above what a display holds', () => {
    const at = (memoryUsedMib: number, low: number, displayActive: boolean) =>
      classify(
        every(
          [10, { ...busy, memoryUsedMib: low }],
          [400, { utilizationGpuPct: 0, memoryUsedMib }],
        ),
        identityOf('GPU-a', { displayActive }),
      );
    expect(at(256, 0, false)).toMatchObject({ empty: 400 });
    expect(at(257, 0, false)).toMatchObject({ held: 400 });
    expect(at(900, 700, true)).toMatchObject({ empty: 400 });
    expect(at(957, 700, true)).toMatchObject({ held: 400 });
    expect(at(900, 700, false)).toMatchObject({ held: 400 });
  });

  it('is held without a memory column, and that is said', () => {
    const at = classify(every([400, { utilizationGpuPct: 0 }]));
    expect(at).toMatchObject({ held: 400, empty: 0 });
    expect(at.closed.memoryUnknown).toBe(true);
  });

  it('is empty under a latched 100 % with no process and no memory', () => {
    const ghost = { utilizationGpuPct: 100, memoryUsedMib: 0 };
    expect(classify(every([400, { ...ghost, computeProcesses: 0 }]))).toMatchObject({
      busy: 0,
      empty: 400,
    });
    expect(classify(every([400, ghost]))).toMatchObject({ busy: 400 });
  });
});

describe('owned time', () => {
  it('reaches back at most max(2.5 × nominal, nominal + 3 s); the rest is a gap that ends a stretch', () => {
    const readings = every([60, busy], [30, idle], [60, busy]);
    const late = readings.map((r, i) => (i < 75 ? r : { ...r, timeMs: r.timeMs + 60_000 }));
    // 15 idle seconds before the gap, then 4 owned by the first reading after it and 14 more: none of it is between work.
    expect(classify(late)).toMatchObject({ observed: 153, waiting: 0, held: 33 });
  });

  it('is unread where utilization is missing, and the stretch ends', () => {
    const failed = { memoryUsedMib: 20_000 };
    expect(classify(every([60, busy], [10, failed], [20, idle], [60, busy]))).toMatchObject({
      observed: 140,
      unread: 10,
      held: 20,
    });
  });

  it('counts no time twice when the clock steps back', () => {
    const readings = every([60, busy], [60, busy]);
    const stepped = readings.map((r, i) => (i < 60 ? r : { ...r, timeMs: r.timeMs - 30_000 }));
    expect(classify(stepped)).toMatchObject({ observed: 90, busy: 90 });
  });
});

describe('throttling', () => {
  const fast = { ...busy, clockSmMhz: 1_980, eventReasons: 0 };
  const hot = { ...busy, clockSmMhz: 990, eventReasons: 0x20 };

  it('is the time under a thermal reason × what the clock lost', () => {
    // Basis utilization: all busy time is effective, so nothing is left to be throttled.
    expect(classify(every([120, fast], [60, hot])).throttled).toBe(0);
    const powered = (v: Values) => ({ ...v, powerDrawW: 400, powerLimitW: 700 });
    const part = new UsagePart(5_000, noCuts);
    part.addBlock(blockOf(every([120, powered(fast)], [60, powered(hot)])), everySecond);
    const closed = closeGpu(part.close(), identityOf(), { powerLimitW: 700, idleContextW: 100 });
    const throttled = closed.cells.reduce((sum, c) => sum + c.throttledMs, 0);
    expect(throttled).toBe(30_000);
  });

  it('is not the ordinary power cap', () => {
    const capped = { ...hot, eventReasons: 0x4, powerDrawW: 400, powerLimitW: 700 };
    const part = new UsagePart(5_000, noCuts);
    part.addBlock(blockOf(every([120, fast], [60, capped])), everySecond);
    const closed = closeGpu(part.close(), identityOf(), { powerLimitW: 700, idleContextW: 100 });
    expect(closed.cells.reduce((sum, c) => sum + c.throttledMs, 0)).toBe(0);
  });

  it('goes by the driver’s counters where they are', () => {
    let counter = 0;
    const readings = every([120, fast], [60, { ...hot, clockSmMhz: 1_485 }]).map((r, i) => {
      if (i >= 120) counter += 500_000;
      return { ...r, slowdownCounterUs: counter, powerDrawW: 400, powerLimitW: 700 };
    });
    const part = new UsagePart(5_000, noCuts);
    part.addBlock(blockOf(readings), everySecond);
    const closed = closeGpu(part.close(), identityOf(), { powerLimitW: 700, idleContextW: 100 });
    // Half of 60 s under the reason, at three quarters of the usual clock.
    expect(closed.cells.reduce((sum, c) => sum + c.throttledMs, 0)).toBe(7_500);
  });
});

describe('readings that no GPU has', () => {
  it('are missing: a counter of all ones, a clock of 4 THz, 1e300 W', () => {
    const odd = { utilizationGpuPct: 4_294_967_295, memoryUsedMib: 17_592_186_044_415 };
    const at = classify(every([60, busy], [1, odd], [60, busy]));
    expect(at).toMatchObject({ busy: 120, unread: 1 });
    const hot = { ...busy, clockSmMhz: 4_294_967_295, powerDrawW: 1e300 };
    expect(classify(every([60, hot])).closed.windows.powerW[0]).toBeNaN();
    expect(classify(every([60, { ...busy, utilizationGpuPct: 129 }]))).toMatchObject({ busy: 60 });
  });
});

describe('activity counters', () => {
  const gpm = { ...busy, smActivityShare: 0.8, dramActivityShare: 0.4 };

  it('carry the estimate only with both of its counters', () => {
    expect(classify(every([60, gpm])).closed.basis).toBe('gpm');
    expect(classify(every([60, { ...busy, smActivityShare: 0.8 }])).closed.basis).toBe(
      'utilization',
    );
  });

  it('leave a missing tensor activity unknown, never 0', () => {
    const { windows } = classify(every([60, gpm])).closed;
    expect(windows.smActivityShare[0]).toBeCloseTo(0.8, 3);
    expect(windows.tensorActivityShare[0]).toBeNaN();
    const half = classify(every([30, gpm], [30, { ...gpm, tensorActivityShare: 0.5 }]));
    expect(half.closed.windows.tensorActivityShare[half.closed.windows.length - 1]).toBeCloseTo(
      0.5,
      3,
    );
  });
});

describe('power floor', () => {
  it('is learned from settled idleness with memory held, not from the first seconds of it', () => {
    const settling = { ...idle, powerDrawW: 190, powerLimitW: 700 };
    const settled = { ...idle, powerDrawW: 120, powerLimitW: 700 };
    const work = { ...busy, powerDrawW: 600, powerLimitW: 700 };
    const at = classify(every([60, work], [3, settling], [20, settled], [60, work]));
    expect(at.closed.powerFloorW).toBe(120);
    expect(at.closed.basis).toBe('power');
    const short = classify(every([60, work], [3, settling], [6, settled], [60, work]));
    expect(short.closed.powerFloorW).toBeNull();
    expect(short.closed.basis).toBe('utilization');
  });

  it('ignores readings that no card can draw', () => {
    const slip = { ...busy, powerDrawW: 912, powerLimitW: 700 };
    expect(classify(every([10, slip])).closed.windows.powerW[0]).toBeNaN();
  });
});
