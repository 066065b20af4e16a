import { HostError, UsageError } from '../errors.ts';
import type { ProcessOwner } from '../host/process-owner.ts';
import type { XidReader } from '../host/xids.ts';
import type { SessionLine } from '../store/lines.ts';
import { type Clock, systemClock } from './clock.ts';
import type { GpuColumn, GpuIdentity } from './columns.ts';
import type { ProcessList } from './process-poll.ts';
import { namesFromProc, type ProcessNames } from './process-visibility.ts';
import { type Sampling, sampling } from './sampling.ts';
import { askOnce, type Smi } from './smi.ts';
import { allNames, fieldsNotOffered, fieldsToQuery, namesInHelp } from './supported-fields.ts';
import { xidWatch } from './xid-watch.ts';

/** A process with a context on at least one GPU, as host readings need it. */
export interface GpuHolder {
  readonly pid: number;
  /** Positions in the sampler's GPU list. */
  readonly gpus: readonly number[];
  readonly name: string;
}

/** Host and job lines come from here, at the host's own pace. */
export interface HostSource {
  readHost(tMs: number, gpuProcesses: readonly GpuHolder[]): Promise<readonly SessionLine[]>;
  /** Whose a process of this host is; null where that can't be read. */
  ownerOf?(pid: number): ProcessOwner | null;
  /** The errors of GPUs that the driver writes to the kernel's log; whoever made it closes it. */
  readonly xids?: XidReader;
}

export interface SamplerOptions {
  /** Closed with the sampler, also if it can't be opened. */
  readonly smi: Smi;
  readonly intervalMs: number;
  readonly clock?: Clock;
  /** Indices or beginnings of UUIDs; null or left out: all GPUs. */
  readonly gpus?: readonly string[] | null;
  readonly host?: HostSource | null;
  /** 5 s by default. */
  readonly hostIntervalMs?: number;
  /** Pace of the process list: 10 s by default. */
  readonly processIntervalMs?: number;
  /** 30 s by default: nvidia-smi takes 10 s and more on large hosts. */
  readonly startTimeoutMs?: number;
  readonly processNames?: ProcessNames;
  readonly signal?: AbortSignal;
}

export interface Sampler {
  /** When sampling was asked for, before nvidia-smi answered; epoch milliseconds. */
  readonly startedAt: number;
  readonly driver: string | null;
  /** As of the first tick; a `gpus` line tells of every change. */
  readonly gpus: readonly GpuIdentity[];
  /** The order of values in tick rows. */
  readonly columns: readonly GpuColumn[];
  /** The sampler's own clock, for lines that others add to the session. */
  now(): number;
  /** Ticks, GPU lists, processes, events, and the host's lines as they come; to be read once. */
  lines(): AsyncIterable<SessionLine>;
  /** Ends sampling and every child; what was read before is still in `lines`. */
  close(): Promise<void>;
}

/**
 * Starts sampling and resolves with the first tick. Throws HostError with nvidia-smi's own words if no sample comes
 * or `signal` aborts before it does, and UsageError if `gpus` selects none.
 */
export async function openSampler(options: SamplerOptions): Promise<Sampler> {
  const { smi, clock = systemClock() } = options;
  const startedAt = clock.now();
  try {
    const { run, finish } = await firstTick(options, clock);
    const columns = run.columns;
    return {
      startedAt,
      driver: run.driver(),
      gpus: [...run.list.gpus],
      columns,
      now: () => clock.now(),
      lines: () => run.queue.lines(),
      close: finish,
    };
  } catch (error) {
    await smi.close();
    throw error;
  }
}

interface Opened {
  readonly run: Sampling;
  readonly finish: () => Promise<void>;
}

async function firstTick(options: SamplerOptions, clock: Clock): Promise<Opened> {
  const { smi, intervalMs, gpus = null, signal, startTimeoutMs = 30_000 } = options;
  // The end can come first, and Ctrl-C must not wait for an nvidia-smi that hangs already here.
  refuseIfStopped(signal);
  const help = await askOnce(smi, clock, ['--help-query-gpu'], startTimeoutMs, signal);
  refuseIfStopped(signal);
  const named = namesInHelp(help.lines);
  const offered = named.size > 0 ? named : allNames;

  return new Promise<Opened>((resolve, reject) => {
    let closing: Promise<void> | null = null;
    let stopHost: () => void = () => undefined;
    const finish = (): Promise<void> => {
      closing ??= (async () => {
        signal?.removeEventListener('abort', abort);
        stopHost();
        await run.stop();
        run.queue.end();
        await smi.close();
      })();
      return closing;
    };
    const fail = (error: Error): void => {
      void finish();
      reject(error);
    };
    const abort = (): void => fail(stoppedEarly());
    const run = sampling({
      smi,
      clock,
      intervalMs,
      offered,
      startTimeoutMs,
      processIntervalMs: options.processIntervalMs ?? 10_000,
      selectors: gpus,
      processNames: options.processNames ?? namesFromProc,
      ownerOf: (pid) => options.host?.ownerOf?.(pid) ?? null,
      onFirstTick: () => {
        // The first tick may have been under way when sampling was stopped: nothing would stop the host's reading then.
        if (closing !== null) return;
        stopHost = startHost(options, clock, run);
        resolve({ run, finish });
      },
      onNoStart: fail,
      onNoneSelected: (present) => fail(noneSelected(gpus ?? [], present)),
      onFinished: () => void finish(),
    });
    if (named.size > 0) sayMissing(run, offered);
    signal?.addEventListener('abort', abort, { once: true });
    run.start();
  });
}

function refuseIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stoppedEarly();
}

function stoppedEarly(): HostError {
  return new HostError('sampling was stopped before the first sample');
}

function sayMissing(run: Sampling, offered: ReadonlySet<string>): void {
  const missing = fieldsNotOffered(fieldsToQuery(offered));
  if (missing.length > 0) {
    run.event('field-unsupported', `this driver does not offer: ${missing.join(', ')}`);
  }
}

function noneSelected(asked: readonly string[], present: readonly string[]): UsageError {
  return new UsageError(`--gpus ${asked.join(',')} selects no GPU of this host`, {
    hint: `GPUs here: ${present.join(', ')}`,
  });
}

/** Reads the host at its own pace, one reading at a time; returns how to stop. */
function startHost(options: SamplerOptions, clock: Clock, run: Sampling): () => void {
  const { host = null, hostIntervalMs = 5000 } = options;
  if (host === null) return () => undefined;
  let stopped = false;
  let cancel: () => void = () => undefined;
  const xids = host.xids === undefined ? null : xidWatch(host.xids, run.list);
  const readXids = (): void => {
    for (const line of xids?.read(clock.now()) ?? []) {
      run.queue.push(line);
      if (line.xid !== undefined) run.suspectGpus();
    }
  };
  const read = async (): Promise<void> => {
    const t = clock.now();
    try {
      const lines = await host.readHost(t, holders(run.processes()));
      if (stopped) return;
      for (const line of lines) run.queue.push(line);
      readXids();
    } catch (error) {
      run.queue.fail(error);
      return;
    }
    // From the start of the last reading, so that the pace does not drift.
    cancel = clock.after(Math.max(1, hostIntervalMs - (clock.now() - t)), () => void read());
  };
  cancel = clock.after(0, () => void read());
  return () => {
    stopped = true;
    cancel();
    // What ended a command stands in the log by the time that it has ended.
    readXids();
  };
}

function holders(processes: ProcessList['processes']): readonly GpuHolder[] {
  const byPid = new Map<number, { pid: number; gpus: number[]; name: string }>();
  for (const { pid, gpu, name } of processes) {
    const holder = byPid.get(pid) ?? { pid, gpus: [], name };
    if (!holder.gpus.includes(gpu)) holder.gpus.push(gpu);
    byPid.set(pid, holder);
  }
  return [...byPid.values()];
}
