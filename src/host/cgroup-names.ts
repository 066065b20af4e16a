/** A container by its runtime and the first twelve characters of its id, as the runtimes print them. */
export interface ContainerName {
  /** `docker`, `containerd`, `podman`, `cri-o`; null where the path does not say. */
  readonly runtime: string | null;
  readonly id: string;
}

/** What the paths of a process's cgroups say of its owner; null is not said. */
export interface CgroupNames {
  readonly container: ContainerName | null;
  readonly podUid: string | null;
  readonly slurmJob: string | null;
  readonly slurmStep: string | null;
  /** The innermost systemd service, scope or else slice that is not a container's. */
  readonly unit: string | null;
}

const shownLength = 12;

/** `docker-ID.scope`, `cri-containerd-ID.scope`, `libpod-ID.scope`, or the bare id of cgroupfs drivers. */
const containerSegment =
  /^(?:(.*):)?(?:(docker|cri-containerd|containerd|nerdctl|libpod|crio)[-:])?([0-9a-f]{64})(?:\.scope)?$/;

const runtimeNames: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  nerdctl: 'containerd',
  libpod: 'podman',
  crio: 'cri-o',
};

/** A pod's uid is a UUID, with underscores under the systemd driver; a static pod's is 32 digits of a hash. */
const podUid = /pod([0-9a-f]{8}[-_](?:[0-9a-f]{4}[-_]){3}[0-9a-f]{12}|[0-9a-f]{32})(?:\.slice|:|$)/;

/**
 * Reads the owner's names out of /proc/PID/cgroup, versions 1 and 2. Formats: the systemd and cgroupfs drivers of
 * runc, containerd's CRI plugin, Podman and CRI-O; Slurm's cgroup/v1 (`/slurm/uid_1000/job_7/step_0/task_0`) and
 * cgroup/v2 (`/system.slice/slurmstepd.scope/job_7/step_0/user/task_0`) plugins; systemd.special(7).
 */
export function parseCgroupNames(cgroup: string): CgroupNames {
  const paths = pathsOf(cgroup);
  const first = <T>(read: (segments: readonly string[]) => T | null): T | null => {
    for (const path of paths) {
      const found = read(path);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    container: first(containerIn),
    podUid: first(podIn),
    slurmJob: first((path) => slurmIn(path, /^job_(\d+)$/)),
    slurmStep: first((path) => slurmIn(path, /^step_(\w+)$/)),
    unit: first(unitIn),
  };
}

/** systemd's own hierarchy first: on version 1 the others often stop at a slice. */
function pathsOf(cgroup: string): readonly (readonly string[])[] {
  const lines = cgroup.split('\n').flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    return match === null ? [] : [{ controllers: match[1] ?? '', path: match[2] ?? '' }];
  });
  const isSystemd = (controllers: string): number =>
    controllers === 'name=systemd' ? 0 : controllers === '' ? 1 : 2;
  return lines
    .sort((a, b) => isSystemd(a.controllers) - isSystemd(b.controllers))
    .map(({ path }) => path.split('/').filter((segment) => segment !== ''));
}

/** The innermost: a container inside of another is the nearer owner. */
function containerIn(segments: readonly string[]): ContainerName | null {
  const at = segments.findLastIndex((segment) => containerSegment.test(segment));
  const match = containerSegment.exec(segments[at] ?? '');
  if (match === null) return null;
  const [, , runtime, id = ''] = match;
  const parent = segments[at - 1] ?? '';
  const known = runtime ?? /^(docker|libpod|crio)$/.exec(parent)?.[1] ?? '';
  return { runtime: runtimeNames[known] ?? null, id: id.slice(0, shownLength) };
}

function podIn(segments: readonly string[]): string | null {
  for (const segment of segments.toReversed()) {
    const uid = podUid.exec(segment)?.[1];
    if (uid !== undefined) return uid.replaceAll('_', '-');
  }
  return null;
}

/** `job_7` is Slurm's only below a cgroup of its own. */
function slurmIn(segments: readonly string[], name: RegExp): string | null {
  const slurm = segments.findIndex((segment) => /^slurm(?:_.*)?$|slurmstepd\.scope$/.test(segment));
  if (slurm < 0) return null;
  for (const segment of segments.slice(slurm + 1)) {
    const found = name.exec(segment)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

function unitIn(segments: readonly string[]): string | null {
  const own = segments.filter(
    (segment) => !containerSegment.test(segment) && !podUid.test(segment),
  );
  const isUnit = (segment: string): boolean => /\.(?:service|scope)$/.test(segment);
  return own.findLast(isUnit) ?? own.findLast((segment) => segment.endsWith('.slice')) ?? null;
}
