import { HostError } from '../errors.ts';
import type { Clock } from '../sample/clock.ts';
import type { GpuColumn, GpuIdentity } from '../sample/columns.ts';
import { computeAppsArgs, readComputeApp } from '../sample/compute-apps.ts';
import { driverMessage } from '../sample/driver-message.ts';
import { matchesOurProcesses, namesFromProc } from '../sample/process-visibility.ts';
import { rowReader } from '../sample/row-reader.ts';
import { askOnce, type Smi } from '../sample/smi.ts';
import {
  allNames,
  fieldsNotOffered,
  fieldsToQuery,
  namesInHelp,
} from '../sample/supported-fields.ts';
import type { ProcessFacts, SmiAnswers } from './facts.ts';

/** A start may take 30 s on a large host (DESIGN.md section 9). */
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
      words.push(message.words);
      if (message.kind === 'gpu') lost.push(message.words);
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
  const failure = gpus.length > 0 ? null : (answer.failure ?? words.join(' '));
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
    processes: gpus.length === 0 ? { failure: 'no reading' } : await askForProcesses(smi, clock),
  };
}

async function askForProcesses(smi: Smi, clock: Clock): Promise<ProcessFacts> {
  const answer = await askOnce(smi, clock, computeAppsArgs, timeoutMs);
  if (answer.failure !== null) return { failure: answer.failure };
  const apps = answer.lines.map(readComputeApp).filter((app) => app !== null);
  const matched = apps.length === 0 ? null : matchesOurProcesses(apps, namesFromProc);
  return { failure: null, listed: apps.length, matched };
}

/** A problem in words for a check; what is no HostError stays an exception. */
export function problemOf(error: unknown): { message: string; hint: string | null } {
  if (!(error instanceof HostError)) throw error;
  return { message: error.message, hint: error.hint ?? null };
}
