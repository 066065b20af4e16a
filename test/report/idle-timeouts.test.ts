import { describe, expect, it } from 'vitest';
import type { MachineRate } from '../../src/bill/rate.ts';
import { idleTimeouts } from '../../src/report/idle-timeouts.ts';
import { idleTimeoutsSchema } from '../../src/report/idle-timeouts-schema.ts';
import { emptyStateMs } from '../../src/usage/accounts.ts';
import type { GpuUsage, MachineUsage } from '../../src/usage/usage.ts';
import { aGpu } from '../kit/usage-builder.ts';

const minute = 60_000;

function machine(gpus: readonly GpuUsage[], hiddenGpus = 0): MachineUsage {
  const cells = gpus.flatMap((gpu) => gpu.cells);
  const startMs = Math.min(...cells.map((cell) => cell.startMs));
  const endMs = Math.max(...cells.map((cell) => cell.endMs));
  const run = {
    startMs,
    fullStartMs: startMs,
    endMs,
    startedBy: 'start',
    billedMs: endMs - startMs,
  } as const;
  return { id: 'm1', gpus, runs: [run], hiddenGpus, hidden: emptyStateMs(), hiddenCells: [] };
}

const rate: MachineRate = {
  provider: 'aws',
  type: 'two-gpus',
  region: 'any',
  purchase: 'on-demand',
  currency: 'USD',
  parts: [],
  perHourNanos: 6_000_000_000n,
  bills: 'machine',
  gpuCount: 2,
  gpuShare: null,
  gpuKey: null,
  incrementMs: 1000,
  minimumMs: 0,
  charged: 'while-allocated',
  ending: [{ action: 'terminate', compute: 'ends', keeps: [], note: null }],
  warnings: [],
};

/** Works, idles 20 min with memory held, works, idles 50 min empty to the end. */
const first = aGpu(0)
  .busy('10m')
  .idle('20m', { heldMib: 9000 })
  .busy('10m')
  .idle('50m', { heldMib: 0 });
/** Idle but for 5 min at the beginning of the first one's pause. */
const second = aGpu(1).idle('10m', { heldMib: 0 }).busy('5m').idle('75m', { heldMib: 0 });

describe('idle time-outs tried on what was recorded', () => {
  const tried = idleTimeouts(machine([first.build(), second.build()]), rate);

  it('takes the spells in which all GPUs were idle', () => {
    expect(tried).toMatchObject({ machine: 'm1', spells: 2, longestSeconds: 50 * 60 });
  });

  it('adds up what comes after the time-out, for the whole machine', () => {
    // Spells of 15 and 50 min, two GPUs at $6 the machine's hour.
    expect(tried?.rows.slice(0, 4)).toEqual([
      {
        afterSeconds: 300,
        stops: 2,
        saved: { gpuHours: (2 * 55) / 60, cost: 5.5 },
        endedWork: 1,
        restarts: 1,
      },
      {
        afterSeconds: 600,
        stops: 2,
        saved: { gpuHours: (2 * 45) / 60, cost: 4.5 },
        endedWork: 1,
        restarts: 1,
      },
      {
        afterSeconds: 900,
        stops: 2,
        saved: { gpuHours: (2 * 35) / 60, cost: 3.5 },
        endedWork: 1,
        restarts: 1,
      },
      {
        afterSeconds: 1800,
        stops: 1,
        saved: { gpuHours: (2 * 20) / 60, cost: 2 },
        endedWork: 0,
        restarts: 0,
      },
    ]);
    expect(tried?.rows).toHaveLength(4);
  });

  it('has its knee at the shortest time-out that ends as little work as the longest', () => {
    expect(tried?.kneeSeconds).toBe(1800);
    const alone = idleTimeouts(
      machine([aGpu().busy('10m').idle('50m', { heldMib: 9000 }).build()]),
      rate,
    );
    expect(alone?.kneeSeconds).toBe(300);
  });

  it('tells a process that was ended from a machine that was started again', () => {
    const empty = aGpu().busy('10m').idle('20m', { heldMib: 0 }).busy('10m');
    expect(idleTimeouts(machine([empty.build()]), rate)?.rows[0]).toMatchObject({
      endedWork: 0,
      restarts: 1,
    });
  });

  it('is the same in another order of GPUs', () => {
    expect(idleTimeouts(machine([second.build(), first.build()]), rate)).toEqual(tried);
  });

  it('keeps to the schema', () => {
    expect(idleTimeoutsSchema.parse(tried)).toEqual(tried);
  });

  it('does not count a gap as idleness', () => {
    const gap = aGpu().idle('6m', { heldMib: 0 }).gap('50m').idle('6m', { heldMib: 0 });
    expect(idleTimeouts(machine([gap.build()]), rate)).toMatchObject({
      spells: 2,
      longestSeconds: 360,
    });
  });

  it('says nothing where no spell was long enough, or GPUs are hidden', () => {
    const short = aGpu().idle('299999ms', { heldMib: 0 }).busy('9m');
    expect(idleTimeouts(machine([short.build()]), rate)).toBeNull();
    const long = aGpu().idle('300s', { heldMib: 0 }).busy('9m');
    expect(idleTimeouts(machine([long.build()]), rate)?.rows).toHaveLength(1);
    expect(idleTimeouts(machine([first.build(), second.build()], 6), rate)).toBeNull();
  });

  it('has no money without a rate, or where energy is measured; none is saved under a commitment', () => {
    const usage = machine([first.build(), second.build()]);
    const costs = (given: MachineRate | null) =>
      idleTimeouts(usage, given)?.rows.map(({ saved }) => saved.cost);
    expect(costs(null)).toEqual([null, null, null, null]);
    const energy = { perKwhNanos: 1n, pue: 1, hostWatts: 0 };
    expect(costs({ ...rate, energy })).toEqual([null, null, null, null]);
    expect(costs({ ...rate, charged: 'always' })).toEqual([0, 0, 0, 0]);
    expect(idleTimeouts(usage, { ...rate, charged: 'always' })?.chargedAlways).toBe(true);
  });

  it('takes each price for its own time', () => {
    const usage = machine([aGpu().busy('10m').idle('50m', { heldMib: 0 }).build()]);
    const startMs = usage.runs[0]?.startMs ?? 0;
    const dearer = { ...rate, perHourNanos: 12_000_000_000n };
    const pricePeriods = [
      { fromMs: -Infinity, rate },
      { fromMs: startMs + 30 * minute, rate: dearer },
    ];
    // After 5 min of idleness 15 min at $6 and 30 min at $12 an hour remain.
    expect(idleTimeouts(usage, { ...rate, pricePeriods })?.rows[0]?.saved.cost).toBe(7.5);
  });
});
