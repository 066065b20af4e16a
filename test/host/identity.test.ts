import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isContainer, readIdentity } from '../../src/host/identity.ts';
import { createProcFiles } from '../../src/host/proc-file.ts';
import { kernelTree } from './kernel-tree.ts';

const files = createProcFiles();
const machineId = '0123456789abcdef0123456789abcdef';

function places(more: Readonly<Record<string, string>> = {}) {
  const tree = kernelTree({
    'etc/machine-id': `${machineId}\n`,
    'proc/stat': 'cpu  1 2 3 4 5\ncpu0 1 2 3 4 5\ncpu1 1 2 3 4 5\nbtime 1780000000\n',
    'proc/meminfo': 'MemTotal:       2097152 kB\n',
    'proc/1/cgroup': '0::/init.scope\n',
    'proc/sys/kernel/random/boot_id': '11111111-2222-3333-4444-555555555555\n',
    ...more,
  });
  return { procRoot: tree.procRoot, sysRoot: tree.sysRoot, fsRoot: tree.root, env: {} };
}

describe('readIdentity', () => {
  it('reads what a session keeps of its host', () => {
    const identity = readIdentity(places(), files);
    expect(identity).toMatchObject({
      name: hostname(),
      cpus: 2,
      memoryMib: 2048,
      bootedAt: 1_780_000_000_000,
      container: false,
    });
  });

  it('takes the start of PID 1 for the boot of a container, which sees the boot of its host', () => {
    // Field 22: 360,000 ticks of 10 ms after the host's boot.
    const init = '1 (python3) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 360000 1000 200\n';
    const { bootedAt, container } = readIdentity(
      places({ '.dockerenv': '', 'proc/1/stat': init }),
      files,
    );
    expect(container).toBe(true);
    expect(bootedAt).toBe(1_780_003_600_000);
  });

  it('has the same key each time, and not the machine id', () => {
    const { key } = readIdentity(places(), files);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(key).not.toBe(machineId);
    expect(readIdentity(places({ 'proc/meminfo': '' }), files).key).toBe(key);
    const other = places({ 'etc/machine-id': 'f'.repeat(32) });
    expect(readIdentity(other, files).key).not.toBe(key);
  });

  it('does not take the id of an unused image, nor of a container image, for the host', () => {
    const unused = readIdentity(places({ 'etc/machine-id': 'uninitialized\n' }), files).key;
    const none = readIdentity(places({ 'etc/machine-id': '' }), files).key;
    expect(unused).toBe(none);
    const boot = (id: string) => ({ '.dockerenv': '', 'proc/sys/kernel/random/boot_id': id });
    const a = readIdentity(places(boot('aaaaaaaa-2222-3333-4444-555555555555')), files);
    const b = readIdentity(places(boot('bbbbbbbb-2222-3333-4444-555555555555')), files);
    expect(a.container).toBe(true);
    expect(a.key).not.toBe(b.key);
  });
});

describe('isContainer', () => {
  it.each([
    { '.dockerenv': '' },
    { 'run/.containerenv': '' },
    { '.singularity.d/env': '' },
    { 'proc/1/cgroup': '4:cpu:/docker/8a1f\n' },
    { 'proc/1/cgroup': '0::/kubepods.slice/pod1\n' },
    { 'proc/1/cgroup': '0::/lxc/web\n' },
  ])('knows %j', (marks) => {
    expect(isContainer(places(marks), files)).toBe(true);
  });

  it('knows Kubernetes by its environment', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect(isContainer({ ...places(), env }, files)).toBe(true);
  });

  it('does not take a host that runs containers for one', () => {
    expect(isContainer(places({ 'proc/1/cgroup': '4:cpu:/\n0::/init.scope\n' }), files)).toBe(
      false,
    );
  });
});
