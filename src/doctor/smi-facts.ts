import { HostError } from '../errors.ts';
import type { Clock } from '../sample/clock.ts';
import type { GpuColumn, GpuIdentity } from '../sample/columns.ts';
import { computeAppsArgs, readComputeApp } from '../sample/compute-apps.ts';
import { type DmonColumn, dmonReader, gpmColumns } from '../sample/dmon.ts';
import { driverMessage } from '../sample/driver-message.ts';
import { matchesOurProcesses, namesFromProc } from '../sample/process-visibility.ts';
import { rowReader } from '../sample/row-reader.ts';
import { askOnce, type Smi, type SmiAnswer } from '../sample/smi.ts';
import {
  allNames,
  fieldsNotOffered,
  fieldsToQuery,
  namesInHelp,
} from '../sample/supported-fields.ts';
import type { DmonFacts, Problem, ProcessFacts, SmiAnswers } from './facts.ts';

/** A start may take 30 s on a large host. */
const timeoutMs = 30_000;

/** Asks nvidia-smi for its fields, once for all readings, and for the processes. Doesn't close `smi`. */
export async function askForFacts(smi: Smi, path: string, clock: Clock): Promise<SmiAnswers> {
  const help = await askOnce(smi, clock, ['--help-query-gpu'], timeoutMs);
  const named = namesInHelp(help.lines);
  const queried = fieldsToQuery(named.size > 0 ? named : allNames);
  const reader = rowReader(queried, () => undefined);
  const startedAt = clock.now();
  const args = [`--query-gpu=${queried.map((q) => q.name).join(',')}`, '--format=csv,nounits'];
  const answer = await askOnce(smi, clock, args, timeoutMs);
  const answerMs = clock.now() - startedAt;

  const gpus: GpuIdentity[] = [];
  const lost: string[] = [];
  const silent = { utilization: [] as string[], memory: [] as string[], power: [] as string[] };
  const words: string[] = [];
  let driver: string | null = null;
  for (const line of answer.lines) {
    const message = driverMessage(line);
    if (message !== null) {
      (message.kind === 'gpu' ? lost : words).push(message.words);
      continue;
    }
    const result = line.trim() === '' ? null : reader.read(line);
    if (result?.kind === 'lost') lost.push(`GPU ${result.index ?? '?'}: ${result.words}`);
    if (result?.kind !== 'row') continue;
    const { row } = result;
    gpus.push(reader.identity(row));
    driver ??= reader.driver(row);
    const isMissing = (column: GpuColumn): boolean =>
      (row.values[reader.columns.indexOf(column)] ?? null) === null;
    const name = String(row.index ?? row.uuid);
    if (isMissing('utilizationGpuPct')) silent.utilization.push(name);
    if (isMissing('memoryUsedMib')) silent.memory.push(name);
    if (isMissing('powerDrawW')) silent.power.push(name);
  }
  const failure = gpus.length > 0 ? null : (answer.failure ?? [...words, ...lost].join(' '));
  const missing = fieldsNotOffered(queried);
  return {
    path,
    answerMs,
    failure: failure === '' ? null : failure,
    driver,
    gpus,
    lost,
    fieldsOffered: queried.length,
    fieldsMissing: missing,
    silent,
    ...(gpus.length === 0
      ? { processes: { failure: 'no reading' }, dmon: noDmon('no reading') }
      : { processes: await askForProcesses(smi, clock), dmon: await askForDmon(smi, clock) }),
  };
}

async function askForProcesses(smi: Smi, clock: Clock): Promise<ProcessFacts> {
  const answer = await askOnce(smi, clock, computeAppsArgs, timeoutMs);
  if (answer.failure !== null) return { failure: answer.failure };
  const apps = answer.lines.map(readComputeApp).filter((app) => app !== null);
  const matched = apps.length === 0 ? null : matchesOurProcesses(apps, namesFromProc);
  return { failure: null, listed: apps.length, matched };
}

/** GPM is the difference of two samples, so its first rows are empty. */
const dmonRows = '3';

async function askForDmon(smi: Smi, clock: Clock): Promise<DmonFacts> {
  const pcie = ['dmon', '-s', 't', '-d', '1'];
  const both = [...pcie, '--gpm-metrics=2,3,5,10', '-c', dmonRows];
  const withGpm = dmonFacts(await askOnce(smi, clock, both, timeoutMs));
  // An nvidia-smi that does not know the option gives nothing at all.
  if (withGpm.hasPcie || withGpm.hasGpm) return withGpm;
  return dmonFacts(await askOnce(smi, clock, [...pcie, '-c', '1'], timeoutMs));
}

function dmonFacts({ lines, failure }: SmiAnswer): DmonFacts {
  const reader = dmonReader();
  const rows = lines.map((line) => reader.read(line)).filter((row) => row !== null);
  if (rows.length === 0) return noDmon(failure ?? lines.join(' '));
  const gives = (columns: readonly DmonColumn[]): boolean =>
    rows.some(({ values }) => columns.some((column) => typeof values[column] === 'number'));
  return {
    hasPcie: gives(['pcieRxMibPerS', 'pcieTxMibPerS']),
    hasGpm: gives(gpmColumns),
    failure: null,
  };
}

function noDmon(failure: string): DmonFacts {
  return { hasPcie: false, hasGpm: false, failure: failure === '' ? null : failure };
}

/** A problem in words for a check; what is no HostError stays an exception. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof HostError)) throw error;
  return { message: error.message, hint: error.hint ?? null };
}
