import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { compactSegment, syncFolder } from './compact.ts';
import { diskError } from './disk-error.ts';
import { sessionsFolder } from './home.ts';
import type { EndLine, HeaderLine, ProcessesLine, SessionLine } from './lines.ts';
import { lockRecorder, touchEveryMs } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { plainName } from './segment.ts';

export interface SessionWriter {
  /** The session's folder; `openSession` reads it, also while it is written. */
  readonly path: string;
  /**
   * Stores one line; it is with the kernel when this returns, and on disk within about an interval.
   * A header line replaces the one that later segments begin with.
   * @throws HostError once if the disk is full or fails: recording has then ended, and further lines are passed over.
   */
  write(line: SessionLine): void;
  /** Ends the session, rewrites its last segment in columns, and gives the host free. Never throws for a disk that failed before. */
  close(end: EndLine): Promise<void>;
}

export interface SessionWriterOptions {
  /** The data folder (`dataFolder`). */
  readonly home: string;
  readonly header: HeaderLine;
  /** A segment is finished after this time, 10 minutes if left out. */
  readonly segmentMs?: number;
  /** … or when it has this size, 4 MiB if left out: what compaction holds in memory. */
  readonly segmentBytes?: number;
  /** Told when a finished segment could not be rewritten in columns; it stays readable as it is. */
  readonly onWarning?: (message: string) => void;
  /** Puts bytes into a file; the tests put a full disk here. */
  readonly writeBytes?: (fd: number, bytes: Buffer) => number;
}

/**
 * Begins a session under `home`: folders 0700, files 0600.
 * @throws HostError if the host is being recorded already, or the folder can't be written.
 */
export async function createSessionWriter(options: SessionWriterOptions): Promise<SessionWriter> {
  const { home, segmentMs = 600_000, segmentBytes = 4 * 1024 * 1024 } = options;
  const { writeBytes = (fd, bytes) => writeSync(fd, bytes) } = options;
  const path = join(sessionsFolder(home), options.header.id);
  const lock = await lockRecorder({
    home,
    hostKey: options.header.host.key,
    sessionId: options.header.id,
    sinceMs: options.header.startedAt,
    intervalMs: options.header.intervalMs,
  });

  let header = options.header;
  let processes: ProcessesLine | null = null;
  let processesText = '';
  let failure: unknown = null;
  let isSyncing = false;
  let touchedMs = Date.now();
  let compacting = Promise.resolve();
  let segment: LiveSegment;
  try {
    await makeFolder(path);
    segment = openSegment(path, 1, header.startedAt);
    await syncFolder(path);
    append(header);
  } catch (error) {
    await lock.release();
    throw diskError('write', path, error);
  }

  function append(line: SessionLine): void {
    appendBytes(segment, Buffer.from(`${JSON.stringify(line)}\n`), writeBytes);
  }

  /** One at a time and in the background: a slow disk delays no sample. */
  function sync(): void {
    if (isSyncing) return;
    isSyncing = true;
    const { fd } = segment;
    fdatasync(fd, (error) => {
      isSyncing = false;
      // EBADF: the segment was finished meanwhile, and synced before it was closed.
      if (error && error.code !== 'EBADF' && error.code !== 'EINVAL') failure ??= error;
    });
  }

  function touch(): void {
    const now = Date.now();
    if (now - touchedMs < touchEveryMs) return;
    touchedMs = now;
    // A lock that cannot be renewed is no reason to lose the recording.
    lock.touch().catch((error: unknown) => {
      options.onWarning?.(`the recorder's lock could not be renewed: ${String(error)}`);
    });
  }

  function rotate(t: number): void {
    const finished = segment;
    fsyncSync(finished.fd);
    segment = openSegment(path, finished.number + 1, t);
    closeSync(finished.fd);
    append(header);
    if (processes) append({ ...processes, t });
    compact(finished.path);
  }

  function compact(plainPath: string): void {
    compacting = compacting.then(async () => {
      try {
        await compactSegment(plainPath);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        options.onWarning?.(`${plainPath} stays uncompressed: ${reason}`);
      }
    });
  }

  /** Remembers what each segment restates; false for what says nothing new. */
  function remember(line: SessionLine): boolean {
    if (line.kind === 'header') header = line;
    if (line.kind === 'gpus') header = { ...header, gpus: line.gpus };
    if (line.kind !== 'processes') return true;
    const text = JSON.stringify([line.visible, line.processes]);
    if (text === processesText) return false;
    processes = line;
    processesText = text;
    return true;
  }

  let isClosed = false;
  const stop = (error: unknown): void => {
    isClosed = true;
    closeSync(segment.fd);
    throw diskError('write', segment.path, error);
  };

  return {
    path,
    write(line) {
      if (isClosed) return;
      if (failure !== null) stop(failure);
      try {
        if (!remember(line)) return;
        const t = line.kind === 'header' ? null : line.t;
        if (t !== null) {
          if (t - segment.startedAt >= segmentMs || segment.size >= segmentBytes) rotate(t);
        }
        append(line);
        sync();
        touch();
      } catch (error) {
        stop(error);
      }
    },
    async close(end) {
      try {
        if (!isClosed) {
          isClosed = true;
          append(end);
          fsyncSync(segment.fd);
          closeSync(segment.fd);
          compact(segment.path);
        }
      } catch (error) {
        throw diskError('write', segment.path, error);
      } finally {
        await compacting;
        await lock.release();
      }
    },
  };
}

interface LiveSegment {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  size: number;
}

function openSegment(folder: string, number: number, startedAt: number): LiveSegment {
  const path = join(folder, plainName(number));
  return { number, path, fd: openSync(path, 'ax', 0o600), startedAt, size: 0 };
}

/** Writes all or nothing: what a full disk took of a line is cut off again, so that the file ends with a whole one. */
function appendBytes(
  segment: LiveSegment,
  bytes: Buffer,
  writeBytes: (fd: number, bytes: Buffer) => number,
): void {
  const live = segment;
  let written = 0;
  try {
    while (written < bytes.length) written += writeBytes(live.fd, bytes.subarray(written));
    live.size += bytes.length;
  } catch (error) {
    ftruncateSync(live.fd, Math.min(live.size, fstatSync(live.fd).size));
    throw error;
  }
}
