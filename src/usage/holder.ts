import type { ProcessOwner } from '../host/process-owner.ts';

/** A process that has a context on GPUs of a machine. */
export interface Holder {
  /** Equal on all GPUs and in all recordings of one machine. */
  readonly key: string;
  readonly pid: number;
  readonly name: string;
  /** Null where it could not be read. */
  readonly owner: ProcessOwner | null;
}

/** A holder by what a process list says of it. */
export function holderOf(process: {
  readonly pid: number;
  readonly name: string;
  readonly owner?: ProcessOwner;
}): Holder {
  const { pid, name, owner = null } = process;
  return { key: `${pid} ${owner?.startTicks ?? name}`, pid, name, owner };
}

/** Processes beyond what is told apart. */
export const otherHolders: Holder = {
  key: 'others',
  pid: 0,
  name: 'other processes',
  owner: null,
};

/** Processes that were launched together: the ranks of one job. */
export interface Launch {
  /** Equal for all of them, on this machine. */
  readonly key: string;
  readonly name: string;
  /** False where only the process itself is known: others may belong to it. */
  readonly isWhole: boolean;
}

/**
 * A step of srun, else the port at which ranks meet, else the top of the process tree. The Slurm job or pod alone
 * would not do: a batch script can start programs that have nothing to do with each other.
 */
export function launchOf({ key, name, owner }: Holder): Launch {
  if (owner === null) return { key: `process ${key}`, name, isWhole: false };
  const { slurmJob, slurmStep, launcher, rendezvousPort, container } = owner;
  const launched = launcher?.name ?? name;
  if (slurmJob !== null && slurmStep !== null && /^\d{1,6}$/.test(slurmStep)) {
    return { key: `slurm ${slurmJob}.${slurmStep}`, name: `Slurm job ${slurmJob}`, isWhole: true };
  }
  if (rendezvousPort !== null) {
    const where = container?.id ?? 'host';
    return { key: `port ${where} ${rendezvousPort}`, name: launched, isWhole: true };
  }
  if (launcher === null) return { key: `process ${key}`, name, isWhole: false };
  return {
    key: `tree ${launcher.pid} ${launcher.startTicks}`,
    name: launched,
    isWhole: true,
  };
}
