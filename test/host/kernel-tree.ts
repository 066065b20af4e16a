import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A synthetic /proc and /sys in a temporary folder, gone after the test; nothing in it was captured from a machine. */
export interface KernelTree {
  readonly root: string;
  readonly procRoot: string;
  readonly sysRoot: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  remove(path: string): void;
}

export function kernelTree(files: Readonly<Record<string, string | Uint8Array>> = {}): KernelTree {
  const root = mkdtempSync(join(tmpdir(), 'gpucost-kernel-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const tree: KernelTree = {
    root,
    procRoot: join(root, 'proc'),
    sysRoot: join(root, 'sys'),
    write(more) {
      for (const [path, content] of Object.entries(more)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
    },
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
  };
  tree.write(files);
  return tree;
}

export interface StatFields {
  readonly pid: number;
  readonly name?: string;
  readonly state?: string;
  readonly parent?: number;
  readonly flags?: number;
  readonly user?: number;
  readonly system?: number;
  readonly reapedUser?: number;
  readonly reapedSystem?: number;
  readonly start?: number;
  readonly majorFaults?: number;
}

/** A line of /proc/PID/stat in the order of proc_pid_stat(5). */
export function statLine(fields: StatFields): string {
  const { pid, name = 'python', state = 'S', parent = 1, flags = 0x40_0000 } = fields;
  const {
    user = 0,
    system = 0,
    reapedUser = 0,
    reapedSystem = 0,
    start = 1000,
    majorFaults = 0,
  } = fields;
  const before = `${pid} (${name}) ${state} ${parent} ${pid} ${pid} 0 -1 ${flags} 97 0 ${majorFaults} 0`;
  return `${before} ${user} ${system} ${reapedUser} ${reapedSystem} 20 0 1 0 ${start} 3133440 359\n`;
}

export function ioText(requested: number, read: number, write = 0): string {
  return `rchar: ${requested}\nwchar: 0\nsyscr: 10\nsyscw: 0\nread_bytes: ${read}\nwrite_bytes: ${write}\ncancelled_write_bytes: 0\n`;
}

/** The auxiliary vector of a process on a host with pages of `bytes`. */
export function auxv(bytes: number): Uint8Array {
  const vector = Buffer.alloc(48);
  vector.writeBigUInt64LE(33n, 0);
  vector.writeBigUInt64LE(6n, 16);
  vector.writeBigUInt64LE(BigInt(bytes), 24);
  return vector;
}

/** A /proc/self/mountinfo with the given cgroup mounts. */
export function mountinfo(
  ...mounts: readonly { folder: string; root?: string; type: string; options: string }[]
): string {
  return [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    ...mounts.map(
      ({ folder, root = '/', type, options }, i) =>
        `${32 + i} 31 0:${29 + i} ${root} ${folder} rw,relatime shared:9 - ${type} ${type} ${options}`,
    ),
    '',
  ].join('\n');
}

export const unifiedMount = { folder: '/sys/fs/cgroup', type: 'cgroup2', options: 'rw,nsdelegate' };
export const cpuV1Mount = {
  folder: '/sys/fs/cgroup/cpu,cpuacct',
  type: 'cgroup',
  options: 'rw,cpu,cpuacct',
};
