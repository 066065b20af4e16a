import { join } from 'node:path';
import type { HostIdentity, SessionLine } from '../store/lines.ts';
import { type CgroupMount, findCpuMount } from './cgroup.ts';
import { type HostColumn, hostColumns, type JobColumn, jobColumns } from './columns.ts';
import { hostReadings } from './host-rates.ts';
import { type HostSnapshot, readHostSnapshot } from './host-snapshot.ts';
import { readIdentity } from './identity.ts';
import { createJobReader, type GpuProcessOnHost } from './job-reader.ts';
import type { KernelLog } from './kernel-log.ts';
import { missingHostSignals } from './missing-signals.ts';
import { createProcFiles, type ProcFiles, textOf } from './proc-file.ts';
import { createOwnerReader, type OwnerReader } from './process-owner.ts';
import { toResolution } from './resolution.ts';
import { createXidReader, type XidReader } from './xids.ts';

/** Everything has the default of the running host; tests name other places. */
export interface HostReaderOptions {
  readonly procRoot?: string;
  readonly sysRoot?: string;
  /** Where etc/machine-id and the marks of containers lie. */
  readonly fsRoot?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  /** As in process.arch: system calls have other numbers on each. */
  readonly arch?: string;
  /** Monotonic milliseconds: rates are per time that passed on this clock. */
  readonly monotonicMs?: () => number;
  readonly files?: ProcFiles;
  readonly kernelLog?: KernelLog;
}

/** Reads the host's signals: /proc, /sys and cgroups on Linux; elsewhere all readings are null. */
export interface HostReader extends OwnerReader {
  /** Values of host and job lines come in this order. */
  readonly columns: {
    readonly hostColumns: readonly HostColumn[];
    readonly jobColumns: readonly JobColumn[];
  };
  identity(): Promise<HostIdentity>;
  /**
   * One host line, one job line for each GPU process that is there, at times what it waits for, and once an event that names what this host
   * does not offer. Rates cover the time since the previous call, so call it once at the start; `tMs` only
   * stamps the lines (epoch milliseconds). Never rejects for a file that is missing or not permitted.
   */
  readHost(tMs: number, gpuProcesses: readonly GpuProcessOnHost[]): Promise<SessionLine[]>;
  /**
   * Cheap look at the states of the jobs' processes, for their D-state share: call it at every sampling
   * interval. Without it each host interval has the one look of readHost.
   */
  look(): void;
  /** The XIDs in the kernel's log; it is open from the first reading on until it is closed. */
  readonly xids: XidReader;
}

/** A reader of this host's signals; holds no process or timer, and no handle but the kernel's log. */
export function createHostReader(options: HostReaderOptions = {}): HostReader {
  const {
    procRoot = '/proc',
    sysRoot = '/sys',
    fsRoot = '/',
    env = process.env,
    platform = process.platform,
    arch = process.arch,
    monotonicMs = () => performance.now(),
    files = createProcFiles(),
  } = options;
  const roots = { procRoot, sysRoot };
  const isLinux = platform === 'linux';
  const mount = isLinux ? cpuMount(procRoot, sysRoot, files) : null;
  const jobs = createJobReader(roots, mount, files, arch);
  const owners = createOwnerReader({ procRoot, fsRoot, ownPid: process.pid }, files);
  let before: HostSnapshot | null = null;
  const said = new Set<string>();

  /** Names what is missing, and was not named before. */
  const event = (tMs: number, missing: readonly string[]): SessionLine[] => {
    const unsaid = missing.filter((name) => !said.has(name));
    if (unsaid.length === 0) return [];
    for (const name of unsaid) said.add(name);
    const message = `This host does not offer: ${unsaid.join('; ')}.`;
    return [{ kind: 'event', t: tMs, code: 'host-signal-missing', message }];
  };

  const read = (tMs: number, gpuProcesses: readonly GpuProcessOnHost[]): SessionLine[] => {
    if (!isLinux) {
      const values = hostColumns.map(() => null);
      const missing = [`host and job signals (they are read on Linux only, this is ${platform})`];
      return [{ kind: 'host', t: tMs, values }, ...event(tMs, missing)];
    }
    const atMs = monotonicMs();
    const after = readHostSnapshot(atMs, roots, mount, files);
    const readings = hostReadings(before, after);
    before = after;
    const jobLines = jobs.read(tMs, atMs, gpuProcesses);
    const missing = missingHostSignals(after);
    if (jobs.ioDenied)
      missing.push("bytes read and written by other users' processes (run as root)");
    if (jobs.waitsDenied)
      missing.push(
        'in which call a waiting process waits (run as root, or start the job by `gpucost watch -- command`); its mount is then told where only one can be meant',
      );
    return [
      {
        kind: 'host',
        t: tMs,
        values: hostColumns.map((column) => toResolution(column, readings[column])),
      },
      ...jobLines.map((line) =>
        line.kind === 'waits'
          ? line
          : {
              ...line,
              values: line.values.map((value, i) => toResolution(jobColumns[i] ?? '', value)),
            },
      ),
      ...event(tMs, missing),
    ];
  };

  return {
    columns: { hostColumns, jobColumns },
    identity: () => promised(() => readIdentity({ ...roots, fsRoot, env }, files)),
    readHost: (tMs, gpuProcesses) => promised(() => read(tMs, gpuProcesses)),
    ownerOf: (pid) => (isLinux ? owners.ownerOf(pid) : null),
    look: () => {
      if (isLinux) jobs.look();
    },
    xids: createXidReader({ platform, procRoot, files, log: options.kernelLog }),
  };
}

/** An exception becomes a rejection, as callers of a promise expect. */
function promised<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(make());
  });
}

function cpuMount(procRoot: string, sysRoot: string, files: ProcFiles): CgroupMount | null {
  const mountinfo = textOf(files.read(join(procRoot, 'self/mountinfo')));
  return mountinfo === null ? null : findCpuMount(mountinfo, sysRoot);
}
