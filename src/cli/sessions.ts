import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import { duration } from '../render/format.ts';
import { type ExportFormat, exportRecording } from '../store/export.ts';
import { openSession } from '../store/open.ts';
import { type Pruned, pruneSessions, type Retention } from '../store/prune.ts';
import {
  latestSession,
  resolveSession,
  type StoredSession,
  storedSessions,
} from '../store/stored.ts';
import { textTable } from './text-table.ts';

type Write = (text: string) => Promise<void> | void;

export interface SessionsListOptions {
  /** The data folder. */
  readonly home: string;
  readonly json: boolean;
}

/** Lists what is stored, oldest first. Exit code 0, also where nothing is stored. */
export async function sessionsList(options: SessionsListOptions, write: Write): Promise<number> {
  const sessions = await storedSessions(options.home);
  await write(
    options.json ? `${JSON.stringify(sessions.map(listed), null, 2)}\n` : listText(sessions),
  );
  return 0;
}

function listed(session: StoredSession): object {
  const { startedAt, endedAt, ...rest } = session;
  return { ...rest, start: iso(startedAt), end: iso(endedAt) };
}

function listText(sessions: readonly StoredSession[]): string {
  if (sessions.length === 0) return 'No session is stored yet: `gpucost watch` records one.\n';
  const rows = sessions.map((session) => [
    session.id,
    iso(session.startedAt)?.slice(0, 16).replace('T', ' ') ?? '?',
    lengthOf(session),
    session.host ?? '?',
    gpuText(session.gpus),
    session.intervalMs === null ? '?' : duration(session.intervalMs),
    session.machine ?? '-',
    sizeText(session.bytes),
    session.state,
  ]);
  const head = [
    'session',
    'start (UTC)',
    'length',
    'host',
    'GPUs',
    'interval',
    'machine',
    'size',
    'state',
  ];
  const problems = sessions.flatMap(({ id, problem }) => (problem ? [`${id}: ${problem}\n`] : []));
  return textTable([head, ...rows]) + problems.join('');
}

function lengthOf({ startedAt, endedAt }: StoredSession): string {
  return startedAt === null || endedAt === null ? '?' : duration(endedAt - startedAt);
}

/** `8 × NVIDIA H100 80GB HBM3`; models apart where they differ. */
function gpuText(names: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name ?? '?', (counts.get(name ?? '?') ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ') || '-';
}

export interface SessionsPruneOptions extends Retention {
  readonly home: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly nowMs: number;
}

/**
 * Removes sessions beyond the retention, and says which. Exit code 0.
 * @throws UsageError without any limit.
 */
export async function sessionsPrune(options: SessionsPruneOptions, write: Write): Promise<number> {
  if (options.keepMs === null && options.maxBytes === null) {
    throw new UsageError('sessions prune needs a limit: --keep or --max-size', {
      hint: 'For example `gpucost sessions prune --keep 30d --max-size 2GB`; --dry-run shows what would go.',
    });
  }
  const pruned = await pruneSessions(options.home, options, options);
  await write(
    options.json
      ? `${JSON.stringify(prunedJson(pruned, options.dryRun), null, 2)}\n`
      : pruneText(pruned, options.dryRun),
  );
  return 0;
}

function prunedJson(pruned: Pruned, dryRun: boolean): object {
  const { kept, keptBytes, compactedBytes } = pruned;
  const removed = pruned.removed.map(({ session, why }) => ({ ...listed(session), why }));
  return { dryRun, removed, kept, keptBytes, compactedBytes };
}

function pruneText(pruned: Pruned, dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed';
  const lines = pruned.removed.map(
    ({ session, why }) =>
      `${verb} ${session.id} (${sizeText(session.bytes)}, ${why === 'age' ? 'too old' : 'over the size'})`,
  );
  if (pruned.compactedBytes > 0)
    lines.push(`compressed what a crash had left: ${sizeText(pruned.compactedBytes)} won`);
  const sessions = pruned.kept === 1 ? 'session' : 'sessions';
  return `${[...lines, `${pruned.kept} ${sessions} kept, ${sizeText(pruned.keptBytes)}`].join('\n')}\n`;
}

export interface SessionsExportOptions {
  readonly home: string;
  /** An id, the beginning of one, or a path; the latest session if undefined. */
  readonly session: string | undefined;
  readonly format: ExportFormat;
}

/**
 * Exports a session as text, piece by piece, to `writePieces`. Exit code 0.
 * @throws UsageError where there is no such session.
 */
export async function sessionsExport(
  options: SessionsExportOptions,
  writePieces: (pieces: AsyncIterable<string>) => Promise<void>,
): Promise<number> {
  const path = await sessionPath(options.home, options.session);
  await writePieces(exportRecording(await openSession(path), options.format));
  return 0;
}

async function sessionPath(home: string, session: string | undefined): Promise<string> {
  if (session === undefined) return latestSession(home);
  const stored = (await exists(session)) ? session : await resolveSession(home, session);
  if (stored !== null) return stored;
  throw new UsageError(`${session}: there is no such session`, {
    hint: '`gpucost sessions list` shows what is stored.',
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${sizeUnits[unit] ?? 'B'}`;
}
