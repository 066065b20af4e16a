import { describe, expect, it } from 'vitest';
import {
  findCpuMount,
  parseCgroupPath,
  quotaCores,
  readLevels,
  throttledShare,
} from '../../src/host/cgroup.ts';
import { createProcFiles } from '../../src/host/proc-file.ts';
import { cpuV1Mount, kernelTree, mountinfo, unifiedMount } from './kernel-tree.ts';

const files = createProcFiles();
const stat = (periods: number, throttled: number) =>
  `nr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_usec 5\n`;

describe('findCpuMount', () => {
  it('prefers version 1 where it has the cpu controller, as on hybrid hosts', () => {
    const text = mountinfo({ ...unifiedMount, folder: '/sys/fs/cgroup/unified' }, cpuV1Mount);
    expect(findCpuMount(text, '/t/sys')).toEqual({
      version: 1,
      root: '/',
      folder: '/t/sys/fs/cgroup/cpu,cpuacct',
    });
  });

  it('takes version 2 where version 1 has other controllers only', () => {
    const cpuset = { folder: '/sys/fs/cgroup/cpuset', type: 'cgroup', options: 'rw,cpuset' };
    expect(findCpuMount(mountinfo(cpuset, unifiedMount), '/sys')).toEqual({
      version: 2,
      root: '/',
      folder: '/sys/fs/cgroup',
    });
  });

  it('finds none', () => {
    expect(findCpuMount(mountinfo(), '/sys')).toBeNull();
  });

  it('reads escaped names', () => {
    const text = mountinfo({ ...cpuV1Mount, folder: '/my\\040groups/cpu' });
    expect(findCpuMount(text, '/sys')?.folder).toBe('/my groups/cpu');
  });
});

it('finds the path of either version', () => {
  const text = '9:name=systemd:/\n3:cpuset:/x\n2:cpu,cpuacct:/job:1\n0::/user.slice\n';
  expect(parseCgroupPath(text, 1)).toBe('/job:1');
  expect(parseCgroupPath(text, 2)).toBe('/user.slice');
  expect(parseCgroupPath('0::/\n', 1)).toBeNull();
});

describe('readLevels', () => {
  it('finds the tightest quota on the whole way up, version 2', () => {
    const tree = kernelTree({
      'sys/fs/cgroup/cpu.stat': 'usage_usec 1\n',
      'sys/fs/cgroup/kubepods/cpu.max': '300000 100000\n',
      'sys/fs/cgroup/kubepods/cpu.stat': stat(10, 1),
      'sys/fs/cgroup/kubepods/pod1/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/kubepods/pod1/cpu.stat': stat(0, 0),
      'sys/fs/cgroup/kubepods/pod1/c1/cpu.max': '600000 100000\n',
      'sys/fs/cgroup/kubepods/pod1/c1/cpu.stat': stat(20, 2),
    });
    const mount = findCpuMount(mountinfo(unifiedMount), tree.sysRoot);
    expect(mount).not.toBeNull();
    if (mount === null) return;
    const levels = readLevels('/kubepods/pod1/c1', mount, files);
    expect(levels?.map((level) => level.quotaCores)).toEqual([6, null, 3, null]);
    expect(levels?.map((level) => level.throttled)).toEqual([2, 0, 1, null]);
    expect(quotaCores(levels ?? [])).toBe(3);
    expect(readLevels('/', mount, files)).toHaveLength(1);
  });

  it('reads version 1, where -1 is no quota', () => {
    const tree = kernelTree({
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '150000\n',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/job/cpu.stat': stat(100, 30),
    });
    const mount = findCpuMount(mountinfo(cpuV1Mount), tree.sysRoot);
    const levels = mount === null ? null : readLevels('/job', mount, files);
    expect(levels?.map((level) => level.quotaCores)).toEqual([1.5, null]);
  });

  it("takes a container's part of its host's hierarchy for the top", () => {
    const tree = kernelTree({ 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000\n' });
    tree.write({ 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n' });
    const mount = findCpuMount(mountinfo({ ...cpuV1Mount, root: '/docker/abc' }), tree.sysRoot);
    expect(mount).not.toBeNull();
    if (mount === null) return;
    expect(quotaCores(readLevels('/docker/abc', mount, files) ?? [])).toBe(2);
    expect(readLevels('/docker/other', mount, files)).toBeNull();
    expect(readLevels('/docker/abcd', mount, files)).toBeNull();
  });

  it('knows nothing of a cgroup outside of its namespace, or gone', () => {
    const tree = kernelTree({ 'sys/fs/cgroup/cpu.stat': '' });
    const mount = { version: 2, root: '/', folder: `${tree.sysRoot}/fs/cgroup` } as const;
    expect(readLevels('/../../other.slice', mount, files)).toBeNull();
    expect(readLevels('/gone', mount, files)).toBeNull();
  });
});

describe('throttledShare', () => {
  const level = (
    path: string,
    cores: number | null,
    periods: number | null,
    throttled: number | null,
  ) => ({
    path,
    quotaCores: cores,
    periods,
    throttled,
  });

  it('takes the worst level', () => {
    const before = [level('a', 2, 100, 10), level('b', 4, 100, 0)];
    const after = [level('a', 2, 150, 30), level('b', 4, 150, 5)];
    expect(throttledShare(before, after)).toBe(0.4);
  });

  it('is 0 without a quota, and where no period began', () => {
    expect(throttledShare([level('a', null, null, null)], [level('a', null, null, null)])).toBe(0);
    expect(throttledShare([level('a', 2, 100, 10)], [level('a', 2, 100, 10)])).toBe(0);
  });

  it.each([
    ['a counter that fell', [level('a', 2, 100, 10)], [level('a', 2, 20, 2)]],
    ['a process that moved', [level('x', 2, 100, 10)], [level('a', 2, 200, 20)]],
    ['unreadable counters', [level('a', 2, null, null)], [level('a', 2, null, null)]],
  ])('is unknown with %s', (_, before, after) => {
    expect(throttledShare(before, after)).toBeNull();
  });
});
