import { join } from 'node:path';
import { type FileCall, fileOfCall } from './file-calls.ts';
import type { MountTable } from './mount-table.ts';
import { holdsFiles, type Mount } from './mounts.ts';
import { denied, type ProcFiles } from './proc-file.ts';

/** What a blocked thread waits for. */
export type FileWait =
  /** A call on a file of this mount; `mount` null: it is not to be told which. */
  | { readonly on: 'file'; readonly mount: Mount | null; readonly call: FileCall }
  /** Certainly no file: a device (the GPU driver among them), a pipe, a socket. */
  | { readonly on: 'something-else' }
  | { readonly on: 'unknown' };

/** Tells what blocked threads wait for, as far as this user may see it. */
export interface FileWaits {
  /** A thread found in uninterruptible sleep. */
  ofBlocked(pid: number, thread: number): FileWait;
  /**
   * A thread found in interruptible sleep: the kernel waits so for an answer of a FUSE daemon
   * (fs/fuse/dev.c, request_wait_answer). Null where it waits for no file of such a mount, or that can't be seen.
   */
  ofSleeping(pid: number, thread: number): FileWait | null;
  /** Any mount of the process on which threads wait in interruptible sleep. */
  hasFuse(pid: number): boolean;
  /** True once /proc/PID/syscall could not be read for lack of permission (it needs the right to ptrace). */
  readonly isDenied: boolean;
}

/** Functions in which the kernel waits for a kind of file system, by the first words of their names. */
const waitFunctions: readonly (readonly [RegExp, (mount: Mount) => boolean])[] = [
  [/^(nfs|rpc_|__rpc|xprt_)/, ({ type }) => type.startsWith('nfs') || type === 'vastnfs'],
  [/^(request_wait_answer|fuse_)/, isFuse],
  [/^ceph/, ({ type }) => type.startsWith('ceph')],
  [/^(ll_|cl_|osc_|ptlrpc|ldlm|lov_)/, ({ type }) => type === 'lustre'],
  [/^(cifs|smb|wait_for_response|compound_send_recv)/, ({ type }) => /^(cifs|smb)/.test(type)],
  [/^(p9_|v9fs)/, ({ type }) => type === '9p'],
  [/^(gpfs|mmfs|cxi)/, ({ type }) => type === 'gpfs' || type === 'mmfs'],
  // Waiting for a page or a block: any file system does.
  [
    /^(folio_wait|wait_on_page|io_schedule|bit_wait_io|filemap_|do_get_write|jbd2|blk_|submit_bio)/,
    holdsFiles,
  ],
];

export function createFileWaits(
  procRoot: string,
  mounts: MountTable,
  files: ProcFiles,
  arch: string,
): FileWaits {
  let isDenied = false;

  const byCall = (pid: number, thread: number): FileWait | null => {
    const text = files.read(join(procRoot, String(pid), 'task', String(thread), 'syscall'));
    if (text === denied) isDenied = true;
    const found = typeof text === 'string' ? fileOfCall(text, arch) : null;
    if (found === null) return null;
    const mount = mounts.ofOpenFile(pid, found.file);
    if (mount === null) return null;
    return holdsFiles(mount) ? { on: 'file', mount, call: found.call } : { on: 'something-else' };
  };

  /** Without the call: what the kernel waits in, and whether one mount alone can be meant. */
  const byFunction = (pid: number, thread: number): FileWait => {
    const name = files.read(join(procRoot, String(pid), 'task', String(thread), 'wchan'));
    const fits = typeof name === 'string' ? waitFunctions.find(([is]) => is.test(name)) : undefined;
    const open = mounts.ofOpenFiles(pid) ?? [];
    // Woken before it could be asked: with a device open, it may have waited for that.
    if (fits === undefined && !open.every(holdsFiles)) return { on: 'unknown' };
    const meant = open.filter(fits?.[1] ?? holdsFiles);
    const [mount] = meant;
    if (mount !== undefined && meant.length === 1) return { on: 'file', mount, call: 'other' };
    return fits === undefined ? { on: 'unknown' } : { on: 'file', mount: null, call: 'other' };
  };

  return {
    ofBlocked: (pid, thread) => byCall(pid, thread) ?? byFunction(pid, thread),
    ofSleeping(pid, thread) {
      const wait = byCall(pid, thread);
      return wait?.on === 'file' && wait.mount !== null && isFuse(wait.mount) ? wait : null;
    },
    hasFuse: (pid) => [...mounts.seenBy(pid).values()].some(isFuse),
    get isDenied() {
      return isDenied;
    },
  };
}

/** Served by a daemon of user space; network file systems among them have names of their own. */
function isFuse({ kind, isFuse: served }: Mount): boolean {
  return served && kind !== 'none';
}
