import { join } from 'node:path';
import type { ProcFiles } from './proc-file.ts';
import type { ProcessStat } from './process-stat.ts';
import { readStat } from './process-table.ts';

/** The process that started a job on this host: what is above it starts anything. */
export interface Launcher {
  readonly pid: number;
  /** With the pid it names the process for good. */
  readonly startTicks: number;
  readonly name: string;
}

/**
 * Processes that start unrelated programs: what one of them started is a job of its own. The kernel keeps
 * 15 characters of a name.
 */
const starterNames = {
  sessions: 'systemd,init,sshd,sshd-session,login,su,sudo,cron,crond,atd',
  shells: 'sh,bash,dash,zsh,ksh,fish,ash,csh,tcsh,busybox,xonsh,pwsh',
  terminals: 'tmux,tmux: server,screen,zellij,dtach,script',
  containers: 'dockerd,docker-init,tini,dumb-init,catatonit,conmon,runc,crun,kubelet',
  services: 's6-supervise,s6-svscan,runsv,supervisord',
  schedulers: 'slurmstepd,slurmd,pbs_mom,sge_shepherd,raylet',
  notebooks: 'jupyter,jupyter-lab,jupyter-noteboo,jupyter-server,jupyterhub-sing,code-server',
};

const starters: ReadonlySet<string> = new Set(
  Object.values(starterNames).flatMap((names) => names.split(',')),
);

const isStarter = ({ name }: ProcessStat): boolean =>
  starters.has(name) || name.startsWith('containerd-shim');

/** Longer chains are not seen; one that is a circle (pids taken again meanwhile) must end. */
const longestChain = 64;

/**
 * The topmost ancestor below a shell, a session, a scheduler, a container's init or `ends` (ourselves, where we wrap
 * the command, and a notebook server): torchrun, mpirun, or the process itself. Null where it is gone.
 */
export function findLauncher(
  pid: number,
  procRoot: string,
  files: ProcFiles,
  ends: ReadonlySet<number>,
): Launcher | null {
  let top: Launcher | null = null;
  let at = pid;
  for (let i = 0; i < longestChain; i++) {
    const stat = readStat(join(procRoot, String(at), 'stat'), files);
    // Even a shell can hold a GPU itself: the process that was asked for is never passed over.
    if (stat === null || (top !== null && isStarter(stat))) return top;
    top = { pid: at, startTicks: stat.startTicks, name: stat.name };
    at = stat.parent;
    if (at <= 1 || ends.has(at)) return top;
  }
  return top;
}
