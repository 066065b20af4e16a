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
  /** The process tree in which those others would be; null is not known. */
  readonly tree: string | null;
}

/**
 * The port at which ranks meet, else a step of srun with several tasks, else the tree of processes that have ranks, or
 * whose top is known to start them. A tree alone would not do, nor a Slurm job or a pod: a script, make and xargs start
 * programs that have nothing to do with each other.
 */
export function launchOf({ key, name, owner }: Holder): Launch {
  if (owner === null) return { key: `process ${key}`, name, isWhole: false, tree: null };
  const { slurmJob, slurmStep, launcher, rendezvousPort, container, rank } = owner;
  const isStep =
    slurmJob !== null && slurmStep !== null && /^\d{1,6}$/.test(slurmStep) && rank !== null;
  const launched = isStep ? `Slurm job ${slurmJob}` : (launcher?.name ?? name);
  const tree = launcher && `tree ${launcher.pid} ${launcher.startTicks}`;
  const whole = (of: string): Launch => ({ key: of, name: launched, isWhole: true, tree });
  if (rendezvousPort !== null) return whole(`port ${container?.id ?? 'host'} ${rendezvousPort}`);
  if (isStep) return whole(`slurm ${slurmJob}.${slurmStep}`);
  if (tree !== null && (rank !== null || rankStarters.has(launched))) return whole(tree);
  return { key: `process ${key}`, name: launched, isWhole: false, tree };
}

/** Programs that start nothing but ranks: PyTorch, Hugging Face, DeepSpeed, Open MPI, MPICH and Intel MPI, Horovod. */
const rankStarters: ReadonlySet<string> = new Set(
  'torchrun,accelerate,deepspeed,mpirun,mpiexec,mpiexec.hydra,orterun,prterun,prte,orted,prted,hydra_pmi_proxy,horovodrun'.split(
    ',',
  ),
);
