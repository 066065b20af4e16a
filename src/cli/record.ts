import { HostError } from '../errors.ts';
import type { HostReader } from '../host/host-reader.ts';
import type { ProgressReader } from '../progress/reader.ts';
import type { Clock } from '../sample/clock.ts';
import type { GpuIdentity } from '../sample/columns.ts';
import type { ProcessNames } from '../sample/process-visibility.ts';
import { openSampler, type Sampler } from '../sample/sampler.ts';
import type { Smi } from '../sample/smi.ts';
import { newSessionId } from '../store/home.ts';
import type {
  EndLine,
  HeaderLine,
  HostIdentity,
  MachineFacts,
  SessionLine,
} from '../store/lines.ts';
import { createSessionWriter } from '../store/writer.ts';
import type { Stop } from './stop-signals.ts';
import { readVersion } from './version.ts';

/** What is sampled: this host, or a recording that stands for one. */
export interface SampledHost {
  readonly smi: Smi;
  readonly clock: Clock;
  readonly identity: HostIdentity;
  /** Null where a recording holds none of the host's signals. */
  readonly signals: HostReader | null;
  /** Null is this host's /proc. */
  readonly processNames: ProcessNames | null;
  /** Says which machine it is, once its GPUs are known. */
  machine(gpus: readonly GpuIdentity[]): Promise<MachineFacts>;
}

export interface RecordOptions {
  /** The data folder. */
  readonly home: string;
  readonly intervalMs: number;
  /** Counted from the first sample; null is until `stop`. */
  readonly durationMs: number | null;
  readonly gpus: readonly string[] | null;
  /** Name of the wrapped command. */
  readonly command: string | null;
  readonly stop: Stop;
  /** The run's own progress; null where nobody asked for it. */
  readonly progress: ProgressReader | null;
  /** Sees every line once it is stored, the header first. */
  onLine(line: SessionLine): void;
}

const hostIntervalMs = 5000;

/**
 * Samples into a new session until told to stop or the recording ends, and returns the session's folder.
 * Throws HostError if no sample comes, the host is recorded already, or the disk fails; what was stored stays readable.
 */
export async function record(host: SampledHost, options: RecordOptions): Promise<string> {
  const { clock, signals } = host;
  const { intervalMs } = options;
  const hostPace = Math.max(hostIntervalMs, intervalMs);
  // Rates cover the time since the reading before: this one makes the first interval.
  await signals?.readHost(clock.now(), []);
  // What the kernel logged before this is not of this session.
  signals?.xids.read(clock.now());
  try {
    return await recordOpened(host, options, hostPace);
  } finally {
    signals?.xids.close();
  }
}

async function recordOpened(
  host: SampledHost,
  options: RecordOptions,
  hostPace: number,
): Promise<string> {
  const { clock, signals } = host;
  const { intervalMs, stop } = options;
  const sampler = await openSampler({
    smi: host.smi,
    clock,
    intervalMs,
    gpus: options.gpus,
    host: signals,
    hostIntervalMs: hostPace,
    signal: stop.signal,
    ...(host.processNames === null ? {} : { processNames: host.processNames }),
  });
  try {
    const header = await headerOf(sampler, host, options, hostPace);
    return await store(sampler, header, host, options);
  } finally {
    await sampler.close();
  }
}

async function store(
  sampler: Sampler,
  header: HeaderLine,
  { clock, signals }: SampledHost,
  options: RecordOptions,
): Promise<string> {
  const { stop, durationMs, progress } = options;
  const writer = await createSessionWriter({ home: options.home, header });
  options.onLine(header);
  const cancel =
    durationMs === null ? () => undefined : clock.after(durationMs, () => stop.end('duration'));
  const storeProgress = (isLast: boolean): void => {
    for (const line of progress?.take(sampler.now(), isLast) ?? []) {
      writer.write(line);
      options.onLine(line);
    }
  };
  let end: EndLine = { kind: 'end', t: sampler.now(), reason: 'failed' };
  try {
    for await (const line of sampler.lines()) {
      writer.write(line);
      if (line.kind === 'tick') signals?.look();
      options.onLine(line);
      storeProgress(false);
    }
    storeProgress(true);
    end = { kind: 'end', t: sampler.now(), reason: stop.reason() };
    options.onLine(end);
  } catch (error) {
    // The first failure is the one to tell; closing after it can only repeat it.
    await writer.close({ ...end, t: sampler.now() }).catch(() => undefined);
    throw readable(error, header.id);
  } finally {
    cancel();
  }
  await writer.close(end);
  return writer.path;
}

async function headerOf(
  sampler: Sampler,
  host: SampledHost,
  options: RecordOptions,
  hostPace: number,
): Promise<HeaderLine> {
  return {
    kind: 'header',
    schema: 'gpucost.session/1',
    id: newSessionId(sampler.startedAt),
    tool: `gpucost ${readVersion()}`,
    startedAt: sampler.startedAt,
    intervalMs: options.intervalMs,
    hostIntervalMs: hostPace,
    host: host.identity,
    driver: sampler.driver,
    gpus: sampler.gpus,
    columns: sampler.columns,
    hostColumns: host.signals?.columns.hostColumns ?? [],
    jobColumns: host.signals?.columns.jobColumns ?? [],
    command: options.command,
    machine: await host.machine(sampler.gpus),
  };
}

/** A disk that failed leaves a session that can be read: say how. */
function readable(error: unknown, id: string): unknown {
  if (!(error instanceof HostError)) return error;
  const hint = [error.hint, `Read it with: gpucost report ${id}`];
  return new HostError(error.message, {
    cause: error,
    hint: hint.filter((line) => line !== undefined).join('\n'),
  });
}
