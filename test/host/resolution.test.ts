import { expect, test } from 'vitest';
import { hostColumns, jobColumns } from '../../src/host/columns.ts';
import { toResolution } from '../../src/host/resolution.ts';

test('shares and cores keep four decimals, rates and sizes none, unknown stays unknown', () => {
  const kept = (columns: readonly string[]) =>
    Object.fromEntries(columns.map((column) => [column, toResolution(column, 12.345678)]));
  expect(kept(hostColumns)).toMatchObject({
    cpuUserShare: 12.3457,
    cpuCoresAllowed: 12.3457,
    psiIoShare: 12.3457,
    diskReadBytesPerS: 12,
    memoryAvailableMib: 12,
  });
  expect(kept(jobColumns)).toMatchObject({
    cpuCores: 12.3457,
    mainCpuCores: 12.3457,
    workers: 12,
    workerCpuShare: 12.3457,
    readBytesPerS: 12,
    cgroupCpuLimitCores: 12.3457,
  });
  expect(toResolution('cpuUserShare', null)).toBeNull();
});
