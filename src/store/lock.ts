import {
  constants,
  copyFile,
  link,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { HostError } from '../errors.ts';
import { diskError } from './disk-error.ts';
import { isErrno } from './errno.ts';
import { isFields } from './fields-check.ts';
import { makeFolder } from './make-folder.ts';

/**
 * One recorder a host: a file `recorders/<host key>.json` in the data folder names it. By host,
 * because a home folder is often shared by many. A pid alone would lock for ever after a crash, since pids
 * are used again: so with it goes when the process started, and where pids say nothing (another PID namespace,
 * another host) the file's age does: the recorder touches it while it records.
 */
export interface RecorderLock {
  /** Says that we still record; cheap, to be called every few seconds. */
  touch(): Promise<void>;
  release(): Promise<void>;
}

export interface Recorder {
  readonly sessionId: string;
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly since: number;
  /** Start time of the process in clock ticks since boot (/proc/<pid>/stat, field 22); null without /proc. */
  readonly processStart: string | null;
  /** Without a touch for so long it is dead, as far as its pid can't tell. */
  readonly staleAfterMs: number;
  /** Identifies pid namespace and boot: pids compare only where this is equal; null without /proc. */
  readonly pidSpace: string | null;
}

/** Twelve touches, or four intervals: a recorder that is only slow is not taken for dead. */
const leastStaleMs = 120_000;
export const touchEveryMs = 10_000;

function lockFolder(home: string): string {
  return join(home, 'recorders');
}

function lockPath(home: string, hostKey: string): string {
  return join(lockFolder(home), `${hostKey.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.json`);
}

/**
 * Takes the lock of this host in a data folder, from a dead recorder if need be.
 * @throws HostError if the host is being recorded, or the folder can't be written.
 */
export async function lockRecorder(options: {
  readonly home: string;
  readonly hostKey: string;
  readonly sessionId: string;
  readonly sinceMs: number;
  readonly intervalMs: number;
}): Promise<RecorderLock> {
  const { home, hostKey, sessionId, sinceMs, intervalMs } = options;
  const path = lockPath(home, hostKey);
  const own: Recorder = {
    sessionId,
    pid: process.pid,
    since: sinceMs,
    processStart: await processStart(process.pid),
    staleAfterMs: Math.max(leastStaleMs, 4 * intervalMs),
    pidSpace: await pidSpace(),
  };
  const text = `${JSON.stringify(own)}\n`;
  const draft = `${path}.${process.pid}.${sessionId}`;
  try {
    await makeFolder(lockFolder(home));
    await writeFile(draft, text, { mode: 0o600 });
    try {
      // Linking is atomic and brings the contents along: nobody ever reads half a lock.
      while (!(await linked(draft, path)) && !(await tookOver(draft, path))) await setTimeout(20);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    throw diskError('write', path, error);
  }
  const isOurs = async (): Promise<boolean> => (await readText(path)) === text;
  return {
    async touch() {
      const now = new Date();
      if (await isOurs()) await utimes(path, now, now);
    },
    async release() {
      if (await isOurs()) await rm(path, { force: true });
    },
  };
}

/** Who records into a data folder now, from any host. */
export async function liveRecorders(home: string): Promise<readonly Recorder[]> {
  const found: Recorder[] = [];
  for (const name of await lockNames(home)) {
    const path = join(lockFolder(home), name);
    const recorder = parseRecorder(await readText(path));
    if (recorder && (await isAlive(recorder, path))) found.push(recorder);
  }
  return found;
}

async function lockNames(home: string): Promise<readonly string[]> {
  try {
    return (await readdir(lockFolder(home))).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Puts the draft in place of a dead recorder's lock; false: look again. A guard admits one at a time,
 * or a second one that found the same dead lock would replace the first one's new lock.
 * @throws HostError if the recorder is alive.
 */
async function tookOver(draft: string, path: string): Promise<boolean> {
  if (!(await isDead(path))) return false;
  const guard = `${path}.guard`;
  if (!(await linked(draft, guard))) {
    // Held for milliseconds: one that is old was left by a crash.
    if (await isOlder(guard, staleGuardMs)) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isDead(path))) return false;
    await rename(draft, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

const staleGuardMs = 10_000;

/** Whether a lock is there that nobody holds; false: there is none. Throws HostError if somebody does. */
async function isDead(path: string): Promise<boolean> {
  const text = await readText(path);
  const recorder = parseRecorder(text);
  if (recorder && (await isAlive(recorder, path))) throw isRecording(recorder);
  return text !== null;
}

function isRecording(recorder: Recorder): HostError {
  const since = new Date(recorder.since).toISOString();
  return new HostError(
    `this host is already being recorded: pid ${recorder.pid}, since ${since}, session ${recorder.sessionId}`,
    {
      hint: `\`gpucost report\` reads it while it is written; end it with \`kill -INT ${recorder.pid}\` to record anew, or set GPUCOST_HOME to record beside it.`,
    },
  );
}

/** What file systems without hard links answer (FUSE, SMB, object stores). */
const linkless: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (error.code === 'EEXIST') return false;
    if (!linkless.includes(error.code ?? '')) throw error;
  }
  try {
    // Exclusive too, but its contents come a moment after its name.
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isErrno(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isAlive(recorder: Recorder, path: string): Promise<boolean> {
  if (recorder.pidSpace === (await pidSpace())) {
    if (!isRunning(recorder.pid)) return false;
    const start = await processStart(recorder.pid);
    return start === null || recorder.processStart === null || start === recorder.processStart;
  }
  return !(await isOlder(path, recorder.staleAfterMs));
}

/** Whether a file was not touched for so long, or is gone. */
async function isOlder(path: string, ageMs: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs > ageMs;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return true;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error) && error.code === 'EPERM';
  }
}

function parseRecorder(text: string | null): Recorder | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!isFields(value)) return null;
    const { sessionId, pid, since, processStart: start, pidSpace: space, staleAfterMs } = value;
    if (typeof sessionId !== 'string' || typeof since !== 'number') return null;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
    return {
      sessionId,
      pid,
      since,
      staleAfterMs: typeof staleAfterMs === 'number' ? staleAfterMs : leastStaleMs,
      processStart: typeof start === 'string' ? start : null,
      pidSpace: typeof space === 'string' ? space : null,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses. */
async function processStart(pid: number): Promise<string | null> {
  const text = await readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function pidSpace(): Promise<string | null> {
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  if (boot === null) return null;
  try {
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error) && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}
