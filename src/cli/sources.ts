import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { UsageError } from '../errors.ts';
import { dataFolder } from '../store/home.ts';
import { openLog, openLogFile } from '../store/log/open-log.ts';
import type { LogOptions } from '../store/log/options.ts';
import { openSession, readSessionStream } from '../store/open.ts';
import type { Recording } from '../store/recording.ts';
import { listSegments } from '../store/segment.ts';
import { sniff, sniffFile } from '../store/sniff.ts';
import { latestSession, resolveSession } from '../store/stored.ts';
import { stdinBeginning } from './stdin-beginning.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens what `report` was given: session folders, files and ids, nvidia-smi CSV logs, folders of them, `-` for
 * stdin; the latest session where nothing was given. Throws UsageError that names what can't be read, and why.
 */
export async function openSources(
  names: readonly string[],
  log: LogOptions,
  env: Environment,
): Promise<readonly Recording[]> {
  if (names.length === 0) return [await openSession(await latestSession(dataFolder(env)))];
  if (names.filter((name) => name === '-').length > 1) {
    throw new UsageError('stdin (-) can be read once');
  }
  const recordings: Recording[] = [];
  for (const name of names) recordings.push(...(await openSource(name, log, env)));
  return recordings;
}

async function openSource(name: string, log: LogOptions, env: Environment): Promise<Recording[]> {
  if (name === '-') return [await openStdin(log)];
  const kind = await kindOf(name);
  if (kind === 'none') return [await openSession(await storedSession(name, env))];
  if (kind === 'file') return [await openFile(name, log)];
  if ((await listSegments(name)).length > 0) return [await openSession(name)];
  return openFolder(name, log);
}

async function openFile(path: string, log: LogOptions): Promise<Recording> {
  const kind = await sniffed(path);
  switch (kind) {
    case 'session':
      return openSession(path);
    case 'text':
      return openLogFile(path, log);
    case 'empty':
      throw new UsageError(`${path}: the file is empty`, {
        hint: 'A log holds the output of nvidia-smi --query-gpu=… --format=csv.',
      });
    case 'report':
    case 'diff':
    case 'whatif':
      throw resultGiven(path, kind);
  }
}

/** What we wrote as JSON holds no samples any more. */
function resultGiven(name: string, kind: keyof typeof results): UsageError {
  const { what, hint } = results[kind];
  return new UsageError(`${name}: this is ${what} of gpucost; expected a session or a log`, {
    hint,
  });
}

const results = {
  report: {
    what: 'a report (JSON)',
    hint: '`gpucost diff BEFORE.json AFTER.json` compares two of them, `gpucost comment github REPORT.json` shows one on a pull request. For another format, report on its session or log again.',
  },
  diff: {
    what: 'a comparison (JSON)',
    hint: '`gpucost comment github DIFF.json` shows it on a pull request.',
  },
  whatif: { what: 'an answer of whatif (JSON)', hint: 'It is read by people and programs only.' },
} as const;

const logFile = /\.(?:csv|log|jsonl)(?:\.gz)?$/i;

async function openFolder(folder: string, log: LogOptions): Promise<Recording[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const recordings: Recording[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isFile() && logFile.test(entry.name)) recordings.push(await openFile(path, log));
    if (entry.isDirectory() && (await listSegments(path)).length > 0) {
      recordings.push(await openSession(path));
    }
  }
  if (recordings.length > 0) return recordings;
  throw new UsageError(`${folder}: no session and no log in this folder`, {
    hint: 'Session folders and files named .csv, .log or .jsonl (also .gz) are read.',
  });
}

async function openStdin(log: LogOptions): Promise<Recording> {
  const first = await stdinBeginning('report on');
  // What a gzip stream holds is seen only once it is unpacked; logs are what people pack.
  const kind = sniff(first);
  if (kind === 'session') return readSessionStream(process.stdin, 'stdin');
  if (kind === 'report' || kind === 'diff' || kind === 'whatif') throw resultGiven('stdin', kind);
  const stream = process.stdin.pipe(new PassThrough());
  return openLog({ name: 'stdin', stream }, log);
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none';
    throw unreadable(path, error);
  }
}

async function sniffed(path: string): ReturnType<typeof sniffFile> {
  try {
    return await sniffFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code === null) return cause;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'no permission to read it',
    EISDIR: 'it is a folder',
  };
  const reason = reasons[code] ?? (code.startsWith('Z_') ? 'damaged gzip' : String(cause));
  return new UsageError(`${path}: ${reason}`, { cause });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

async function storedSession(name: string, env: Environment): Promise<string> {
  const path = await resolveSession(dataFolder(env), name);
  if (path !== null) return path;
  throw new UsageError(`${name}: there is no such file, folder or session`, {
    hint: 'Check the path; `gpucost sessions list` shows what is stored.',
  });
}
