import { access, mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataFacts } from './facts.ts';

/** Whether sessions can be stored; a folder that isn't there yet is judged by the one it would be made in. */
export async function readDataFacts(folder: string): Promise<DataFacts> {
  const place = await nearestExisting(folder);
  return { folder, problem: await writeProblem(place), freeBytes: await freeBytesOf(place) };
}

/** Tried, not asked for: permissions don't tell of a full quota or of a file system that takes no files. */
async function writeProblem(place: string): Promise<string | null> {
  try {
    await rmdir(await mkdtemp(join(place, '.gpucost-doctor-')));
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at);
      return at;
    } catch (error) {
      // Whatever else is wrong with it, it is there.
      if (codeOf(error) !== 'ENOENT' || dirname(at) === at) return at;
    }
  }
}

async function freeBytesOf(place: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === null) throw error;
  return reasons[code] ?? code;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write',
  EPERM: 'no permission to write',
  ENOENT: "a folder can't be made there",
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
};

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}
