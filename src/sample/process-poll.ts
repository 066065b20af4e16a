import type { ProcessOwner } from '../host/process-owner.ts';
import type { GpuProcess } from '../store/lines.ts';
import type { Clock } from './clock.ts';
import { baseName, type ComputeApp, computeAppsArgs, readComputeApp } from './compute-apps.ts';
import { matchesOurProcesses, type ProcessNames } from './process-visibility.ts';
import { askOnce, type Smi } from './smi.ts';

export interface ProcessList {
  readonly t: number;
  /** False where the driver's pids are not ours. */
  readonly visible: boolean;
  readonly processes: readonly GpuProcess[];
}

export interface ProcessPollOptions {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly paceMs: number;
  readonly names: ProcessNames;
  /** Whose a process of this host is; null where that can't be read. */
  readonly ownerOf: (pid: number) => ProcessOwner | null;
  readonly positionOfUuid: (uuid: string) => number | null;
  /** True where a GPU is in use, which an empty list would deny: the list is not the whole truth. */
  readonly isHeldUnseen: () => boolean;
  readonly onList: (list: ProcessList) => void;
  readonly onHidden: (message: string) => void;
  /** Called at most once. */
  readonly onUnsupported: (message: string) => void;
}

export interface ProcessPoll {
  start(): void;
  /** Number of compute processes on a GPU by the latest poll, or null if it is stale, failed or hidden. */
  count(position: number): number | null;
  stop(): void;
}

/** A list is used this many paces long, then it is unknown. */
const freshPaces = 2.5;
/** A poll may not take more than this share of the time: it starts an nvidia-smi. */
const longestShare = 0.2;
const timeoutMs = 20_000;

/**
 * Polls `--query-compute-apps` with one short nvidia-smi per poll. A long-lived loop would cost less, but prints
 * nothing at all for an idle GPU: only the end of a run tells "no process" from "no answer".
 */
export function processPoll(options: ProcessPollOptions): ProcessPoll {
  const { clock } = options;
  let latest: ProcessList | null = null;
  let counts = new Map<number, number>();
  let cancel: () => void = () => undefined;
  let stopped = false;
  let isHiddenSaid = false;
  let isHiddenNow = false;
  let strangers = 0;
  let visible = true;
  let isDoubtful = false;
  let isFailureSaid = false;

  const poll = async (): Promise<void> => {
    const startedAt = clock.now();
    const answer = await askOnce(options.smi, clock, computeAppsArgs, timeoutMs);
    if (stopped) return;
    if (answer.failure === null) take(answer.lines);
    else if (!isFailureSaid) {
      isFailureSaid = true;
      options.onUnsupported(`processes on the GPUs are unknown: ${answer.failure}`);
    }
    const tookMs = clock.now() - startedAt;
    cancel = clock.after(Math.max(options.paceMs, tookMs / longestShare), () => void poll());
  };

  const take = (lines: readonly string[]): void => {
    const apps = lines.map(readComputeApp).filter((app) => app !== null);
    const isOurs = apps.length > 0 && matchesOurProcesses(apps, options.names);
    // Once hidden, an empty list says nothing: only a process of ours shows that we see them.
    const isStrange = !isOurs && (apps.length > 0 || isHiddenNow || options.isHeldUnseen());
    // One poll alone can meet a process that is just ending.
    strangers = isStrange ? strangers + 1 : 0;
    isHiddenNow = isStrange && (isHiddenNow || strangers >= 2);
    visible = !isStrange || (visible && strangers < 2 && latest !== null);
    isDoubtful = isStrange && apps.length === 0;
    if (isHiddenNow && !isHiddenSaid) {
      isHiddenSaid = true;
      options.onHidden(hiddenMessage(apps));
    }
    latest = { t: clock.now(), visible, processes: placed(apps, visible) };
    counts = new Map();
    for (const { gpu } of latest.processes) counts.set(gpu, (counts.get(gpu) ?? 0) + 1);
    options.onList(latest);
  };

  const placed = (apps: readonly ComputeApp[], isVisible: boolean): readonly GpuProcess[] =>
    apps.flatMap((app) => {
      const gpu = options.positionOfUuid(app.gpuUuid);
      if (gpu === null) return [];
      const name = app.path === null ? 'unknown' : baseName(app.path);
      const process = { gpu, pid: app.pid, name, memoryMib: app.memoryMib };
      // A pid of a foreign namespace can be another process's here.
      const isOurs = isVisible && matchesOurProcesses([app], options.names);
      const owner = isOurs ? options.ownerOf(app.pid) : null;
      return [owner === null ? process : { ...process, owner }];
    });

  return {
    start: () => void poll(),
    count(position) {
      if (latest === null || !latest.visible || isDoubtful) return null;
      if (clock.now() - latest.t > freshPaces * options.paceMs) return null;
      return counts.get(position) ?? 0;
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function hiddenMessage(apps: readonly ComputeApp[]): string {
  const what =
    apps.length === 0
      ? 'GPUs are in use, but nvidia-smi lists no process'
      : "the pids that nvidia-smi lists are not in this container's /proc";
  return `${what}: processes and their CPU and disk use can't be seen from here; run on the host or with --pid=host`;
}
