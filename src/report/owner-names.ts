import type { Holder } from '../usage/holder.ts';
import { restKeys } from './split-cell.ts';

/** What usage and money can be grouped by, beside GPUs and hosts. */
export type OwnerKind = 'process' | 'user' | 'container' | 'job';

/** A group's identity and its name for people. */
export interface OwnerName {
  readonly key: string;
  readonly name: string;
  /** False for the part that no known owner answers for. */
  readonly isOwner: boolean;
}

const unknown: OwnerName = {
  key: restKeys.unknown,
  name: 'process not known',
  isOwner: false,
};

const ownerUnknown: OwnerName = {
  key: 'rest: owner',
  name: 'owner not known',
  isOwner: false,
};

/**
 * Whose a holder is. Pids, containers and process trees are a host's own; users, pods and Slurm jobs can be on several.
 */
export function ownerName(holder: Holder | null, by: OwnerKind, host: Host): OwnerName {
  if (holder === null) return unknown;
  switch (by) {
    case 'process':
      return processName(holder, host);
    case 'user':
      return userName(holder);
    case 'container':
      return containerName(holder, host);
    case 'job':
      return jobName(holder, host);
  }
}

/** The machine of a holder; its name stands before names that are only its own. */
export interface Host {
  readonly id: string;
  /** Empty where there is only one. */
  readonly prefix: string;
}

function processName({ key, pid, name }: Holder, host: Host): OwnerName {
  const label = pid > 0 ? `${name} (pid ${pid})` : name;
  return { key: `${host.id} process ${key}`, name: `${host.prefix}${label}`, isOwner: true };
}

function userName({ owner }: Holder): OwnerName {
  if (owner === null || (owner.user === null && owner.uid === null)) return ownerUnknown;
  const name = owner.user ?? `uid ${owner.uid}`;
  return { key: `user ${name}`, name, isOwner: true };
}

function containerName(holder: Holder, host: Host): OwnerName {
  const { owner } = holder;
  if (owner === null) return ownerUnknown;
  const { container } = owner;
  if (owner.pod !== null) return podName(owner.pod);
  if (container === null) {
    return { key: 'container none', name: 'outside of containers', isOwner: true };
  }
  const name = `${container.runtime ?? 'container'} ${container.id}`;
  return { key: `${host.id} container ${name}`, name: `${host.prefix}${name}`, isOwner: true };
}

function podName(pod: {
  readonly uid: string;
  readonly namespace: string | null;
  readonly name: string | null;
}): OwnerName {
  const place = pod.namespace === null ? '' : `${pod.namespace}/`;
  return { key: `pod ${pod.uid}`, name: `pod ${place}${pod.name ?? pod.uid}`, isOwner: true };
}

/** The Slurm job, else the pod, else what started the process. */
function jobName(holder: Holder, host: Host): OwnerName {
  const { owner } = holder;
  if (owner === null) return processName(holder, host);
  if (owner.slurmJob !== null) {
    const name = `Slurm job ${owner.slurmJob}`;
    return { key: name, name, isOwner: true };
  }
  if (owner.pod !== null) return podName(owner.pod);
  const { launcher } = owner;
  if (launcher === null) return processName(holder, host);
  return {
    key: `${host.id} tree ${launcher.pid} ${launcher.startTicks}`,
    name: `${host.prefix}${launcher.name} (pid ${launcher.pid})`,
    isOwner: true,
  };
}

/** Names of the parts that are nobody's. */
export const restNames: Readonly<Record<string, string>> = {
  [restKeys.unknown]: unknown.name,
  [ownerUnknown.key]: ownerUnknown.name,
  [restKeys.nobody]: 'nobody',
  [restKeys.beforeFirstSample]: 'unobserved: before the first sample',
  [restKeys.gap]: 'unobserved: gaps between samples',
  [restKeys.hiddenGpus]: 'unobserved: GPUs that were not watched',
  [restKeys.driver]: 'unobserved: the driver did not answer',
  [restKeys.notReported]: 'unobserved: not reported (MIG)',
  [restKeys.machineOff]: 'unobserved: the machine was off',
  [restKeys.rounding]: 'rounding',
};
