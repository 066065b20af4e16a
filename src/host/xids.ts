import { join } from 'node:path';
import { createKernelLog, type KernelLog } from './kernel-log.ts';
import { absent, createProcFiles, type ProcFiles, textOf, type Unreadable } from './proc-file.ts';

/** An XID: an error of a GPU that NVIDIA's driver writes to the kernel's log. */
export interface Xid {
  readonly code: number;
  /** PCI address as the driver prints it, `0000:10:00`. */
  readonly pciAddress: string;
  readonly pid: number | null;
  /** Of the process, at most 15 characters. */
  readonly name: string | null;
  /** What the driver asks for now (XID 154): `GPU Reset Required`. */
  readonly recovery: string | null;
}

export interface SeenXid extends Xid {
  /** Epoch milliseconds; within the interval between two readings, whatever the log's clock says. */
  readonly t: number;
}

export interface XidReading {
  readonly xids: readonly SeenXid[];
  /** Some may be missing: the kernel wrote over its log before it was read. */
  readonly isOverrun: boolean;
}

/** Reads the XIDs of this host. */
export interface XidReader {
  /** Those since the previous call, none at the first one; or why they can't be seen here. `nowMs`: epoch milliseconds. */
  read(nowMs: number): XidReading | Unreadable;
  close(): void;
}

/** By drivers 304 to 610; under MIG the instance stands behind the address. */
const line =
  /^NVRM: Xid \((?:PCI:)?([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2})(?:\.\d)?(?: [^)]*)?\): (\d+)(.*)$/i;

/** Null for any other line of the kernel's log. Of its text only the process and the asked-for recovery are kept. */
export function parseXid(text: string): Xid | null {
  const match = line.exec(text.trimStart());
  if (match === null) return null;
  const [, pciAddress = '', code, rest = ''] = match;
  const pid = /^, pid='?(\d+)'?(?:,|$)/.exec(rest)?.[1];
  const name = /^, pid=[^,]*, name='?([^,']+)'?(?:,|$)/.exec(rest)?.[1]?.trim();
  const isNamed = name !== undefined && name !== '' && !/^(?:<unknown>|N\/A)$/i.test(name);
  return {
    code: Number(code),
    pciAddress: pciAddress.toLowerCase(),
    pid: pid === undefined ? null : Number(pid),
    name: isNamed ? name.slice(0, 15) : null,
    recovery:
      /recovery action changed from .* to 0x[0-9a-f]+ \(([\w ]+)\)/i.exec(rest)?.[1] ?? null,
  };
}

export interface XidReaderOptions {
  readonly platform: NodeJS.Platform;
  readonly procRoot: string;
  readonly files?: ProcFiles;
  readonly log?: KernelLog | undefined;
}

/** The reader of `log`, /dev/kmsg where none is given; elsewhere than on Linux there is none. */
export function createXidReader(options: XidReaderOptions): XidReader {
  const { platform, procRoot, files = createProcFiles() } = options;
  const { log = createKernelLog('/dev/kmsg') } = options;
  let previousMs: number | null = null;

  const bootMs = (nowMs: number): number | null => {
    const uptime = /^(\d+\.\d+)/.exec(textOf(files.read(join(procRoot, 'uptime'))) ?? '')?.[1];
    return uptime === undefined ? null : nowMs - Number(uptime) * 1000;
  };

  return {
    read(nowMs) {
      if (platform !== 'linux') return absent;
      const read = log.read();
      if (typeof read === 'symbol') return read;
      const sinceMs = previousMs ?? nowMs;
      previousMs = nowMs;
      const found = read.records.flatMap(({ stampUs, text }) => {
        const xid = text.includes('NVRM: Xid') ? parseXid(text) : null;
        return xid === null ? [] : [{ xid, stampUs }];
      });
      const boot = found.length === 0 ? null : bootMs(nowMs);
      const xids = found.map(({ xid, stampUs }) => {
        const atMs = boot === null ? nowMs : Math.round(boot + stampUs / 1000);
        return { ...xid, t: Math.min(nowMs, Math.max(sinceMs, atMs)) };
      });
      return { xids, isOverrun: read.isOverrun };
    },
    close: () => log.close(),
  };
}
