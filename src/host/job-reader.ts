import { join } from 'node:path';
import type { JobLine, WaitsLine } from '../store/lines.ts';
import { createThreadWatch, type ThreadWatch } from './busiest-thread.ts';
import type { CgroupMount } from './cgroup.ts';
import { type JobColumn, jobColumns } from './columns.ts';
import { createFileWaits } from './file-waits.ts';
import { parsePressureUs } from './host-counters.ts';
import { type KernelRoots, readCgroup } from './host-snapshot.ts';
import {
  type JobInterval,
  type JobSnapshot,
  jobReadings,
  jobWorkers,
  ownTicks,
} from './job-rates.ts';
import { createMountTable } from './mount-table.ts';
import { denied, type ProcFiles, textOf } from './proc-file.ts';
import { allowedCpus, type ProcessIo, parseProcessIo, ticksPerSecond } from './process-stat.ts';
import {
  createProcessScan,
  jobMembers,
  readQueuedNs,
  type ScannedProcesses,
} from './process-table.ts';
import { createStateWatch, type WatchedProcess } from './state-looks.ts';
import { createWaitGathering, type WaitGathering } from './wait-lines.ts';
import { createWorkerBirths, type WorkerBirths } from './worker-births.ts';

/** A process that has a context on some GPUs, as nvidia-smi lists it. */
export interface GpuProcessOnHost {
  readonly pid: number;
  /** Positions in the session's GPU list. */
  readonly gpus: readonly number[];
  readonly name: string;
}

export interface JobReader {
  /**
   * One line for each GPU process that is there, and at times one of what it waits for; rates cover the time since the
   * previous call.
   */
  read(
    tMs: number,
    atMs: number,
    gpuProcesses: readonly GpuProcessOnHost[],
  ): readonly (JobLine | WaitsLine)[];
  /** Looks at the states of the jobs' processes. */
  look(): void;
  /** True once what a blocked thread waits for could not be read for lack of permission. */
  readonly waitsDenied: boolean;
  /** True once a process's io could not be read for lack of permission. */
  readonly ioDenied: boolean;
}

/** Between two scans the states of this many workers, divided among the jobs, are looked at. */
const mostWatchedWorkers = 64;
/** And of this many threads of each GPU process: the busiest. */
const mostWatchedThreads = 8;

interface FollowedJob {
  readonly startTicks: number;
  readonly threads: ThreadWatch;
  readonly births: WorkerBirths;
  readonly waits: WaitGathering;
  snapshot: JobSnapshot | null;
}

export function createJobReader(
  { procRoot, sysRoot }: KernelRoots,
  mount: CgroupMount | null,
  files: ProcFiles,
  arch: string,
): JobReader {
  const roots = { procRoot, sysRoot };
  const scan = createProcessScan(procRoot, files);
  const mounts = createMountTable(procRoot, files);
  const fileWaits = createFileWaits(procRoot, mounts, files, arch);
  const states = createStateWatch(procRoot, files, fileWaits);
  let jobs = new Map<number, FollowedJob>();
  let before: { readonly scanned: ScannedProcesses; readonly atMs: number } | null = null;
  let ioDenied = false;

  const follow = (pid: number, startTicks: number): FollowedJob => {
    const known = jobs.get(pid);
    if (known?.startTicks === startTicks) return known;
    const threads = createThreadWatch(join(procRoot, String(pid)), files);
    const waits = createWaitGathering(pid, procRoot, files);
    return { startTicks, threads, births: createWorkerBirths(), waits, snapshot: null };
  };

  return {
    read(tMs, atMs, gpuProcesses) {
      if (gpuProcesses.length === 0) {
        before = null;
        jobs = new Map();
        states.watch([]);
        return [];
      }
      const gpuPids = gpuProcesses.map((process) => process.pid);
      const scanned = scan.read(gpuPids);
      const after = scanned.table;
      const members = jobMembers(after, gpuPids);
      const elapsedMs = before === null ? 0 : atMs - before.atMs;
      const followed = new Map<number, FollowedJob>();
      const threadLooks = new Map<number, ReturnType<ThreadWatch['look']>>();
      for (const pid of members.keys()) {
        const stat = after.get(pid);
        if (stat === undefined) continue;
        const job = follow(pid, stat.startTicks);
        followed.set(pid, job);
        const ticks = ownTicks(pid, { before: before?.scanned ?? null, after });
        const cores =
          ticks === null || elapsedMs <= 0 ? null : ticks / ticksPerSecond / (elapsedMs / 1000);
        threadLooks.set(pid, job.threads.look(atMs, cores));
      }
      mounts.expire(atMs);
      const inJobs = new Set([...members.values()].flat());
      const looks = states.take(
        new Map([...after].filter(([pid]) => inJobs.has(pid))),
        (pid) => threadLooks.get(pid)?.blockedThread ?? null,
      );

      const lines: (JobLine | WaitsLine)[] = [];
      const watch: WatchedProcess[] = [];
      for (const { pid, gpus, name } of gpuProcesses) {
        const job = followed.get(pid);
        if (job === undefined) continue;
        const snapshot = snapshotOf(pid, members.get(pid) ?? [], roots, mount, files);
        ioDenied ||= [...snapshot.io.values()].includes(null);
        const interval: JobInterval = {
          elapsedMs,
          before: before?.scanned ?? null,
          after,
          earlier: job.snapshot,
          job: snapshot,
          looks,
          busiestThreadShare: threadLooks.get(pid)?.busiestShare ?? null,
          busiestThreadQueuedShare: threadLooks.get(pid)?.busiestQueuedShare ?? null,
          workersBorn: job.births.take(pid, snapshot.members, after),
        };
        job.snapshot = snapshot;
        const values = inOrder(jobReadings(interval));
        lines.push({ kind: 'job', t: tMs, pid, name, gpus, values });
        const workers = before === null ? snapshot.members : jobWorkers(interval);
        for (const member of new Set([pid, ...workers])) {
          job.waits.add(looks.get(member)?.waits ?? []);
        }
        const waits = job.waits.line(tMs, atMs, gpus);
        if (waits !== null) lines.push(waits);
        const watched = new Set([pid, ...workers.slice(0, mostWatchedWorkers / members.size)]);
        for (const member of watched) {
          watch.push({
            pid: member,
            startTicks: after.get(member)?.startTicks ?? 0,
            threads: (threadLooks.get(member)?.active ?? []).slice(0, mostWatchedThreads),
          });
        }
      }
      states.watch(watch);
      jobs = followed;
      before = { scanned, atMs };
      return lines;
    },
    look: () => states.look(),
    get waitsDenied() {
      return fileWaits.isDenied;
    },
    get ioDenied() {
      return ioDenied;
    },
  };
}

function snapshotOf(
  main: number,
  members: readonly number[],
  { procRoot }: KernelRoots,
  mount: CgroupMount | null,
  files: ProcFiles,
): JobSnapshot {
  const io = new Map<number, ProcessIo | null>();
  const queuedNs = new Map<number, number>();
  for (const pid of members) {
    const queued = readQueuedNs(join(procRoot, String(pid)), files);
    if (queued !== null) queuedNs.set(pid, queued);
    const text = files.read(join(procRoot, String(pid), 'io'));
    if (text === denied) io.set(pid, null);
    const parsed = typeof text === 'string' ? parseProcessIo(text) : null;
    if (parsed !== null) io.set(pid, parsed);
  }
  const status = textOf(files.read(join(procRoot, String(main), 'status')));
  const cgroup = readCgroup(String(main), procRoot, mount, files);
  return {
    main,
    members,
    io,
    queuedNs,
    cgroup,
    allowedCpus: status === null ? null : allowedCpus(status),
    pressureUs: readPressure(mount?.version === 2 ? cgroup?.[0]?.path : undefined, files),
  };
}

/** Version 2 keeps pressure for each cgroup; version 1 only for the host. */
function readPressure(folder: string | undefined, files: ProcFiles): JobSnapshot['pressureUs'] {
  const read = (name: string) => {
    const text = folder === undefined ? null : textOf(files.read(join(folder, name)));
    return text === null ? null : parsePressureUs(text);
  };
  return { cpu: read('cpu.pressure'), io: read('io.pressure'), memory: read('memory.pressure') };
}

function inOrder(readings: Readonly<Record<JobColumn, number | null>>): (number | null)[] {
  return jobColumns.map((column) => readings[column]);
}
