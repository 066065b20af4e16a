import { expect, it } from 'vitest';
import { hostFitOf, hostNeedOf } from '../../src/whatif/host-need.ts';
import { quietHost } from '../kit/host-signals.ts';
import { aGpu } from '../kit/usage-builder.ts';

const size = { cpus: 64, memoryMib: 256 * 1024 };
const working = (index: number, cpuCores: number, busyShare = 0.5) =>
  aGpu(index)
    .busy('20m', {
      host: {
        ...quietHost.host,
        cpuUserShare: busyShare - 0.1,
        cpuSystemShare: 0.1,
        memoryAvailableMib: 128 * 1024,
      },
      job: { ...quietHost.job, cpuCores },
    })
    .build();

it('adds up the cores of the processes of all GPUs, and takes what memory others can not have', () => {
  expect(hostNeedOf([working(0, 4), working(1, 6)], size)).toEqual({ cores: 10, memoryGib: 128 });
});

it('is never more cores than the host kept busy: one process of several GPUs is told on each', () => {
  const { cores } = hostNeedOf([working(0, 30), working(1, 30)], size);
  expect(cores).toBeCloseTo(32);
});

it('is not known where a GPU’s processes were not seen, or the host’s size is not', () => {
  const unseen = aGpu(1).busy('20m').build();
  expect(hostNeedOf([working(0, 4), unseen], size).cores).toBeNull();
  expect(hostNeedOf([working(0, 4)], null)).toEqual({ cores: 4, memoryGib: null });
  expect(hostNeedOf([unseen], size)).toEqual({ cores: null, memoryGib: null });
});

it('fits where there is as much as was used; one part that does not is enough to say no', () => {
  const there = { vcpus: 8, memoryGib: 32 };
  expect(hostFitOf({ cores: 8, memoryGib: 32 }, there).verdict).toBe('carries');
  expect(hostFitOf({ cores: 8.1, memoryGib: null }, there).verdict).toBe('too-small');
  expect(hostFitOf({ cores: 8, memoryGib: null }, there).verdict).toBe('not-compared');
});
