import { describe, expect, test } from 'vitest';
import { parseCgroupNames } from '../../src/host/cgroup-names.ts';
import { createProcFiles } from '../../src/host/proc-file.ts';
import { namedVariables } from '../../src/host/process-environment.ts';
import { createOwnerReader } from '../../src/host/process-owner.ts';
import { kernelTree, statLine } from './kernel-tree.ts';

const id = '0123456789abcdef'.repeat(4);
const shown = id.slice(0, 12);
const pod = '11111111-2222-3333-4444-555555555555';

/** Paths in the forms that each runtime documents; made up, none was captured. */
describe('the names in a cgroup path', () => {
  test.each([
    ['docker, v2', `0::/system.slice/docker-${id}.scope`, 'docker'],
    ['docker, v1', `5:memory:/docker/${id}`, 'docker'],
    [
      'podman',
      `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
      'podman',
    ],
    ['cri-o', `0::/kubepods.slice/crio-${id}.scope`, 'cri-o'],
    ['containerd', `0::/kubepods.slice/cri-containerd-${id}.scope`, 'containerd'],
    ['from a container with a namespace of its own', `0::/../../docker-${id}.scope`, 'docker'],
  ])('%s', (_, cgroup, runtime) => {
    expect(parseCgroupNames(cgroup).container).toEqual({ runtime, id: shown });
  });

  test.each([
    [
      'systemd driver',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`,
    ],
    ['cgroupfs driver, v1', `9:cpu,cpuacct:/kubepods/burstable/pod${pod}/${id}`],
    [
      'containerd under systemd, v1',
      `1:name=systemd:/system.slice/containerd.service/kubepods-besteffort-pod${pod.replaceAll('-', '_')}.slice:cri-containerd:${id}`,
    ],
  ])('a pod: %s', (_, cgroup) => {
    expect(parseCgroupNames(cgroup)).toMatchObject({ podUid: pod, container: { id: shown } });
  });

  test.each([
    ['v1', '8:memory:/slurm/uid_1000/job_4711/step_0/task_3', '0'],
    ['v1, several daemons', '8:memory:/slurm_node1/uid_1000/job_4711/step_batch', 'batch'],
    ['v2', '0::/system.slice/slurmstepd.scope/job_4711/step_2/user/task_0', '2'],
  ])('a Slurm job: %s', (_, cgroup, slurmStep) => {
    expect(parseCgroupNames(cgroup)).toMatchObject({ slurmJob: '4711', slurmStep });
  });

  test('a folder that is only called like a Slurm job is none', () => {
    expect(parseCgroupNames('0::/my.slice/job_4711').slurmJob).toBeNull();
  });

  test.each([
    ['0::/system.slice/jupyter.service', 'jupyter.service'],
    ['0::/user.slice/user-1000.slice/session-3.scope', 'session-3.scope'],
    [
      '4:memory:/\n1:name=systemd:/user.slice/user-1000.slice/session-3.scope\n0::/',
      'session-3.scope',
    ],
    ['0::/', null],
  ])('the unit of %j', (cgroup, unit) => {
    expect(parseCgroupNames(cgroup).unit).toBe(unit);
  });
});

test('of an environment only the named variables are read', () => {
  const text = 'AWS_SECRET_ACCESS_KEY=x\0RANK=3\0WORLD_SIZE=8\0HOME=/root\0POD_NAME=\0';
  expect(namedVariables(text)).toEqual({ RANK: '3', WORLD_SIZE: '8' });
});

/** torchrun with one rank below a shell; synthetic. */
const job = {
  'etc/passwd': 'root:x:0:0::/root:/bin/bash\nada:x:4242:4242::/home/ada:/bin/bash\n',
  'proc/stat': 'cpu 0 0 0 0\nbtime 1700000000\n',
  'proc/50/stat': statLine({ pid: 50, name: 'bash', parent: 40, start: 400 }),
  'proc/60/stat': statLine({ pid: 60, name: 'torchrun', parent: 50, start: 500 }),
  'proc/61/stat': statLine({ pid: 61, name: 'pt_main_thread', parent: 60, start: 1000 }),
  'proc/61/status': 'Name:\tpython3\nUid:\t4242\t4242\t4242\t4242\n',
  'proc/61/cgroup': '0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_1\n',
  'proc/61/environ': 'RANK=1\0WORLD_SIZE=8\0MASTER_PORT=29500\0SECRET=x\0',
};

function readerOf(files: Readonly<Record<string, string>>, ownPid = 1) {
  const tree = kernelTree(files);
  const reader = createOwnerReader(
    { procRoot: tree.procRoot, fsRoot: tree.root, ownPid },
    createProcFiles(),
  );
  return { tree, reader };
}

describe('whose a process is', () => {
  test('user, Slurm step, launcher and rank', () => {
    expect(readerOf(job).reader.ownerOf(61)).toEqual({
      startedAt: 1_700_000_010_000,
      startTicks: 1000,
      uid: 4242,
      user: 'ada',
      container: null,
      pod: null,
      slurmJob: '7',
      slurmStep: '0',
      unit: 'slurmstepd.scope',
      launcher: { pid: 60, startTicks: 500, name: 'torchrun' },
      rank: 1,
      rendezvousPort: 29500,
    });
  });

  test('is read once in a process’s life, and anew for another one with its pid', () => {
    const { tree, reader } = readerOf(job);
    const first = reader.ownerOf(61);
    tree.write({ 'proc/61/cgroup': '0::/other.slice\n' });
    expect(reader.ownerOf(61)).toBe(first);
    tree.write({ 'proc/61/stat': statLine({ pid: 61, parent: 60, start: 2000 }) });
    expect(reader.ownerOf(61)).toMatchObject({ startTicks: 2000, slurmJob: null });
    tree.remove('proc/61');
    expect(reader.ownerOf(61)).toBeNull();
  });

  test('without permission for its environment, and without a name for its user', () => {
    const { 'proc/61/environ': _, 'etc/passwd': __, ...files } = job;
    expect(readerOf(files).reader.ownerOf(61)).toMatchObject({ uid: 4242, user: null, rank: null });
  });

  test('what we wrap is a job, also where it is no launcher', () => {
    expect(readerOf(job, 60).reader.ownerOf(61)?.launcher).toEqual({
      pid: 61,
      startTicks: 1000,
      name: 'pt_main_thread',
    });
  });

  test('a kernel of a notebook server is a job of its own', () => {
    const environ = 'JPY_PARENT_PID=60\0';
    const launcher = readerOf({ ...job, 'proc/61/environ': environ }).reader.ownerOf(61)?.launcher;
    expect(launcher?.pid).toBe(61);
  });

  test.runIf(process.platform === 'linux')('this process, as its real /proc shows it', () => {
    const places = { procRoot: '/proc', fsRoot: '/', ownPid: 1 };
    const owner = createOwnerReader(places, createProcFiles()).ownerOf(process.pid);
    expect(owner?.uid).toBe(process.getuid?.());
    expect(Math.abs((owner?.startedAt ?? 0) - (Date.now() - 1000 * process.uptime()))).toBeLessThan(
      5000,
    );
    expect(owner?.launcher).not.toBeNull();
  });
});
