import { describe, expect, it } from 'vitest';
import { createHostReader, type HostReaderOptions } from '../../src/host/host-reader.ts';
import { createProcFiles, denied, type ProcFiles } from '../../src/host/proc-file.ts';
import type { SessionLine } from '../../src/store/lines.ts';
import {
  auxv,
  cpuV1Mount,
  ioText,
  type KernelTree,
  kernelTree,
  mountinfo,
  statLine,
  unifiedMount,
} from './kernel-tree.ts';

const MIB = 1024 ** 2;

/** A host in one moment; the numbers are cumulative. */
function hostFiles(at: {
  readonly cpu: string;
  readonly pressureUs: number;
  readonly sectors: number;
  readonly busyMs: number;
  readonly rx: number;
  readonly swapped: number;
  readonly throttled: number;
}): Record<string, string> {
  const pressure = `some avg10=0.00 avg60=0.00 avg300=0.00 total=${at.pressureUs}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;
  return {
    'proc/stat': `cpu  ${at.cpu}\ncpu0 ${at.cpu}\nbtime 1780000000\n`,
    'proc/pressure/cpu': pressure,
    'proc/pressure/io': pressure,
    'proc/pressure/memory': pressure,
    'proc/diskstats': [
      ` 259 0 nvme0n1 1 0 ${at.sectors} 0 1 0 ${at.sectors / 2} 0 0 ${at.busyMs} 0`,
      ` 259 1 nvme0n1p1 1 0 ${at.sectors} 0 1 0 ${at.sectors} 0 0 ${at.busyMs} 0`,
      ` 253 0 dm-0 1 0 ${at.sectors} 0 1 0 ${at.sectors} 0 0 ${at.busyMs * 2} 0`,
      '',
    ].join('\n'),
    'proc/net/dev': `head\n head\n lo: ${at.rx} 1 0 0 0 0 0 0 ${at.rx} 1\neth0: ${at.rx} 1 0 0 0 0 0 0 ${at.rx / 2} 1\n`,
    'proc/meminfo': 'MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n',
    'proc/vmstat': `pgpgin 5\npswpin ${at.swapped}\n`,
    'sys/fs/cgroup/box/cpu.stat': `nr_periods ${at.throttled * 4}\nnr_throttled ${at.throttled}\n`,
  };
}

const first = hostFiles({
  cpu: '1000 0 500 8000 100 0 0 0',
  pressureUs: 1_000_000,
  sectors: 10_000,
  busyMs: 100,
  rx: 5000,
  swapped: 10,
  throttled: 100,
});
/** Ten seconds later, on a machine that counted 1000 ticks. */
const second = hostFiles({
  cpu: '1200 100 600 8500 200 0 0 0',
  pressureUs: 3_500_000,
  sectors: 30_480,
  busyMs: 9100,
  rx: 105_000,
  swapped: 20,
  throttled: 150,
});

function host(more: Readonly<Record<string, string>> = {}): KernelTree {
  return kernelTree({
    ...first,
    'proc/self/auxv': auxv(65_536),
    'proc/self/status': 'Cpus_allowed_list:\t0-7\n',
    'proc/self/mountinfo': mountinfo(unifiedMount),
    'proc/self/cgroup': '0::/box\n',
    'sys/fs/cgroup/box/cpu.max': '250000 100000\n',
    'sys/block/nvme0n1/size': '1',
    'sys/block/dm-0/slaves/nvme0n1p1': '',
    'sys/class/net/eth0/device/vendor': '',
    ...more,
  });
}

/** Reads with a clock that goes ten seconds a call. */
function readerOf(tree: KernelTree, options: HostReaderOptions = {}) {
  let nowMs = 0;
  const monotonicMs = () => {
    nowMs += 10_000;
    return nowMs;
  };
  const { procRoot, sysRoot, root: fsRoot } = tree;
  const places = {
    procRoot,
    sysRoot,
    fsRoot,
    env: {},
    platform: 'linux' as const,
  };
  return createHostReader({ ...places, monotonicMs, ...options });
}

function named(lines: readonly SessionLine[], kind: 'host' | 'job') {
  const reader = createHostReader({ platform: 'aix' });
  const columns = kind === 'host' ? reader.columns.hostColumns : reader.columns.jobColumns;
  const line = lines.find((candidate) => candidate.kind === kind);
  if (line?.kind !== 'host' && line?.kind !== 'job') throw new Error(`no ${kind} line`);
  expect(line.values).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((column, i) => [column, line.values[i]]));
}

describe('host line', () => {
  it('turns two readings into rates', async () => {
    const tree = host();
    const reader = readerOf(tree);
    await reader.readHost(1_000_000, []);
    tree.write(second);
    const lines = await reader.readHost(1_010_000, []);
    expect(lines.map((line) => line.kind)).toEqual(['host']);
    expect(lines[0]).toMatchObject({ t: 1_010_000 });
    expect(named(lines, 'host')).toEqual({
      cpuUserShare: 0.3,
      cpuSystemShare: 0.1,
      cpuIowaitShare: 0.1,
      cpuCoresAllowed: 2.5,
      psiCpuShare: 0.25,
      psiIoShare: 0.25,
      psiMemoryShare: 0.25,
      diskReadBytesPerS: MIB,
      diskWriteBytesPerS: MIB / 2,
      diskBusyShare: 0.9,
      networkRxBytesPerS: 10_000,
      networkTxBytesPerS: 5000,
      memoryAvailableMib: 2048,
      swapInBytesPerS: 65_536,
      cgroupThrottledShare: 0.25,
    });
  });

  it('has only what is known at once in the first reading', async () => {
    const known = Object.entries(named(await readerOf(host()).readHost(0, []), 'host'))
      .filter(([, value]) => value !== null)
      .map(([name]) => name);
    expect(known).toEqual(['cpuCoresAllowed', 'memoryAvailableMib']);
  });

  it('gives null, never less than 0, for an interval in which counters fell', async () => {
    const tree = host(second);
    const reader = readerOf(tree);
    await reader.readHost(0, []);
    tree.write(first);
    const known = Object.entries(named(await reader.readHost(1, []), 'host'))
      .filter(([, value]) => value !== null)
      .map(([name]) => name);
    expect(known).toEqual(['cpuCoresAllowed', 'memoryAvailableMib']);
    tree.write(second);
    expect(named(await reader.readHost(2, []), 'host')['cpuUserShare']).toBe(0.3);
  });

  it('keeps the CPU shares when only iowait fell', async () => {
    const tree = host();
    const reader = readerOf(tree);
    await reader.readHost(0, []);
    tree.write({ 'proc/stat': 'cpu  1300 0 600 8600 90 0 0 0\n' });
    expect(named(await reader.readHost(1, []), 'host')).toMatchObject({
      cpuUserShare: 0.3,
      cpuSystemShare: 0.1,
      cpuIowaitShare: null,
    });
  });

  it('knows quotas of version 1, nested', async () => {
    const tree = host({
      'proc/self/mountinfo': mountinfo(cpuV1Mount),
      'proc/self/cgroup': '3:cpu,cpuacct:/a/b\n0::/box\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '400000\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us': '100000\n',
    });
    const values = named(await readerOf(tree).readHost(0, []), 'host');
    expect(values['cpuCoresAllowed']).toBe(4);
  });
});

describe('missing signals', () => {
  it('are named in one event, once', async () => {
    const tree = host();
    tree.remove('proc/pressure');
    tree.remove('proc/diskstats');
    const reader = readerOf(tree);
    const lines = await reader.readHost(7, []);
    const events = lines.filter((line) => line.kind === 'event');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ t: 7, code: 'host-signal-missing' });
    expect(events[0]?.message).toMatch(/pressure stall .*; disk counters \(\/proc\/diskstats\)\.$/);
    tree.write(second);
    tree.remove('proc/pressure');
    tree.remove('proc/diskstats');
    const later = await reader.readHost(8, []);
    expect(later.filter((line) => line.kind === 'event')).toEqual([]);
    expect(named(later, 'host')).toMatchObject({
      psiIoShare: null,
      diskBusyShare: null,
      cpuUserShare: 0.3,
    });
  });

  it('are all of them on another system', async () => {
    const reader = readerOf(host(), { platform: 'darwin' });
    const lines = await reader.readHost(0, [{ pid: 1, gpus: [0], name: 'x' }]);
    expect(lines.map((line) => line.kind)).toEqual(['host', 'event']);
    expect(Object.values(named(lines, 'host')).every((value) => value === null)).toBe(true);
    expect(await reader.readHost(1, [])).toHaveLength(1);
    expect(() => reader.look()).not.toThrow();
  });

  it('are named with the file system empty', async () => {
    const reader = readerOf(kernelTree());
    expect((await reader.readHost(0, [])).map((line) => line.kind)).toEqual(['host', 'event']);
    const { cpus, memoryMib, bootedAt } = await reader.identity();
    expect(cpus).toBeGreaterThan(0);
    expect(memoryMib).toBeGreaterThan(0);
    expect(bootedAt).toBeNull();
  });
});

describe('job lines', () => {
  const gpuProcesses = [{ pid: 100, gpus: [0, 1], name: 'python3' }];
  const jobFiles = (main: number, worker: number, read: number, state = 'S') => ({
    'proc/1/stat': statLine({ pid: 1, name: 'init', parent: 0 }),
    'proc/2/stat': statLine({ pid: 2, name: 'kthreadd', parent: 0, flags: 0x20_8040 }),
    'proc/100/stat': statLine({ pid: 100, user: main }),
    'proc/100/task/100/stat': statLine({ pid: 100, user: main / 2 }),
    'proc/100/task/105/stat': statLine({ pid: 105, user: main / 2 }),
    'proc/100/status': 'Cpus_allowed_list:\t0-3\n',
    'proc/100/cgroup': '0::/box\n',
    'proc/100/io': ioText(read, 0),
    'proc/101/stat': statLine({ pid: 101, parent: 100, user: worker, state }),
    'proc/101/io': ioText(read, read),
    'proc/102/stat': statLine({ pid: 102, parent: 100, name: 'helper' }),
    'proc/102/io': ioText(0, 0),
    'proc/999/stat': statLine({ pid: 999, name: 'other', user: worker * 9 }),
  });

  it('follow a GPU process, its tree and its cgroup', async () => {
    const tree = host(jobFiles(1000, 100, 0));
    const reader = readerOf(tree);
    await reader.readHost(0, gpuProcesses);
    for (const state of ['D', 'D', 'S']) {
      tree.write(jobFiles(1000, 100, 0, state));
      reader.look();
    }
    tree.write({ ...second, ...jobFiles(1800, 1000, 10 * MIB, 'D') });
    const lines = await reader.readHost(10_000, gpuProcesses);
    expect(lines.find((line) => line.kind === 'job')).toMatchObject({
      t: 10_000,
      pid: 100,
      name: 'python3',
      gpus: [0, 1],
    });
    expect(named(lines, 'job')).toEqual({
      cpuCores: 1.7,
      mainCpuCores: 0.8,
      busiestThreadShare: 0.4,
      workers: 1,
      workerCpuShare: 0.9,
      // Four looks at the worker, three of which found it in D state; the GPU process never waited.
      dStateShare: 3 / 4,
      readBytesPerS: MIB,
      writeBytesPerS: 0,
      cgroupCpuLimitCores: 2.5,
      cgroupThrottledShare: 0.25,
      cpuCoresAllowed: 2.5,
      requestedReadBytesPerS: 2 * MIB,
      busiestWorkerShare: 0.9,
      majorFaultsPerS: 0,
      workersBornPerHour: 0,
      cgroupPsiCpuShare: null,
      cgroupPsiIoShare: null,
      cgroupPsiMemoryShare: null,
      workerQueuedShare: null,
      busiestThreadQueuedShare: null,
    });
  });

  it('tell for which mounts processes were found waiting, and what the cgroup felt', async () => {
    const pressure = (us: number) => `some avg10=0.00 avg60=0.00 avg300=0.00 total=${us}\n`;
    const more = (us: number) => ({
      'sys/fs/cgroup/box/io.pressure': pressure(us),
      'sys/fs/cgroup/box/cpu.pressure': pressure(us / 2),
      'proc/101/mountinfo': '50 27 0:50 / /data rw - nfs4 filer:/data rw\n',
      'proc/101/fdinfo/7': 'pos:\t0\nmnt_id:\t50\n',
      'proc/101/task/101/syscall': '17 0x7 0x0 0x0\n',
    });
    const tree = host({ ...jobFiles(1000, 100, 0), ...more(0) });
    const reader = readerOf(tree, { arch: 'x64' });
    await reader.readHost(0, gpuProcesses);
    tree.write(jobFiles(1000, 100, 0, 'D'));
    reader.look();
    reader.look();
    tree.write({
      ...jobFiles(1000, 100, 0, 'S'),
      ...more(4_000_000),
      'proc/101/stat': statLine({ pid: 101, parent: 100, user: 100, majorFaults: 500 }),
    });
    const lines = await reader.readHost(10_000, gpuProcesses);
    expect(lines.find((line) => line.kind === 'waits')).toEqual({
      kind: 'waits',
      t: 10_000,
      pid: 100,
      gpus: [0, 1],
      mounts: [
        {
          point: '/data',
          type: 'nfs4',
          store: 'network',
          found: 2,
          writing: 0,
          readBytesPerS: null,
          readMs: null,
        },
      ],
      unplaced: 0,
    });
    expect(named(lines, 'job')).toMatchObject({
      dStateShare: 0.6667,
      majorFaultsPerS: 50,
      cgroupPsiIoShare: 0.4,
      cgroupPsiCpuShare: 0.2,
      cgroupPsiMemoryShare: null,
    });
    // Nothing waits any more: no line.
    const later = await reader.readHost(60_000, gpuProcesses);
    expect(later.some((line) => line.kind === 'waits')).toBe(false);
  });

  it('leave out a process that is gone', async () => {
    const tree = host(jobFiles(1, 1, 0));
    const reader = readerOf(tree);
    await reader.readHost(0, gpuProcesses);
    tree.remove('proc/100');
    const lines = await reader.readHost(1, gpuProcesses);
    expect(lines.map((line) => line.kind)).toEqual(['host']);
  });

  it('start anew for another process with the same pid', async () => {
    const tree = host(jobFiles(90_000, 1, 0));
    const reader = readerOf(tree);
    await reader.readHost(0, gpuProcesses);
    tree.write({ 'proc/100/stat': statLine({ pid: 100, user: 500, start: 5000 }) });
    const job = named(await reader.readHost(1, gpuProcesses), 'job');
    expect(job['mainCpuCores']).toBe(0.5);
    expect(job['busiestThreadShare']).toBeNull();
  });

  it('have no rates for a process that was outside of every job until now', async () => {
    const tree = host(jobFiles(1000, 500, 0));
    const reader = readerOf(tree);
    await reader.readHost(0, gpuProcesses);
    await reader.readHost(1, gpuProcesses);
    const joined = [...gpuProcesses, { pid: 999, gpus: [1], name: 'other' }];
    const cores = async () => {
      const lines = await reader.readHost(2, joined);
      return named(lines.slice(2), 'job')['cpuCores'];
    };
    expect(await cores()).toBeNull();
    tree.write({ 'proc/999/stat': statLine({ pid: 999, name: 'other', user: 4500 + 700 }) });
    expect(await cores()).toBe(0.7);
  });

  it('say null for bytes that may not be read, and name that once', async () => {
    const files = createProcFiles();
    const guarded: ProcFiles = {
      read: (path) => (path.endsWith('101/io') ? denied : files.read(path)),
      list: (path) => files.list(path),
    };
    const tree = host(jobFiles(1000, 0, 0));
    const reader = readerOf(tree, { files: guarded });
    const before = await reader.readHost(0, gpuProcesses);
    const event = before.find((line) => line.kind === 'event');
    expect(event).toMatchObject({ code: 'host-signal-missing' });
    expect(event).toHaveProperty('message', expect.stringMatching(/bytes read and written/));
    tree.write(jobFiles(1500, 1000, 500));
    const after = await reader.readHost(1, gpuProcesses);
    expect(after.some((line) => line.kind === 'event')).toBe(false);
    expect(named(after, 'job')).toMatchObject({
      readBytesPerS: null,
      requestedReadBytesPerS: null,
      cpuCores: 1.5,
    });
  });
});
