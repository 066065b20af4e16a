import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { absent, denied, type Unreadable } from './proc-file.ts';

/** Follows the kernel's log from where it is first read. */
export interface KernelLog {
  /**
   * The kernel's own records since the previous call, or why there are none to be had; what stood in the log at the
   * first call is passed over. Never throws for a log that is missing or not permitted, and never waits.
   */
  read(): KernelRecords | Unreadable;
  close(): void;
}

export interface KernelRecords {
  readonly records: readonly KernelRecord[];
  /** The kernel wrote over records before they were read: some may be missing. */
  readonly isOverrun: boolean;
}

export interface KernelRecord {
  /** Microseconds since boot, by the clock of printk: on a long uptime it drifts from the others by seconds. */
  readonly stampUs: number;
  readonly text: string;
}

/** What the system is asked for; the tests put a log here that fails as the kernel's can. */
export interface LogCalls {
  /** Null where `path` is neither the kernel's log nor a plain file. */
  open(path: string): number | null;
  read(file: number, buffer: Buffer): number;
  close(file: number): void;
}

/** Device number 1:11. Containers put /dev/null or a terminal in its place; a terminal's input is not ours to take. */
const kernelLogDevice = (1 << 8) | 11;

const systemCalls: LogCalls = {
  open(path) {
    const found = statSync(path);
    if (!found.isFile() && !(found.isCharacterDevice() && found.rdev === kernelLogDevice)) {
      return null;
    }
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  },
  read: (file, buffer) => readSync(file, buffer, 0, buffer.length, null),
  close: closeSync,
};

/** A record has at most 8 KiB (CONSOLE_EXT_LOG_MAX of kernels before 6.0; 2 KiB since); a smaller buffer is refused. */
const bufferBytes = 16 * 1024;
/** A log that is flooded is read no further at one go: the program must not hang on it. */
const mostReads = 20_000;
/** The whole buffer of the kernel, where it is largest, in its smallest records. */
const mostEarlierReads = 1_000_000;

/** The log at `path`, /dev/kmsg (kernel: Documentation/ABI/testing/dev-kmsg); it is opened at the first reading. */
export function createKernelLog(path: string, calls: LogCalls = systemCalls): KernelLog {
  let file: number | null = null;
  let failure: Unreadable | null = null;
  let buffer: Buffer | null = null;

  const readAll = (into: Buffer, open: number, limit: number): KernelRecords => {
    const records: KernelRecord[] = [];
    let isOverrun = false;
    for (let i = 0; i < limit; i++) {
      let bytes: number;
      try {
        bytes = calls.read(open, into);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'EAGAIN') break;
        // The oldest records are gone; the next reading begins with those that are left.
        if (code !== 'EPIPE') throw error;
        isOverrun = true;
        continue;
      }
      if (bytes === 0) break;
      for (const line of into.toString('latin1', 0, bytes).split('\n')) {
        const record = parseRecord(line);
        if (record !== null) records.push(record);
      }
    }
    return { records, isOverrun };
  };

  const close = (): void => {
    if (file !== null) calls.close(file);
    file = null;
    buffer = null;
  };

  const attempt = (): KernelRecords | Unreadable => {
    if (file !== null && buffer !== null) return readAll(buffer, file, mostReads);
    file = calls.open(path);
    if (file === null) return absent;
    buffer = Buffer.allocUnsafe(bufferBytes);
    readAll(buffer, file, mostEarlierReads);
    return { records: [], isOverrun: false };
  };

  return {
    read() {
      if (failure !== null) return failure;
      try {
        const read = attempt();
        if (typeof read === 'symbol') failure = read;
        return read;
      } catch (error) {
        const code = codeOf(error);
        close();
        failure = code === 'EACCES' || code === 'EPERM' ? denied : absent;
        return failure;
      }
    },
    close,
  };
}

/** A failure of the system has a code; anything else is our mistake. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (typeof code !== 'string') throw error;
  return code;
}

/**
 * `6,339,5140900,-;text`: priority and facility, sequence number, microseconds, flags. Null for lines that continue a
 * record, and for records that are not the kernel's own (facility 0), which any program may write.
 */
function parseRecord(line: string): KernelRecord | null {
  const match = /^(\d+),\d+,(\d+),[^;]*;(.*)$/.exec(line);
  if (match === null || Number(match[1]) >> 3 !== 0) return null;
  return { stampUs: Number(match[2]), text: match[3] ?? '' };
}
