import { describe, expect, test } from 'vitest';
import { ioBound } from '../../src/rules/io-bound.ts';
import { host, mib, quietHost } from '../kit/host-signals.ts';
import { judgeCase, testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

/** What the disks give goes to the job. */
const reads = (mibPerS: number) => ({
  host: { diskReadBytesPerS: mibPerS * mib },
  job: { readBytesPerS: mibPerS * mib },
});
const feed = (mibPerS: number, changed: object, job: object = {}) => {
  const from = reads(mibPerS);
  return host({ ...from.host, ...changed }, { ...from.job, ...job });
};
const slowDisk = feed(180, { psiIoShare: 0.6, diskBusyShare: 0.97 });
const waits = (signals: object, utilization = 40) => ({
  gpu: aGpu().busy('10m', { utilization, ...signals }),
});

testRule(ioBound, {
  detected: [
    { name: 'a disk that is always busy', ...waits(slowDisk), severity: 'warning' },
    {
      name: 'loaders in D state on NFS, which iowait does not see',
      ...waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.7 })),
    },
    {
      name: 'an object store by FUSE: only read calls show it',
      ...waits(host({ psiIoShare: 0.4 }, { requestedReadBytesPerS: 60 * mib })),
    },
    {
      name: 'another rank of the job reads 85 %',
      gpu: aGpu(0).busy('10m', { utilization: 85, ...slowDisk }),
      others: [aGpu(1).busy('10m', { utilization: 78, ...slowDisk })],
    },
  ],
  clear: [
    { name: 'the host is quiet', ...waits(quietHost) },
    { name: 'the disk is busy and the GPU too', ...waits(slowDisk, 96) },
    { name: 'one host-wide sign alone', ...waits(host({ psiIoShare: 0.5 })) },
    { name: 'much is read, but nothing waits', ...waits(feed(900, {})) },
    {
      name: 'a backup keeps the disk busy, and the job does not read',
      ...waits(host({ psiIoShare: 0.6, diskBusyShare: 0.97, diskReadBytesPerS: 180 * mib })),
    },
    {
      name: 'another program presses, the cgroup of the job does not feel it',
      ...waits(feed(90, { psiIoShare: 0.6 }, { cgroupPsiIoShare: 0.01 })),
    },
    {
      name: 'the loaders compute',
      ...waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.98 })),
    },
    {
      name: 'the host swaps',
      ...waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: 50 * mib })),
    },
  ],
  notJudged: [
    { name: 'no host signals', ...waits({}) },
    { name: 'no signal on storage', ...waits({ job: { cpuCores: 2 } }) },
    { name: 'half a minute', gpu: aGpu().busy('30s', { utilization: 40, ...slowDisk }) },
    { name: 'MIG', gpu: aGpu().busy('10m', slowDisk).mig() },
  ],
  wording: ['levelFrom', 'highestFrom', 'placedFrom'],
  edges: {
    workFor: [
      { gpu: aGpu().busy('1m', { utilization: 40, ...slowDisk }) },
      { gpu: aGpu().busy('59999ms', { utilization: 40, ...slowDisk }) },
    ],
    waitBelow: [waits(slowDisk, 80), waits(slowDisk, 80.1)],
    waitUntil: [
      {
        gpu: aGpu(0).busy('10m', { utilization: 88, ...slowDisk }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...slowDisk })],
      },
      {
        gpu: aGpu(0).busy('10m', { utilization: 88.1, ...slowDisk }),
        others: [aGpu(1).busy('10m', { utilization: 80, ...slowDisk })],
      },
    ],
    dState: [
      waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.2 })),
      waits(host({ networkRxBytesPerS: 90 * mib }, { dStateShare: 0.199 })),
    ],
    psiIo: [waits(feed(90, { psiIoShare: 0.2 })), waits(feed(90, { psiIoShare: 0.199 }))],
    iowait: [
      waits(feed(90, { cpuIowaitShare: 0.05 })),
      waits(feed(90, { cpuIowaitShare: 0.0499 })),
    ],
    diskBusy: [waits(feed(90, { diskBusyShare: 0.8 })), waits(feed(90, { diskBusyShare: 0.799 }))],
    reading: [waits(feed(10, { psiIoShare: 0.5 })), waits(feed(10 - 1 / mib, { psiIoShare: 0.5 }))],
    ownPart: [
      waits(feed(100, { psiIoShare: 0.5 }, { readBytesPerS: 25 * mib })),
      waits(feed(100, { psiIoShare: 0.5 }, { readBytesPerS: 24.9 * mib })),
    ],
    swapIn: [
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: mib - 1 })),
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9, swapInBytesPerS: mib })),
    ],
    workerBusy: [
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.899 })),
      waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 }, { workerCpuShare: 0.9 })),
    ],
    signs: [waits(host({ psiIoShare: 0.5, diskBusyShare: 0.9 })), waits(host({ psiIoShare: 0.5 }))],
  },
});

const nfs = {
  point: '/data',
  type: 'nfs4',
  store: 'network',
  share: 0.9,
  writingShare: 0,
  readBytesPerS: 92e6,
  readMs: 14,
} as const;
const bucket = { ...nfs, point: '/bucket', type: 'gcsfuse', store: 'object-store' } as const;
const disk = { ...nfs, point: '/', type: 'ext4', store: 'local', readMs: null } as const;
const level = (mean: number, highest: number, levelShare = 1) => ({
  rates: { readBytesPerS: { mean: mean * 1e6, highest: highest * 1e6, levelShare } },
});
const loaders = { workers: 4, workerCpuShare: 0.1, cpuCores: 1, dStateShare: 0.8 };
const stuck = (more: object, job: object = {}) =>
  judgeCase(ioBound, waits({ ...feed(100, { psiIoShare: 0.5 }, { ...loaders, ...job }), ...more }))
    .findings[0];

test('a place makes it surer', () => {
  const few = { ...host({ psiIoShare: 0.5, diskBusyShare: 0.9 }) };
  const surer = judgeCase(ioBound, waits({ ...few, waitPlaces: [nfs] })).findings[0];
  const plain = judgeCase(ioBound, waits(few)).findings[0];
  expect(surer?.confidence).toBeCloseTo((plain?.confidence ?? 1) + 0.05);
});

describe('what is said of the storage', () => {
  test('the mount that most waits were found on, and how fast it answered', () => {
    const finding = stuck({ waitPlaces: [nfs], ...level(92, 400, 0.3) });
    expect(finding?.summary).toContain('on nfs4 mount /data at 92 MB/s');
    expect(finding?.evidence).toContainEqual({
      signal: 'a read from /data took',
      value: 14,
      unit: 'ms',
      threshold: null,
      comparison: null,
    });
  });

  test('no mount where none was seen, or none stands out (placedFrom)', () => {
    expect(stuck({})?.summary).not.toContain('mount');
    const halves = (share: number) => stuck({ waitPlaces: [{ ...nfs, share }] })?.summary;
    expect(halves(0.5)).toContain('/data');
    expect(halves(0.499)).not.toContain('/data');
  });

  test('a steady rate is flat (levelFrom) and the highest that was seen (highestFrom)', () => {
    const says = (...args: Parameters<typeof level>) => stuck(level(...args))?.summary;
    expect(says(180, 180)).toContain('at a steady 180 MB/s, the most that was seen');
    expect(says(180, 200, 0.8)).toContain('steady');
    expect(says(180, 200, 0.79)).not.toContain('steady');
    expect(says(179.9, 200)).not.toContain('steady');
    expect(says(90, 200)).toContain('while 200 MB/s were kept up at another time');
  });

  test('that it gives no more, only of a disk that was busy as well (diskBusy)', () => {
    const says = (busy: number, place: object) =>
      stuck({
        ...host({ psiIoShare: 0.5, diskBusyShare: busy }, loaders),
        ...level(180, 180),
        waitPlaces: [place],
      })?.summary;
    const full = 'and the disk had no time left';
    expect(says(0.8, disk)).toContain(full);
    expect(says(0.79, disk)).not.toContain(full);
    expect(says(0.97, nfs)).not.toContain(full);
    expect(says(0.97, bucket)).not.toContain(full);
  });

  test('writing is told from reading', () => {
    const finding = stuck({ waitPlaces: [{ ...disk, writingShare: 0.9 }] });
    expect(finding?.summary).toContain('wrote to storage');
    expect(finding?.remediation[0]?.action).toContain('in the background');
  });
});

describe('the first remedy', () => {
  const first = (more: object, job: object = {}) => stuck(more, job)?.remediation[0];

  test('is more readers where storage has given more before', () => {
    expect(first({ waitPlaces: [nfs], ...level(92, 400) })?.action).toBe(
      'Try num_workers=8: 4 loader workers wait for storage, and storage has given 400 MB/s before.',
    );
  });

  test('is more readers where nothing but a steady rate speaks for a limit: slow answers look the same', () => {
    const { action, detail } = first({ waitPlaces: [nfs], ...level(180, 180) }) ?? {};
    expect(action).toBe('Try num_workers=8: 4 loader workers wait for storage.');
    expect(detail).toMatch(/PyTorch.*TensorFlow.*JAX/);
  });

  test('is never more readers where the disk has no time left', () => {
    const full = host({ psiIoShare: 0.5, diskBusyShare: 0.97 }, loaders);
    expect(first({ ...full, waitPlaces: [disk], ...level(180, 180) })?.action).toContain('close');
  });

  test('is followed by what the client of the storage offers', () => {
    const remedies = stuck({ waitPlaces: [bucket], ...level(180, 180) })?.remediation ?? [];
    expect(remedies[1]?.action).toBe('Give gcsfuse mount /bucket a cache on a local disk.');
    expect(remedies[1]?.detail).toContain('--file-cache-max-size-mb');
    const onNfs = stuck({ waitPlaces: [nfs], ...level(180, 180) })?.remediation ?? [];
    expect(onNfs[1]?.action).toContain('Mount /data with');
    const goofys = stuck({ waitPlaces: [{ ...bucket, type: 'goofys' }], ...level(180, 180) });
    expect(goofys?.remediation[1]?.action).toContain('Copy the data from goofys mount /bucket');
  });

  test('is to keep workers that are started anew each epoch', () => {
    const remedy = first({}, { workersBornPerHour: 40 });
    expect(remedy?.action).toBe(
      'Keep the loader workers: 4 of them are started anew about every 6 min.',
    );
    expect(remedy?.detail).toMatch(/persistent_workers.*TensorFlow.*JAX/);
  });
});
