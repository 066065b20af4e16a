/** What stands behind a mount, as far as its type tells; `none` is the kernel's own (/proc, /dev) and holds no data. */
export const mountKinds = [
  'local',
  'network',
  'object-store',
  'fuse',
  'memory',
  'unknown',
  'none',
] as const;

export type MountKind = (typeof mountKinds)[number];

export interface Mount {
  /** As in /proc/PID/fdinfo: unique on the host. */
  readonly id: number;
  /** Where it is mounted, as its processes see it. */
  readonly point: string;
  /** The file system's own name where one is known by it ("nfs4", "gcsfuse", "ext4"), else the kernel's type. */
  readonly type: string;
  readonly kind: MountKind;
  /** Served by a daemon in user space. */
  readonly isFuse: boolean;
}

/**
 * File systems that mount object storage, by the name that they give the kernel (`fuse.NAME`, or as the source of a
 * mount of type `fuse`): read in the projects' own documentation and mount code.
 */
const objectStores =
  /^(gcsfuse|s3fs|goofys|geesefs|mountpoint-s3|rclone|juicefs|blobfuse2?|cunofs|riofs|s3backer|s3ql|ossfs2?|obsfs|cosfs|tigrisfs|objectivefs|hf-mount)(?=$|[:#])/i;

/** Shared file systems and those that a virtual machine's host passes in: what answers is elsewhere. */
const networkTypes =
  /^(nfs\d?|cifs|smb\d|smbfs|lustre|ceph|gpfs|mmfs|beegfs|wekafs|panfs|pvfs2|orangefs|glusterfs|afs|coda|9p|virtiofs|ocfs2|gfs2|quobyte|daos|vastnfs)$/;
/** The same, spoken to through FUSE. */
const networkFuse =
  /^(ceph(-fuse)?|glusterfs|sshfs|alluxio(-fuse)?|seaweedfs|moosefs|mfs|lizardfs|dfuse|cvmfs2?|hdfs|fuse_dfs|quobyte.*|orangefs|davfs|curlftpfs)(?=$|[:#])/i;
const localTypes =
  /^(ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|jfs|reiserfs|ntfs3?|fuseblk|vfat|exfat|msdos|hfsplus|iso9660|udf|squashfs|erofs|overlay|aufs)$/;
const kernelTypes =
  /^(proc|sysfs|devtmpfs|devpts|cgroup2?|securityfs|debugfs|tracefs|pstore|bpf|configfs|mqueue|nsfs|rpc_pipefs|autofs|binfmt_misc|efivarfs|fusectl|selinuxfs|nvidia-fs)$/;
const memoryTypes = /^(tmpfs|ramfs|hugetlbfs)$/;

/** All mounts of a /proc/PID/mountinfo (proc_pid_mountinfo(5)), by id. */
export function parseMounts(mountinfo: string): ReadonlyMap<number, Mount> {
  const mounts = new Map<number, Mount>();
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const cells = before?.split(' ') ?? [];
    const [type, source] = after?.split(' ') ?? [];
    const [id, point] = [Number(cells[0]), cells[4]];
    if (type === undefined || point === undefined || !Number.isSafeInteger(id)) continue;
    mounts.set(id, { id, point: unescapePath(point), ...typeOf(type, unescapePath(source ?? '')) });
  }
  return mounts;
}

/** True for what a file call can wait on. */
export function holdsFiles(mount: Mount): boolean {
  return mount.kind !== 'none';
}

/** mountinfo writes spaces and the like as \040. */
export function unescapePath(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function typeOf(type: string, source: string): Pick<Mount, 'type' | 'kind' | 'isFuse'> {
  const isFuse = type === 'fuse' || type.startsWith('fuse.');
  if (isFuse) {
    // Older object-store clients name themselves in the source only.
    const name = type === 'fuse' ? source : type.slice('fuse.'.length);
    const store = objectStores.exec(name)?.[1];
    if (store !== undefined) {
      return { type: store.toLowerCase(), kind: 'object-store', isFuse };
    }
    const network = networkFuse.exec(name)?.[1];
    if (network !== undefined) {
      return { type: network.toLowerCase(), kind: 'network', isFuse };
    }
    // A source can name a bucket or a host, which is nobody's business here.
    return { type: type === 'fuse' ? 'fuse' : name, kind: 'fuse', isFuse };
  }
  if (networkTypes.test(type)) return { type, kind: 'network', isFuse };
  if (memoryTypes.test(type)) return { type, kind: 'memory', isFuse };
  if (localTypes.test(type)) return { type, kind: 'local', isFuse };
  return { type, kind: kernelTypes.test(type) ? 'none' : 'unknown', isFuse };
}
