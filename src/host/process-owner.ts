import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type ContainerName, parseCgroupNames } from './cgroup-names.ts';
import { findLauncher, type Launcher } from './launcher.ts';
import { type ProcFiles, textOf } from './proc-file.ts';
import { type NamedVariables, namedVariables, rankOf } from './process-environment.ts';
import { countAfter, ticksPerSecond } from './process-stat.ts';
import { readStat } from './process-table.ts';

/** Whose a process is; names and numbers only, never arguments. Null is not known. */
export interface ProcessOwner {
  /** Epoch milliseconds. */
  readonly startedAt: number | null;
  /** Clock ticks from boot to the process's start: with the pid it names the process for good. */
  readonly startTicks: number;
  readonly uid: number | null;
  readonly user: string | null;
  readonly container: ContainerName | null;
  readonly pod: PodName | null;
  readonly slurmJob: string | null;
  /** `0`, `1`, … for steps of srun; `batch`, `interactive`, `extern`. */
  readonly slurmStep: string | null;
  /** Systemd service, scope or slice. */
  readonly unit: string | null;
  /** The top of the process's tree below shells, schedulers and the like. */
  readonly launcher: Launcher | null;
  /** Rank among the processes that it works with; null where it works alone. */
  readonly rank: number | null;
  /** The port at which those meet (MASTER_PORT), where they are several. */
  readonly rendezvousPort: number | null;
}

export interface PodName {
  readonly uid: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

export interface OwnerReader {
  /** Whose a process of this host is, read once in its life; null where it is gone. */
  ownerOf(pid: number): ProcessOwner | null;
}

export interface OwnerReaderPlaces {
  readonly procRoot: string;
  /** Holds etc/passwd. */
  readonly fsRoot: string;
  /** Ourselves: a command that we wrap is a job of its own. */
  readonly ownPid: number;
}

/** Processes that are remembered; the oldest go first. */
const mostKnown = 4096;

/** Reads owners from /proc: status, cgroup, named variables of the environment, and the chain of parents. */
export function createOwnerReader(
  { procRoot, fsRoot, ownPid }: OwnerReaderPlaces,
  files: ProcFiles,
): OwnerReader {
  const known = new Map<number, ProcessOwner>();
  // Read once: the clock's steps move it, and one process must not start twice.
  const bootedS = countAfter(textOf(files.read(join(procRoot, 'stat'))) ?? '', 'btime');
  const users = userNames(join(fsRoot, 'etc/passwd'), files);

  const read = (pid: number, startTicks: number): ProcessOwner => {
    const text = (name: string): string =>
      textOf(files.read(join(procRoot, String(pid), name))) ?? '';
    const names = parseCgroupNames(text('cgroup'));
    const variables = namedVariables(text('environ'));
    const uid = countAfter(text('status'), 'Uid');
    const ends = new Set([ownPid, Number(variables.JPY_PARENT_PID ?? Number.NaN)]);
    const ranks = rankOf(variables);
    const port = Number(variables.MASTER_PORT);
    const slurmJob = names.slurmJob ?? digitsOf(variables.SLURM_JOB_ID);
    return {
      startedAt:
        bootedS === null ? null : Math.round(1000 * (bootedS + startTicks / ticksPerSecond)),
      startTicks,
      uid,
      user: uid === null ? null : (users(uid) ?? variables.SLURM_JOB_USER ?? null),
      container: names.container ?? apptainerOf(variables),
      pod: podOf(names.podUid, variables),
      slurmJob,
      slurmStep: slurmJob === null ? null : (names.slurmStep ?? variables.SLURM_STEP_ID ?? null),
      unit: names.unit,
      launcher: findLauncher(pid, procRoot, files, ends),
      rank: ranks !== null && ranks.size > 1 ? ranks.rank : null,
      rendezvousPort: (ranks?.size ?? 1) > 1 && Number.isInteger(port) ? port : null,
    };
  };

  return {
    ownerOf(pid) {
      const stat = readStat(join(procRoot, String(pid), 'stat'), files);
      if (stat === null) return null;
      const before = known.get(pid);
      if (before?.startTicks === stat.startTicks) return before;
      const owner = read(pid, stat.startTicks);
      known.delete(pid);
      known.set(pid, owner);
      const [oldest] = known.keys();
      if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
      return owner;
    },
  };
}

/** Names by uid: the host's own list, and what the system knows of ourselves (it also asks a directory service). */
function userNames(passwd: string, files: ProcFiles): (uid: number) => string | null {
  const names = new Map<number, string>();
  for (const line of (textOf(files.read(passwd)) ?? '').split('\n')) {
    const [name = '', , uid] = line.split(':');
    if (uid !== undefined && name !== '' && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  try {
    const own = userInfo();
    if (own.uid >= 0 && !names.has(own.uid)) names.set(own.uid, own.username);
  } catch {
    // A uid without any entry, as containers have: its number is its name.
  }
  return (uid) => names.get(uid) ?? null;
}

function digitsOf(text: string | undefined): string | null {
  return text !== undefined && /^\d+$/.test(text) ? text : null;
}

function apptainerOf({ APPTAINER_NAME, SINGULARITY_NAME }: NamedVariables): ContainerName | null {
  const image = APPTAINER_NAME ?? SINGULARITY_NAME;
  return image === undefined ? null : { runtime: 'apptainer', id: image };
}

/** A pod's host name is the pod's own unless its spec says otherwise. */
function podOf(uid: string | null, variables: NamedVariables): PodName | null {
  if (uid === null) return null;
  const isPod = variables.KUBERNETES_SERVICE_HOST !== undefined;
  return {
    uid,
    namespace: variables.POD_NAMESPACE ?? null,
    name: variables.POD_NAME ?? (isPod ? (variables.HOSTNAME ?? null) : null),
  };
}
