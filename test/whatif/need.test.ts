import { describe, expect, it } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import type { Finding } from '../../src/rules/rule.ts';
import { judge } from '../../src/rules/run.ts';
import type { GpuUsage, MachineUsage } from '../../src/usage/usage.ts';
import { needOf } from '../../src/whatif/need.ts';
import { aRun } from '../bill/billable.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { aGpu, type GpuBuilder } from '../kit/usage-builder.ts';
import { spec } from './needs.ts';

const start = Date.UTC(2026, 0, 5);

function machine(gpus: readonly GpuUsage[]): MachineUsage {
  const runs = [aRun(start, start + 3_600_000)];
  // The need is read from GPUs and runs.
  return { id: 'm1', gpus, runs, hiddenGpus: 0, hiddenCells: [] } as unknown as MachineUsage;
}

function needFor(...builders: readonly GpuBuilder[]) {
  const gpus = builders.map((builder) => builder.build());
  const h100 = spec('H100-SXM5-80GB');
  const { findings } = judge(
    { id: 'm1', gpus },
    () => ({ spec: h100, intervalMs: 1000 }),
    {},
    rules,
  );
  return needOf({ usage: machine(gpus), findings, hostSize: null }, () => h100);
}

describe('the need of a machine', () => {
  it('is its work: idle time is billed beside it', () => {
    const { need } = needFor(aGpu().busy('20m', { heldMib: 30_000 }).idle('40m'));
    expect(need).toMatchObject({ workMs: 1_200_000, idleMs: 2_400_000 });
    expect(need?.gpus).toMatchObject([{ id: 'gpu-0', memoryPeakMib: 30_000 }]);
  });

  it('is no longer than what was billed: the windows at its ends reach beyond it', () => {
    expect(needFor(aGpu().busy('3605s')).need).toMatchObject({ workMs: 3_600_000, idleMs: 0 });
  });

  it('is that of the GPUs that worked, at the same time or not', () => {
    const { need } = needFor(
      aGpu(0).busy('20m'),
      aGpu(1).idle('10m').busy('20m'),
      aGpu(2).idle('1h'),
    );
    expect(need?.gpus.map(({ id }) => id)).toEqual(['gpu-0', 'gpu-1']);
    expect(need?.workMs).toBe(1_800_000);
  });

  it.each([
    [
      'starved by storage',
      aGpu().busy('20m', {
        utilization: 40,
        ...host(
          { psiIoShare: 0.6, diskReadBytesPerS: 90 * mib },
          { dStateShare: 0.6, readBytesPerS: 90 * mib },
        ),
      }),
      /starved by storage or network input: what size it needs is not known/,
    ],
    [
      'starved by preprocessing',
      aGpu().busy('20m', {
        utilization: 40,
        load: 0.3,
        job: { ...quietHost.job, workerCpuShare: 1 },
      }),
      /starved by preprocessing/,
    ],
    [
      'paging',
      aGpu().busy('20m', { utilization: 99, memoryUtilization: 99, heldMib: 81_000, load: 0.2 }),
      /paged GPU memory/,
    ],
    [
      'waiting for an unknown reason',
      aGpu().busy('20m', { utilization: 50, heldMib: 60_000 }),
      /waited, and for what was not recorded .*gpucost watch.*: what size it needs is not known/,
    ],
    ['MIG', aGpu().busy('20m').mig(), /utilization was not reported/],
    ['idle', aGpu().idle('1h'), /no work was seen/],
    ['without memory', aGpu().busy('20m', { heldMib: null }), /memory in use was not recorded/],
  ] as const)('is not known where it was %s', (_, gpu, reason) => {
    const { need, refused } = needFor(gpu);
    expect(need).toBeNull();
    expect(refused).toMatch(reason);
  });

  it('of a GPU that the table does not hold is not known', () => {
    const gpus = [aGpu().busy('20m').build()];
    expect(
      needOf({ usage: machine(gpus), findings: [], hostSize: null }, () => null).refused,
    ).toMatch(/the GPU table has no figures/);
  });

  it('of idle GPUs is not asked by findings on them', () => {
    const gpus = [aGpu(0).busy('20m').build(), aGpu(1).idle('20m').build()];
    const finding = { rule: 'io-bound', gpus: ['gpu-1'] } as unknown as Finding;
    const result = needOf({ usage: machine(gpus), findings: [finding], hostSize: null }, () =>
      spec('L40'),
    );
    expect(result.refused).toBeNull();
  });
});
