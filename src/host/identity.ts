import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { startedAt } from '../machine/boot.ts';
import type { HostIdentity } from '../store/lines.ts';
import { memoryTotalMib } from './host-counters.ts';
import type { KernelRoots } from './host-snapshot.ts';
import { type ProcFiles, textOf } from './proc-file.ts';

/** Where the marks of a host are found; other values only in tests. */
export interface HostPlaces extends KernelRoots {
  /** Holds etc/machine-id, .dockerenv and the like. */
  readonly fsRoot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Keeps the key from being traced back to the machine id, which other programs know (machine-id(5)). */
const keySalt = 'gpucost.host/1';

export function readIdentity(places: HostPlaces, files: ProcFiles): HostIdentity {
  const stat = textOf(files.read(join(places.procRoot, 'stat')));
  const meminfo = textOf(files.read(join(places.procRoot, 'meminfo')));
  const initStat = textOf(files.read(join(places.procRoot, '1/stat')));
  const processors = stat?.match(/^cpu\d+ /gm)?.length;
  const container = isContainer(places, files);
  return {
    name: hostname(),
    key: createHmac('sha256', keySalt)
      .update(machineMark(container, places, files))
      .digest('hex')
      .slice(0, 32),
    cpus: processors ?? cpus().length,
    memoryMib: Math.round(
      (meminfo === null ? null : memoryTotalMib(meminfo)) ?? totalmem() / 1024 ** 2,
    ),
    bootedAt: startedAt(stat, initStat, container),
    container,
  };
}

/**
 * What makes this host this host. In a container that is the running kernel's boot id: images are copied with
 * their machine-id in them, and two hosts must never look like one.
 */
function machineMark(container: boolean, places: HostPlaces, files: ProcFiles): string {
  const path = container
    ? join(places.procRoot, 'sys/kernel/random/boot_id')
    : join(places.fsRoot, 'etc/machine-id');
  const mark = textOf(files.read(path))?.trim() ?? '';
  // An image that was never started says "uninitialized" (machine-id(5)).
  return /^[0-9a-f-]{32,36}$/.test(mark) ? mark : hostname();
}

/** Docker, Podman, Kubernetes, containerd, LXC, Apptainer and systemd-nspawn, by the marks that they leave. */
export function isContainer({ procRoot, fsRoot, env }: HostPlaces, files: ProcFiles): boolean {
  const marks = ['.dockerenv', 'run/.containerenv', 'run/systemd/container', '.singularity.d'];
  if (marks.some((mark) => existsSync(join(fsRoot, mark)))) return true;
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return true;
  if (env['APPTAINER_CONTAINER'] !== undefined || env['SINGULARITY_CONTAINER'] !== undefined) {
    return true;
  }
  const cgroup = textOf(files.read(join(procRoot, '1/cgroup'))) ?? '';
  return /[/:](?:docker|kubepods|containerd|libpod|lxc)\b|cri-containerd/.test(cgroup);
}
