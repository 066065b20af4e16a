import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { audit } from '../audit/audit.ts';
import type { AuditSettings } from '../config/options.ts';
import type { NamedReport } from '../diff/compare.ts';
import { readReport } from '../diff/read-report.ts';
import { UsageError } from '../errors.ts';
import type { RateCards } from '../rates/merge.ts';
import { suppress } from '../report/suppress.ts';
import type { LogOptions } from '../store/log/options.ts';
import { sniff } from '../store/sniff.ts';
import { now } from './clock.ts';
import { openSources } from './sources.ts';
import { stdinBeginning } from './stdin-beginning.ts';
import { readVersion } from './version.ts';

/** How a side that is no report yet is audited. */
export interface SideAudit {
  readonly settings: AuditSettings;
  readonly log: LogOptions;
  readonly cards: RateCards;
}

/** A report as JSON as it is; a session, a log or a folder of them is audited first, as `report` does. */
export async function readSide(name: string, how: SideAudit): Promise<NamedReport> {
  const json = name === '-' ? await jsonOfStdin() : await jsonOfFile(name);
  const shown = name === '-' ? 'stdin' : basename(name);
  if (json !== null) return { name: shown, report: parseReport(json, name) };
  const { settings, cards } = how;
  const recordings = await openSources([name], how.log, process.env);
  const { report, failedRules } = await audit(recordings, {
    ...settings,
    version: readVersion(),
    nowMs: now(),
    cards,
    sinceMs: null,
    untilMs: null,
    by: null,
    withSeries: false,
  });
  const [failed] = failedRules;
  if (failed !== undefined) {
    throw new Error(`the rule ${failed.rule} failed`, { cause: failed.error });
  }
  return { name: shown, report: suppress(report, settings.suppressions) };
}

function parseReport(content: string, name: string): NamedReport['report'] {
  const hint = 'Write one with gpucost report -o report.json.';
  let json: unknown;
  try {
    json = JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : '';
    throw new UsageError(`${name} can't be read as a report: ${found}`, { cause, hint });
  }
  const read = readReport(json);
  if ('report' in read) return read.report;
  throw new UsageError(`${name} is no report: ${read.problem}`, { hint });
}

/** Null where it is no JSON object, or no file at all: a session's id. */
async function jsonOfFile(path: string): Promise<string | null> {
  let bytes: Buffer;
  try {
    if (!/\.json$/i.test(path) && !(await startsAsReport(path))) return null;
    bytes = await readFile(path);
  } catch (error) {
    // What can't be opened as a file is named by the one who opens sources.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
  return bytes.toString('utf8');
}

async function startsAsReport(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return isReport(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function isReport(first: Buffer): boolean {
  const isJson = /^\uFEFF?\s*\{/.test(first.toString('utf8'));
  return isJson && sniff(first) !== 'session';
}

/** All of stdin where it begins as a JSON object that is no session; else it is left as it was. */
async function jsonOfStdin(): Promise<string | null> {
  const first = await stdinBeginning('compare');
  if (!isReport(first.subarray(0, 64))) return null;
  return text(process.stdin);
}
