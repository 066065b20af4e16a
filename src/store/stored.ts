import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { isErrno } from './errno.ts';
import { isFields } from './fields-check.ts';
import { isIdPrefix, sessionsFolder } from './home.ts';
import { parseLine } from './items.ts';
import { liveRecorders, type Recorder } from './lock.ts';
import { openSession } from './open.ts';
import { listSegments, readSegments } from './segment.ts';
import { newLineSplitter } from './split-lines.ts';

/** The ids of the stored sessions, oldest first; none where nothing was recorded yet. */
async function sessionIds(home: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(sessionsFolder(home), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return [];
    throw unreadableFolder(sessionsFolder(home), error);
  }
}

/**
 * The folder of the session that began last.
 * @throws UsageError where none is stored.
 */
export async function latestSession(home: string): Promise<string> {
  for (const id of (await sessionIds(home)).toReversed()) {
    const path = join(sessionsFolder(home), id);
    if ((await listSegments(path)).length > 0) return path;
  }
  throw new UsageError(`no session is stored in ${sessionsFolder(home)}`, {
    hint: 'Record one with `gpucost watch`, or name a CSV log of nvidia-smi: `gpucost report gpu.csv`.',
  });
}

/**
 * The folder of a session by its id or the beginning of it; null where no id begins so.
 * @throws UsageError where several do.
 */
export async function resolveSession(home: string, idOrPrefix: string): Promise<string | null> {
  if (!isIdPrefix(idOrPrefix)) return null;
  const found = (await sessionIds(home)).filter((id) => id.startsWith(idOrPrefix));
  const exact =
    found.find((id) => id === idOrPrefix) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return join(sessionsFolder(home), exact);
  if (found.length === 0) return null;
  throw new UsageError(`${idOrPrefix}: ${found.length} sessions begin so: ${found.join(', ')}`, {
    hint: 'Write more of the id.',
  });
}

/** What `sessions list` says of a session; null is unknown. */
export interface StoredSession {
  readonly id: string;
  readonly path: string;
  readonly startedAt: number | null;
  /** Of the last line; a session that is being recorded grows. */
  readonly endedAt: number | null;
  readonly host: string | null;
  readonly gpus: readonly (string | null)[];
  readonly intervalMs: number | null;
  /** `provider/type` of the machine. */
  readonly machine: string | null;
  readonly bytes: number;
  /** `cut-off`: no end was written, and nobody records it any more. `unreadable`: see `problem`. */
  readonly state: 'recording' | 'complete' | 'cut-off' | 'unreadable';
  readonly problem: string | null;
}

/** Describes all stored sessions, oldest first. */
export async function storedSessions(home: string): Promise<readonly StoredSession[]> {
  const recorders = await liveRecorders(home);
  const sessions: StoredSession[] = [];
  for (const id of await sessionIds(home)) {
    sessions.push(await describeSession(join(sessionsFolder(home), id), id, recorders));
  }
  return sessions;
}

async function describeSession(
  path: string,
  id: string,
  recorders: readonly Recorder[],
): Promise<StoredSession> {
  const isLive = recorders.some((recorder) => recorder.sessionId === id);
  const bytes = await folderBytes(path);
  const unknown = { startedAt: null, host: null, gpus: [], intervalMs: null, machine: null };
  try {
    const recording = await openSession(path);
    const { machine } = recording;
    // The last segment alone has the end: a week's session is listed as quickly as a minute's.
    const last = (await listSegments(path)).at(-1);
    const tail = await readTail(last?.path ?? path);
    return {
      id,
      path,
      startedAt: recording.startedAt,
      endedAt: tail.endMs,
      host: recording.host?.name ?? null,
      gpus: tail.gpus,
      intervalMs: recording.intervalMs,
      machine: machine?.type ? [machine.provider, machine.type].filter(Boolean).join('/') : null,
      bytes,
      state: isLive ? 'recording' : (await hasEnd(last?.path ?? path)) ? 'complete' : 'cut-off',
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // A recorder that has just begun may not have written its header yet.
    const state = isLive ? 'recording' : 'unreadable';
    return { id, path, ...unknown, endedAt: null, bytes, state, problem: error.message };
  }
}

async function readTail(path: string): Promise<{
  readonly endMs: number | null;
  readonly gpus: readonly (string | null)[];
}> {
  let endMs: number | null = null;
  let gpus: readonly (string | null)[] = [];
  for await (const item of (await openSession(path)).items()) {
    if (item.kind === 'gpus') gpus = item.gpus.map((gpu) => gpu.name);
    if (item.kind === 'end') endMs = item.timeMs;
  }
  return { endMs, gpus };
}

/** Whether a segment closes with the session's end. */
async function hasEnd(path: string): Promise<boolean> {
  let last = Buffer.alloc(0);
  for await (const part of readSegments([path])) {
    const lines = newLineSplitter();
    for await (const chunk of part.chunks) {
      lines.push(chunk, (line) => {
        last = Buffer.from(line);
      });
    }
  }
  const line = parseLine(last);
  return isFields(line) && line['kind'] === 'end';
}

/** The bytes of all files of a session. */
export async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path)) {
    try {
      bytes += (await stat(join(path, name))).size;
    } catch (error) {
      // A segment that was finished in this moment: its successor is counted next time.
      if (!isErrno(error) || error.code !== 'ENOENT') throw error;
    }
  }
  return bytes;
}

function unreadableFolder(path: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  return new UsageError(`${path}: cannot be read: ${error.message}`, {
    cause: error,
    hint: 'GPUCOST_HOME names the data folder.',
  });
}
