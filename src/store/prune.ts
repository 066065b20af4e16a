import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compactSegment } from './compact.ts';
import { diskError } from './disk-error.ts';
import { isErrno } from './errno.ts';
import { listSegments } from './segment.ts';
import { folderBytes, type StoredSession, storedSessions } from './stored.ts';

export interface Retention {
  /** Sessions that ended longer ago go; null keeps any age. */
  readonly keepMs: number | null;
  /** The oldest go until all sessions together take no more; null is no limit. */
  readonly maxBytes: number | null;
}

export interface Pruned {
  readonly removed: readonly { readonly session: StoredSession; readonly why: 'age' | 'size' }[];
  /** What is left, and what it takes. */
  readonly kept: number;
  readonly keptBytes: number;
  /** Won by rewriting segments that a crash had left uncompressed. */
  readonly compactedBytes: number;
}

/**
 * Removes sessions beyond the retention, never one that is being recorded, and finishes what crashes left.
 * With `dryRun` nothing is touched. Sessions that can't be read have no age, and go by size alone.
 * @throws HostError where a file can't be removed.
 */
export async function pruneSessions(
  home: string,
  retention: Retention,
  options: { readonly nowMs: number; readonly dryRun: boolean },
): Promise<Pruned> {
  const removed: { session: StoredSession; why: 'age' | 'size' }[] = [];
  let kept: StoredSession[] = [];
  for (const session of await storedSessions(home)) {
    const isOld = isBeyond(session, retention.keepMs, options.nowMs);
    if (isOld && session.state !== 'recording') removed.push({ session, why: 'age' });
    else kept.push(session);
  }
  let compactedBytes = 0;
  if (!options.dryRun) {
    for (const { session } of removed) await removeSession(session.path);
    const finished: StoredSession[] = [];
    for (const session of kept) {
      const bytes = session.state === 'recording' ? session.bytes : await tidy(session.path);
      compactedBytes += session.bytes - bytes;
      finished.push({ ...session, bytes });
    }
    kept = finished;
  }
  let bySize = 0;
  let keptBytes = kept.reduce((sum, session) => sum + session.bytes, 0);
  for (const session of kept) {
    if (retention.maxBytes === null || keptBytes <= retention.maxBytes) break;
    if (session.state === 'recording') continue;
    removed.push({ session, why: 'size' });
    bySize++;
    keptBytes -= session.bytes;
    if (!options.dryRun) await removeSession(session.path);
  }
  return { removed, kept: kept.length - bySize, keptBytes, compactedBytes };
}

function isBeyond(session: StoredSession, keepMs: number | null, nowMs: number): boolean {
  const ended = session.endedAt ?? session.startedAt;
  return keepMs !== null && ended !== null && nowMs - ended > keepMs;
}

const ownFile = /^\d{6,}\.jsonl(\.gz)?(\.tmp)?$/;

/** Removes what a recorder wrote and no other file: a folder with something else in it stays. */
async function removeSession(path: string): Promise<void> {
  try {
    // The last first: what an interruption leaves still begins with a header and reads.
    for (const name of (await readdir(path)).toSorted().toReversed()) {
      if (ownFile.test(name)) await rm(join(path, name), { force: true });
    }
    await rmdir(path);
  } catch (error) {
    if (isErrno(error) && (error.code === 'ENOTEMPTY' || error.code === 'ENOENT')) return;
    throw diskError('remove', path, error);
  }
}

/** Compresses segments that were left plain, removes drafts, and returns the session's bytes. */
async function tidy(path: string): Promise<number> {
  try {
    const names = new Set(await readdir(path));
    for (const name of names) {
      const isDraft = ownFile.test(name) && name.endsWith('.tmp');
      const isSuperseded = ownFile.test(name) && names.has(`${name}.gz`);
      if (isDraft || isSuperseded) await rm(join(path, name), { force: true });
    }
    for (const segment of await listSegments(path)) {
      if (!segment.isCompressed) await compactSegment(segment.path);
    }
  } catch (error) {
    if (!isErrno(error)) return folderBytes(path);
    throw diskError('rewrite', path, error);
  }
  return folderBytes(path);
}
