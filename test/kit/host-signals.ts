import type { Work } from './usage-builder.ts';

/** A host on which nothing is short, and a job whose loaders keep up. */
export const quietHost = {
  host: {
    psiIoShare: 0.01,
    cpuIowaitShare: 0.01,
    diskBusyShare: 0.1,
    diskReadBytesPerS: 0,
    networkRxBytesPerS: 0,
    swapInBytesPerS: 0,
    cpuCoresAllowed: 16,
  },
  job: {
    cpuCores: 2,
    busiestThreadShare: 0.4,
    workers: 4,
    workerCpuShare: 0.2,
    dStateShare: 0,
    readBytesPerS: 0,
  },
} as const satisfies Work;

/** The quiet host with some signals changed. */
export function host(
  changed: NonNullable<Work['host']>,
  job: NonNullable<Work['job']> = {},
): Pick<Work, 'host' | 'job'> {
  return { host: { ...quietHost.host, ...changed }, job: { ...quietHost.job, ...job } };
}

export const mib = 1024 * 1024;
