import { describe, expect, test } from 'vitest';
import { createFileWaits } from '../../src/host/file-waits.ts';
import { createMountTable } from '../../src/host/mount-table.ts';
import { createProcFiles, denied, type ProcFiles } from '../../src/host/proc-file.ts';
import { kernelTree } from './kernel-tree.ts';

/** Synthetic: a worker with files open on NFS, on an object store and on a device. */
const mounts = [
  '27 1 254:0 / / rw - ext4 /dev/vda rw',
  '24 27 0:6 / /dev rw - devtmpfs devtmpfs rw',
  '50 27 0:50 / /data rw - nfs4 filer:/data rw',
  '60 27 0:60 / /bucket rw - fuse.gcsfuse my-bucket rw',
  '',
].join('\n');
const fdinfo = (mount: number) => `pos:\t0\nflags:\t0100000\nmnt_id:\t${mount}\nino:\t3\n`;
const call = (number: number, file: number) => `${number} 0x${file.toString(16)} 0x7f00 0x1000\n`;

function waits(
  thread: Readonly<Record<string, string>>,
  open: Readonly<Record<number, number>>,
  deny: RegExp | null = null,
) {
  const tree = kernelTree({
    'proc/9/mountinfo': mounts,
    ...Object.fromEntries(
      Object.entries(open).map(([file, mount]) => [`proc/9/fdinfo/${file}`, fdinfo(mount)]),
    ),
    ...Object.fromEntries(
      Object.entries(thread).map(([name, text]) => [`proc/9/task/9/${name}`, text]),
    ),
  });
  const real = createProcFiles();
  const files: ProcFiles = {
    read: (path) => (deny?.test(path) === true ? denied : real.read(path)),
    list: (path) => real.list(path),
  };
  const table = createMountTable(tree.procRoot, files);
  return createFileWaits(tree.procRoot, table, files, 'x64');
}

describe('a thread in uninterruptible sleep', () => {
  test('waits for the mount of the file that it reads', () => {
    const found = waits({ syscall: call(17, 5) }, { 4: 27, 5: 50 }).ofBlocked(9, 9);
    expect(found).toMatchObject({ on: 'file', call: 'read', mount: { point: '/data' } });
  });

  test('waits for a write', () => {
    const found = waits({ syscall: call(74, 4) }, { 4: 27 }).ofBlocked(9, 9);
    expect(found).toMatchObject({ on: 'file', call: 'write', mount: { point: '/' } });
  });

  test('in a call on a device waits for no storage', () => {
    const found = waits({ syscall: call(16, 6) }, { 5: 50, 6: 24 }).ofBlocked(9, 9);
    expect(found).toEqual({ on: 'something-else' });
  });

  test('without the right to see the call: the one mount of the kind that the kernel waits in', () => {
    const seen = waits(
      { syscall: '', wchan: 'rpc_wait_bit_killable' },
      { 4: 27, 5: 50 },
      /syscall/,
    );
    expect(seen.ofBlocked(9, 9)).toMatchObject({ on: 'file', mount: { point: '/data' } });
    expect(seen.isDenied).toBe(true);
  });

  test('two mounts can be meant: none is named', () => {
    const seen = waits({ wchan: 'folio_wait_bit_common' }, { 4: 27, 5: 50 }).ofBlocked(9, 9);
    expect(seen).toEqual({ on: 'file', mount: null, call: 'other' });
  });

  test('woken before it could be asked: the only mount with open files, unless a device is open', () => {
    const thread = { syscall: 'running\n', wchan: '0' };
    const one = waits(thread, { 1: 24, 4: 50 }).ofBlocked(9, 9);
    expect(one).toMatchObject({ on: 'file', mount: { point: '/data' } });
    expect(waits(thread, { 4: 50, 6: 24 }).ofBlocked(9, 9)).toEqual({ on: 'unknown' });
    expect(waits(thread, { 4: 50, 5: 27 }).ofBlocked(9, 9)).toEqual({ on: 'unknown' });
  });

  test('nothing can be seen', () => {
    expect(waits({}, {}, /./).ofBlocked(9, 9)).toEqual({ on: 'unknown' });
  });
});

describe('a thread in interruptible sleep', () => {
  test('waits for the daemon of a FUSE mount', () => {
    const seen = waits({ syscall: call(0, 5) }, { 5: 60 });
    expect(seen.hasFuse(9)).toBe(true);
    expect(seen.ofSleeping(9, 9)).toMatchObject({ mount: { type: 'gcsfuse', point: '/bucket' } });
  });

  test('on a pipe, or a file of another mount, does not count', () => {
    expect(waits({ syscall: call(0, 5) }, { 5: 4242 }).ofSleeping(9, 9)).toBeNull();
    expect(waits({ syscall: call(0, 5) }, { 5: 27 }).ofSleeping(9, 9)).toBeNull();
  });
});

test('calls have other numbers on arm64', () => {
  const tree = kernelTree({
    'proc/9/mountinfo': mounts,
    'proc/9/fdinfo/5': fdinfo(50),
    'proc/9/task/9/syscall': call(63, 5),
  });
  const files = createProcFiles();
  const waitsOf = (arch: string) =>
    createFileWaits(tree.procRoot, createMountTable(tree.procRoot, files), files, arch);
  expect(waitsOf('arm64').ofBlocked(9, 9)).toMatchObject({ call: 'read' });
  expect(waitsOf('riscv64').ofBlocked(9, 9)).toMatchObject({ call: 'other' });
});
