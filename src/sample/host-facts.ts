import type { Clock } from './clock.ts';
import type { GpuIdentity } from './columns.ts';
import { computeAppsArgs, readComputeApp } from './compute-apps.ts';
import { dmonReader, gpmColumns } from './dmon.ts';
import { driverMessage } from './driver-message.ts';
import { matchesOurProcesses, type ProcessNames } from './process-visibility.ts';
import { rowReader } from './row-reader.ts';
import { askOnce, type Smi } from './smi.ts';
import { allNames, fieldsNotOffered, fieldsToQuery, namesInHelp } from './supported-fields.ts';

/** What nvidia-smi offers on this host. A failure is its own words; null where it works. */
export interface SmiFacts {
  readonly version: string | null;
  readonly driver: string | null;
  readonly gpus: readonly GpuIdentity[];
  /** Why `--query-gpu` gives no row. */
  readonly queryFailure: string | null;
  readonly fields: { readonly offered: readonly string[]; readonly missing: readonly string[] };
  readonly computeApps: {
    readonly failure: string | null;
    readonly count: number;
    /** False where the listed pids are not ours; null where nothing is listed and it can't be told. */
    readonly visible: boolean | null;
  };
  readonly pcieThroughput: { readonly failure: string | null };
  readonly gpm: { readonly failure: string | null };
}

/** Asks nvidia-smi once for everything that sampling would use; never throws for what is missing. */
export async function smiFacts(
  smi: Smi,
  clock: Clock,
  names: ProcessNames,
  timeoutMs = 30_000,
): Promise<SmiFacts> {
  const ask = (args: readonly string[]): ReturnType<typeof askOnce> =>
    askOnce(smi, clock, args, timeoutMs);
  const version = await ask(['--version']);
  const help = await ask(['--help-query-gpu']);
  const named = namesInHelp(help.lines);
  const queried = fieldsToQuery(named.size > 0 ? named : allNames);
  const query = await queryOnce(ask, queried);
  const apps = await ask(computeAppsArgs);
  const listed = apps.lines.map(readComputeApp).filter((app) => app !== null);
  const traffic = await ask(['dmon', '-s', 't', '-c', '1']);
  // The first GPM rows are empty: it is a difference of two samples.
  const gpm = await ask(['dmon', '-s', 't', '--gpm-metrics=2,3,5,10', '-c', '3']);
  return {
    version:
      version.lines
        .map((line) => /^NVIDIA-SMI version\s*:\s*(\S+)/.exec(line)?.[1])
        .find(Boolean) ?? null,
    ...query,
    fields: {
      offered: named.size > 0 ? queried.map((q) => q.name) : [],
      missing: named.size > 0 ? fieldsNotOffered(queried) : [],
    },
    computeApps: {
      failure: apps.failure,
      count: listed.length,
      visible: listed.length === 0 ? null : matchesOurProcesses(listed, names),
    },
    pcieThroughput: {
      failure: traffic.failure ?? (hasReading(traffic.lines, false) ? null : 'no reading'),
    },
    gpm: { failure: gpm.failure ?? (hasReading(gpm.lines, true) ? null : 'no reading') },
  };
}

async function queryOnce(
  ask: (args: readonly string[]) => ReturnType<typeof askOnce>,
  queried: ReturnType<typeof fieldsToQuery>,
): Promise<Pick<SmiFacts, 'driver' | 'gpus' | 'queryFailure'>> {
  const asked = queried.map((q) => q.name).join(',');
  const answer = await ask([`--query-gpu=${asked}`, '--format=csv,nounits']);
  const reader = rowReader(queried, () => undefined);
  const rows = answer.lines.flatMap((line) => {
    const result = reader.read(line);
    return result.kind === 'row' ? [result.row] : [];
  });
  const [first] = rows;
  const said = answer.lines.map(driverMessage).find((message) => message !== null);
  return {
    driver: first === undefined ? null : reader.driver(first),
    gpus: rows.map((row) => reader.identity(row)),
    queryFailure: rows.length > 0 ? null : (said?.words ?? answer.failure ?? 'no GPU is listed'),
  };
}

function hasReading(lines: readonly string[], gpm: boolean): boolean {
  const reader = dmonReader();
  return lines.some((line) => {
    const values = reader.read(line)?.values ?? {};
    return Object.entries(values).some(
      ([column, value]) => gpmColumns.some((c) => c === column) === gpm && value !== null,
    );
  });
}
