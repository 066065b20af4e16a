import { stat } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { openSession } from './open.ts';
import type { Recording } from './recording.ts';
import { listSegments } from './segment.ts';

/** File times and the session's monotonic clock may drift apart by so much. */
const driftMs = 60_000;

/**
 * The segments of a session folder that may hold readings after an instant (epoch milliseconds), each as a recording of its own,
 * oldest first: the end of a long session is read without the rest of it. At least the last one.
 */
export async function recentSegments(
  folder: string,
  sinceMs: number,
): Promise<{
  readonly segments: readonly Recording[];
  /** When the latest of them was last written, epoch milliseconds of the wall clock; NaN where there is none. */
  readonly writtenMs: number;
}> {
  const recordings: Recording[] = [];
  let latestMs = NaN;
  for (const { path } of (await listSegments(folder)).toReversed()) {
    const writtenMs = await modifiedMs(path);
    if (writtenMs === null) continue;
    if (recordings.length > 0 && writtenMs < sinceMs - driftMs) break;
    if (recordings.length === 0) latestMs = writtenMs;
    recordings.unshift(await openSession(path));
  }
  return { segments: recordings, writtenMs: latestMs };
}

/** Null for a live segment that was finished in this moment. */
async function modifiedMs(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return null;
    throw error;
  }
}
