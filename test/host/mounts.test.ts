import { expect, test } from 'vitest';
import { parseMounts } from '../../src/host/mounts.ts';

/** Synthetic lines in the form of proc_pid_mountinfo(5). */
const line = (id: number, point: string, type: string, source: string) =>
  `${id} 27 0:${id} / ${point} rw,relatime shared:${id} - ${type} ${source} rw,user_id=0`;

test.each([
  ['ext4', '/dev/nvme0n1p1', 'ext4', 'local'],
  ['xfs', '/dev/nvme1n1', 'xfs', 'local'],
  ['overlay', 'overlay', 'overlay', 'local'],
  ['nfs4', 'fs-1.efs.example:/', 'nfs4', 'network'],
  ['nfs', 'filer:/export', 'nfs', 'network'],
  ['lustre', '10.0.0.1@tcp:/fsx', 'lustre', 'network'],
  ['ceph', '10.0.0.1:6789:/', 'ceph', 'network'],
  ['fuse.ceph-fuse', 'ceph-fuse', 'ceph-fuse', 'network'],
  ['cifs', '//server/share', 'cifs', 'network'],
  ['fuse.gcsfuse', 'my-bucket', 'gcsfuse', 'object-store'],
  ['fuse.s3fs', 's3fs', 's3fs', 'object-store'],
  ['fuse', 'mountpoint-s3', 'mountpoint-s3', 'object-store'],
  ['fuse.goofys', 'my-bucket', 'goofys', 'object-store'],
  ['fuse.rclone', 'remote:bucket', 'rclone', 'object-store'],
  ['fuse.juicefs', 'JuiceFS:data', 'juicefs', 'object-store'],
  ['fuse', 'JuiceFS:data', 'juicefs', 'object-store'],
  ['fuse', 'blobfuse2', 'blobfuse2', 'object-store'],
  ['fuse', 'rclone-was-here', 'fuse', 'fuse'],
  ['fuse.sshfs', 'me@there:/data', 'sshfs', 'network'],
  ['fuse.unheard-of', 'x', 'unheard-of', 'fuse'],
  ['tmpfs', 'tmpfs', 'tmpfs', 'memory'],
  ['proc', 'proc', 'proc', 'none'],
  ['devtmpfs', 'udev', 'devtmpfs', 'none'],
  ['newfs', '/dev/x', 'newfs', 'unknown'],
])('%s of %s is %s: %s', (type, source, name, kind) => {
  const mount = parseMounts(line(40, '/data', type, source)).get(40);
  expect(mount).toEqual({
    id: 40,
    point: '/data',
    type: name,
    kind,
    isFuse: type.startsWith('fuse'),
  });
});

test('a mount point with a space, and a line that is none', () => {
  const mounts = parseMounts(`${line(7, '/my\\040data', 'ext4', '/dev/sda')}\nnonsense\n`);
  expect([...mounts.values()].map(({ point }) => point)).toEqual(['/my data']);
});
