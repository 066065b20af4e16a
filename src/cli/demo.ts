import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WatchFlags } from '../config/flags.ts';
import { auditSettings, outputSettings } from '../config/options.ts';
import { HostError } from '../errors.ts';
import { splitMachine } from '../machine/environment.ts';
import { findMachine } from '../rates/find-machine.ts';
import { loadRateCards } from '../rates/load.ts';
import { nvidiaSmiPath } from '../sample/nvidia-smi-path.ts';
import { demoRecording, openReplay } from '../sample/replay.ts';
import { openSession } from '../store/open.ts';
import { publish, wholeWindow } from './publish.ts';
import { record, type SampledHost } from './record.ts';
import { say } from './stderr.ts';
import { stopOnSignals } from './stop-signals.ts';

/** Two H100, as the recording has. */
const demoMachine = 'gcp/a3-highgpu-2g';
const watchMs = 30_000;

export type DemoFlags = Omit<WatchFlags, 'interval' | 'duration' | 'gpus'>;

/**
 * Shows the whole line: with a GPU it watches this host for half a minute, without one it replays the bundled recording
 * through the same sampler, session and report, and says so.
 */
export async function demo(flags: DemoFlags): Promise<number> {
  const reason = withoutGpu();
  const tell = flags.quiet === true ? () => undefined : say;
  if (reason === null) {
    const { watch } = await import('./watch.ts');
    tell('Watching this host for 30 s; then comes the report.');
    return watch([], { ...flags, interval: 1000, duration: watchMs });
  }
  tell(`${reason}: replaying a bundled synthetic recording of two H100 (40 minutes).`);
  tell(
    flags.machine === undefined
      ? `It is priced as ${demoMachine}; --machine takes another.\n`
      : `It is priced as ${flags.machine}.\n`,
  );
  return replay(flags);
}

/** Why this host can't be watched, or null if it can. */
function withoutGpu(): string | null {
  try {
    nvidiaSmiPath(process.env);
    return null;
  } catch (error) {
    if (error instanceof HostError) return 'No nvidia-smi on this host';
    throw error;
  }
}

async function replay(flags: DemoFlags): Promise<number> {
  const output = outputSettings(flags);
  const example = { region: 'us-central1', purchase: 'on-demand' };
  const settings = auditSettings(
    flags.machine === undefined ? { ...example, ...flags, machine: demoMachine } : flags,
    null,
  );
  const cards = await loadRateCards(settings.ratePaths);
  findMachine(cards, { type: settings.machine ?? demoMachine });
  const { intervalMs, ...recording } = openReplay(demoRecording());
  const home = await mkdtemp(join(tmpdir(), 'gpucost-demo-'));
  const stop = stopOnSignals();
  try {
    const path = await record(demoHost(recording, settings.machine ?? demoMachine), {
      home,
      intervalMs,
      durationMs: null,
      gpus: null,
      command: null,
      stop,
      progress: null,
      onLine: () => undefined,
    });
    const session = await openSession(path);
    return await publish([session], cards, settings, wholeWindow, output);
  } finally {
    stop.release();
    await rm(home, { recursive: true, force: true });
  }
}

function demoHost(
  recording: Pick<SampledHost, 'smi' | 'clock' | 'processNames'>,
  machine: string,
): SampledHost {
  return {
    ...recording,
    signals: null,
    // The recording says nothing of its host.
    identity: {
      name: 'demo recording',
      key: 'demo',
      cpus: 0,
      memoryMib: 0,
      bootedAt: null,
      container: false,
    },
    async machine() {
      return {
        ...splitMachine(machine),
        region: null,
        purchase: null,
        detectedBy: 'flag',
        launchedAt: null,
      };
    },
  };
}
