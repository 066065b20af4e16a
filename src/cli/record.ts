import { HostError } from '../errors.ts';
import { createHostReader } from '../host/host-reader.ts';
import { detectMachine, hostPlaces, type Named } from '../machine/detect.ts';
import { knownMachines } from '../machine/known-machine.ts';
import type { RateCards } from '../rates/merge.ts';
import { systemClock } from '../sample/clock.ts';
import { openSampler, type Sampler } from '../sample/sampler.ts';
import type { Smi } from '../sample/smi.ts';
import { newSessionId } from '../store/home.ts';
import type { HeaderLine, MachineFacts, SessionLine } from '../store/lines.ts';
import { createSessionWriter } from '../store/writer.ts';
import { seenShape } from './seen-shape.ts';
import type { Stop } from './stop-signals.ts';
import { readVersion } from './version.ts';

export interface RecordOptions {
  readonly smi: Smi;
  readonly home: string;
  readonly intervalMs: number;
  /** Counted from the first sample; null is until `stop`. */
  readonly durationMs: number | null;
  readonly gpus: readonly string[] | null;
  readonly cards: RateCards;
  readonly flag: Named;
  readonly config: Named;
  readonly network: boolean;
  /** Name of the wrapped command. */
  readonly command: string | null;
  readonly stop: Stop;
  /** Sees every line once it is stored, the header first. */
  onLine(line: SessionLine): void;
}

const hostIntervalMs = 5000;

/**
 * Samples this host into a new session until told to stop, and returns the session's folder.
 * Throws HostError if no sample comes, the host is recorded already, or the disk fails; what was stored stays readable.
 */
export async function record(options: RecordOptions): Promise<string> {
  const { smi, intervalMs, stop } = options;
  const clock = systemClock();
  const host = createHostReader();
  const hostPace = Math.max(hostIntervalMs, intervalMs);
  await host.readHost(clock.now(), []);
  const sampler = await openSampler({
    smi,
    clock,
    intervalMs,
    gpus: options.gpus,
    host,
    hostIntervalMs: hostPace,
    signal: stop.signal,
  });
  const header = await headerOf(sampler, options, {
    hostIntervalMs: hostPace,
    host: await host.identity(),
    hostColumns: host.columns.hostColumns,
    jobColumns: host.columns.jobColumns,
  });
  const writer = await createSessionWriter({ home: options.home, header }).catch(
    async (error: unknown) => {
      await sampler.close();
      throw error;
    },
  );
  options.onLine(header);
  const cancel =
    options.durationMs === null
      ? () => undefined
      : clock.after(options.durationMs, () => stop.end('duration'));
  try {
    for await (const line of sampler.lines()) {
      writer.write(line);
      if (line.kind === 'tick') host.look();
      options.onLine(line);
    }
  } catch (error) {
    await sampler.close();
    await writer.close({ kind: 'end', t: sampler.now(), reason: 'failed' }).catch(() => undefined);
    throw readable(error, header.id);
  } finally {
    cancel();
  }
  await sampler.close();
  const end = { kind: 'end', t: sampler.now(), reason: stop.reason() } as const;
  options.onLine(end);
  await writer.close(end);
  return writer.path;
}

async function headerOf(
  sampler: Sampler,
  options: RecordOptions,
  host: Pick<HeaderLine, 'hostIntervalMs' | 'host' | 'hostColumns' | 'jobColumns'>,
): Promise<HeaderLine> {
  return {
    kind: 'header',
    schema: 'gpucost.session/1',
    id: newSessionId(sampler.startedAt),
    tool: `gpucost ${readVersion()}`,
    startedAt: sampler.startedAt,
    intervalMs: options.intervalMs,
    hostIntervalMs: host.hostIntervalMs,
    host: host.host,
    driver: sampler.driver,
    gpus: sampler.gpus,
    columns: sampler.columns,
    hostColumns: host.hostColumns,
    jobColumns: host.jobColumns,
    command: options.command,
    machine: await machineOf(sampler, options, host.host),
  };
}

async function machineOf(
  sampler: Sampler,
  options: RecordOptions,
  host: HeaderLine['host'],
): Promise<MachineFacts> {
  const { facts } = await detectMachine(
    {
      flag: options.flag,
      config: options.config,
      network: options.network,
      shape: seenShape(sampler.gpus, host),
      known: knownMachines(options.cards),
    },
    hostPlaces(),
  );
  return facts;
}

/** A disk that failed leaves a session that can be read: say how. */
function readable(error: unknown, id: string): unknown {
  if (!(error instanceof HostError)) return error;
  const hint = [error.hint, `What was stored is readable: gpucost report ${id}`];
  return new HostError(error.message, {
    cause: error,
    hint: hint.filter((line) => line !== undefined).join('\n'),
  });
}
